public import APIMachinery

/// One resource as the handlers see it: what it is, and — by the protocols it conforms to besides — what can be done with it.
///
/// A resource that can be read conforms to `Getter`, one that can be listed to `Lister`, and so on: there is no verb to
/// declare anywhere. Every method throws `StatusError` for what a client may be told; any other error is answered with
/// 500 and a fixed text, and logged with its cause.
public protocol RESTStorage: Sendable {
    /// Names and scope.
    var description: ResourceDescription { get }
    /// The columns of its Table, in order; the cells of each `EncodedObject` follow them.
    var columns: [TableColumn] { get }
    /// The shape of one object: drives pruning, defaults and the unknown-field check of what clients send, and is what
    /// `kubectl explain` tells.
    var schema: Schema { get }
    /// The version of the newest state that this storage shows; costs no I/O.
    var currentVersion: ResourceVersion { get }
}

/// A storage that reads one object (verb `get`).
public protocol Getter: RESTStorage {
    /// The object, or 404.
    ///
    /// The handler has already waited until `currentVersion` reached `options.resourceVersion`.
    func get(_ key: ObjectKey, _ options: GetOptions, _ request: AuthorizedRequest) async throws -> EncodedObject

    /// The object if it can be had without I/O and without waiting; nil means: ask ``get(_:_:_:)``.
    ///
    /// Called on the event loop, and first: such a read costs no task.
    func getAtOnce(_ key: ObjectKey, _ options: GetOptions, _ request: AuthorizedRequest) throws -> EncodedObject?
}

extension Getter {
    /// Nothing.
    public func getAtOnce(
        _ key: ObjectKey, _ options: GetOptions, _ request: AuthorizedRequest
    ) throws -> EncodedObject? { nil }
}

/// A storage that lists its objects in pages of one snapshot (verb `list`).
public protocol Lister: RESTStorage {
    /// One page, sorted by (namespace, name) bytewise.
    ///
    /// An unlimited list is many such calls, each but the first with the first page's snapshot. An unknown namespace is an
    /// empty page. Throws 410 `Expired` where `query.snapshot` is no longer kept.
    func page(_ query: ListQuery, _ request: AuthorizedRequest) async throws -> ListPage
}

/// A storage that makes objects (verb `create`).
public protocol Creator: RESTStorage {
    /// The largest body of a create, in bytes; 3 MiB unless said otherwise.
    var bodyLimit: Int { get }
    /// The rule for names, given by clients or made of a `generateName`; RFC 1123 subdomains unless said otherwise.
    var nameRule: Names.Rule { get }
    /// What is wrong with the object beyond its schema and its metadata. Called only for objects that fit the schema.
    func validate(_ object: DecodedObject, _ request: AuthorizedRequest) -> FieldErrorList
    /// Stores the object and returns it as stored; 409 `AlreadyExists` if the name is taken.
    ///
    /// With `options.dryRun` nothing may be kept, sent or started, and the answer carries no resourceVersion. The metadata
    /// is complete (uid, creationTimestamp, generation, namespace, name), the name empty only where the storage chooses it;
    /// `object.value["metadata"]` is what the client sent and must not be used.
    func create(
        _ object: DecodedObject, _ options: CreateOptions, _ request: AuthorizedRequest
    ) async throws -> EncodedObject
}

extension Creator {
    /// 3 MiB, as kube-apiserver.
    public var bodyLimit: Int { RequestBodyLimits.standard }

    /// RFC 1123 subdomains.
    public var nameRule: Names.Rule { Names.dns1123Subdomain }

    /// Nothing more to check.
    public func validate(_ object: DecodedObject, _ request: AuthorizedRequest) -> FieldErrorList { FieldErrorList() }
}

/// A storage that removes objects (verb `delete`, and `deletecollection` where it is a `Lister` too).
public protocol Deleter: RESTStorage {
    /// Removes the object, or marks it where finalizers are left; 404, or 409 where a precondition doesn't hold.
    func delete(_ key: ObjectKey, _ options: DeleteOptions, _ request: AuthorizedRequest) async throws -> DeleteResult
}

/// What became of an object that was to be deleted.
public enum DeleteResult: Sendable {
    /// It is gone; `uid` lets the client tell it from a successor of the same name. `object` is its last state.
    case deleted(uid: String, object: EncodedObject)
    /// Finalizers are left: it has a deletionTimestamp and will go when they do.
    case marked(EncodedObject)

    /// The object's state after the deletion.
    public var object: EncodedObject {
        switch self {
        case .deleted(_, let object), .marked(let object): object
        }
    }
}

/// A storage whose changes can be followed (verb `watch`).
public protocol Watcher: Lister {
    /// The changes after `query.after`, in order of their resourceVersions, none missing.
    ///
    /// The initial state is not the storage's matter: the handler lists it by `page`. Throws 410 `Expired` where the
    /// history doesn't reach back that far.
    func watch(_ query: WatchQuery, _ request: AuthorizedRequest) async throws -> any WatchSource
}

/// The limits of request bodies that no resource asks to be different.
public enum RequestBodyLimits {
    /// 3 MiB, kube-apiserver's limit.
    public static let standard = 3 * 1024 * 1024
}
