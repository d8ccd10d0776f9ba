/// What a resource is called and how it is addressed; its verbs are not said here but computed from what its storage can do.
public struct ResourceDescription: Sendable, Hashable {
    /// The path segment: `widgets`.
    public var plural: String
    /// The singular word that `kubectl get widget x` understands.
    public var singular: String
    /// The `kind` of one object: `Widget`. A list's kind is this and `List`.
    public var kind: String
    /// Whether objects live in namespaces.
    public var namespaced: Bool
    /// Short names for the command line.
    public var shortNames: [String]
    /// Groups of resources one can ask for at once.
    public var categories: [String]
    /// Fields that a field selector may name, besides `metadata.name` and `metadata.namespace`.
    public var selectableFields: Set<String>
    /// Who chooses the name of an object that comes without one.
    public var naming: Naming
    /// Verbs that are served but not told in discovery.
    ///
    /// Discovery drives controllers: a resource that advertises delete, list and watch has the metadata of every object
    /// cached by the garbage collector and by the quota monitors.
    public var unadvertisedVerbs: Set<Verb>
    /// Verbs that the storage could serve and doesn't, and why: 405 with that reason, and not told in discovery.
    public var refusedVerbs: [Verb: String] = [:]

    /// Who chooses the name of an object that comes with neither `name` nor `generateName`.
    public enum Naming: Sendable, Hashable {
        /// The client has to: without, the answer is 422.
        case byClient
        /// The storage does, in `create`.
        case byStorage
    }

    /// Describes a resource; the defaults are those of a namespaced resource with nothing special about it.
    public init(
        plural: String, singular: String, kind: String, namespaced: Bool = true, shortNames: [String] = [],
        categories: [String] = [], selectableFields: Set<String> = [], naming: Naming = .byClient,
        unadvertisedVerbs: Set<Verb> = []
    ) {
        self.plural = plural
        self.singular = singular
        self.kind = kind
        self.namespaced = namespaced
        self.shortNames = shortNames
        self.categories = categories
        self.selectableFields = selectableFields
        self.naming = naming
        self.unadvertisedVerbs = unadvertisedVerbs
    }

    /// The kind of a list of these objects.
    public var listKind: String { kind + "List" }
}
