internal import APIMachinery
internal import APIServer
internal import ProfileStore

/// `profileservices`: for now only the parent of the upload path. It has no verbs of its own, and no category, so that
/// `kubectl get profefe` doesn't ask for what can't be listed.
struct ProfileServiceREST: RESTStorage {
    let store: any ObjectStore
    let description = ResourceDescription(
        plural: ProfilesGroup.services, singular: "profileservice", kind: ProfilesGroup.serviceKind,
        shortNames: ["psvc"])
    let columns: [TableColumn] = [.name, .age]
    let schema = Schema.resource([]).described("A service that profiles are uploaded for.")

    var currentVersion: ResourceVersion { store.currentVersion }
}
