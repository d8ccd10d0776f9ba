internal import APIMachinery

/// `DELETE` of one object (conformance 8.11).
///
/// Gone: 200 and a Status whose `details.uid` lets `kubectl delete --wait` tell a successor of the same name. Finalizers
/// left: 200 and the object.
struct DeleteHandler: Sendable {
    let context: ResourceContext
    let deleter: any Deleter

    func respond(to request: AuthorizedRequest, key: ObjectKey) async throws -> APIResponse {
        let output = try ObjectOutput(request, context: context)
        let options = try await DeleteOptionsReader(context: context).read(request)
        switch try await deleter.delete(key, options, request) {
        case .deleted(let uid, _):
            return try output.response(Status.deleted(context.groupResource, name: key.name, uid: uid))
        case .marked(let object):
            return try output.response(object)
        }
    }
}
