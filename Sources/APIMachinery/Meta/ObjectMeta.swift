/// What every object carries: `ObjectMeta` of `meta.k8s.io/v1`.
public struct ObjectMeta: Sendable, Equatable {
    /// The name, unique within namespace and resource.
    public var name = ""
    /// What a name is made from if none is given.
    public var generateName = ""
    /// The namespace; empty for cluster-scoped objects.
    public var namespace = ""
    /// The identity over time: a lower-case UUID.
    public var uid = ""
    /// The version of the last write; nil before the first.
    public var resourceVersion: ResourceVersion?
    /// Counts the changes of the spec, from 1.
    public var generation: Int64 = 0
    /// When the object was made.
    public var creationTimestamp: Timestamp?
    /// When deletion was asked for, if finalizers keep the object.
    public var deletionTimestamp: Timestamp?
    /// How long the object had left to go, in seconds.
    public var deletionGracePeriodSeconds: Int64?
    /// What the object can be selected by.
    public var labels = Labels()
    /// Everything else that is kept with the object.
    public var annotations = Labels()
    /// Which objects this one goes away with.
    public var ownerReferences: [OwnerReference] = []
    /// Who must agree before the object goes away.
    public var finalizers: [String] = []
    /// Who owns which fields, as it stands on the wire; nil if that isn't tracked. ``ManagedFields`` reads and makes it.
    public var managedFields: JSONValue?

    /// Metadata without anything.
    public init() {}

    /// Metadata of a name and a namespace.
    public init(name: String, namespace: String = "") {
        self.name = name
        self.namespace = namespace
    }

    /// Namespace and name.
    public var key: ObjectKey { ObjectKey(namespace: namespace, name: name) }
}

/// A reference to an object that owns this one: `OwnerReference` of `meta.k8s.io/v1`.
public struct OwnerReference: Sendable, Hashable {
    /// The owner's group version.
    public var apiVersion: String
    /// The owner's kind.
    public var kind: String
    /// The owner's name; it lives in the same namespace or in none.
    public var name: String
    /// The owner's uid.
    public var uid: String
    /// Whether the owner manages this object; nil if not said.
    public var controller: Bool?
    /// Whether the owner's foreground deletion waits for this object; nil if not said.
    public var blockOwnerDeletion: Bool?

    /// A reference of its parts.
    public init(
        apiVersion: String, kind: String, name: String, uid: String, controller: Bool? = nil,
        blockOwnerDeletion: Bool? = nil
    ) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.name = name
        self.uid = uid
        self.controller = controller
        self.blockOwnerDeletion = blockOwnerDeletion
    }
}
