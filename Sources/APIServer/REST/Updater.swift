public import APIMachinery

/// A storage whose objects can be changed (verbs `update` and `patch`).
///
/// What an update may do and means is decided in ``ObjectUpdate``, the same for all resources; a storage adds the rules of
/// its own (`prepare`, `validate`) and carries the result out without losing anybody else's change (`update`).
public protocol Updater: RESTStorage {
    /// The shape of the object as clients send it back; the resource's `schema` unless a creation has fields of its own.
    var updateSchema: Schema { get }
    /// The largest body of an update or a patch, and the largest object that they may make, in bytes; 3 MiB unless said
    /// otherwise.
    var updateBodyLimit: Int { get }
    /// Puts back what clients can't change without being refused for it. Returns what to warn of.
    ///
    /// `status` and the server's metadata have been put back already.
    func prepare(_ new: inout DecodedObject, replacing old: DecodedObject) -> [String]
    /// What is wrong with the change beyond schema and metadata, such as an immutable field that differs.
    func validate(_ new: DecodedObject, replacing old: DecodedObject) -> FieldErrorList
    /// Carries out `change.outcome(for:)` for the latest state of the object and returns the new state; 404 if there is none.
    ///
    /// Another write in between must not be lost: the outcome is computed anew from the state that it made. With `dryRun`
    /// nothing is kept. Computing an outcome may take milliseconds; called off the event loops.
    func update(
        _ key: ObjectKey, _ change: ObjectUpdate, dryRun: Bool, _ request: AuthorizedRequest
    ) async throws -> EncodedObject
}

extension Updater {
    /// The one shape of the resource.
    public var updateSchema: Schema { schema }

    /// 3 MiB, as kube-apiserver.
    public var updateBodyLimit: Int { RequestBodyLimits.standard }

    /// Nothing to put back.
    public func prepare(_ new: inout DecodedObject, replacing old: DecodedObject) -> [String] { [] }

    /// Nothing more to check.
    public func validate(_ new: DecodedObject, replacing old: DecodedObject) -> FieldErrorList { FieldErrorList() }
}
