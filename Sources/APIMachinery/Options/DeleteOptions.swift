/// The options of a delete, from its body or, without one, from its query (conformance 8.11).
public struct DeleteOptions: Sendable, Hashable {
    /// What happens to the objects that the deleted one owns.
    public enum PropagationPolicy: String, Sendable, Hashable {
        case foreground = "Foreground"
        case background = "Background"
        case orphan = "Orphan"
    }

    /// What must hold of the object, else the deletion is a conflict.
    public struct Preconditions: Sendable, Hashable {
        /// The object's uid.
        public var uid: String?
        /// The object's resourceVersion, as text: any text that isn't the object's own mismatches.
        public var resourceVersion: String?

        /// Preconditions of their parts; without any nothing is demanded.
        public init(uid: String? = nil, resourceVersion: String? = nil) {
            self.uid = uid
            self.resourceVersion = resourceVersion
        }

        /// Whether nothing is demanded.
        public var isEmpty: Bool { uid == nil && resourceVersion == nil }
    }

    /// How long the object may take to go; negative values count as 1.
    public var gracePeriodSeconds: Int64?
    /// What happens to owned objects; nil leaves it to the resource.
    public var propagationPolicy: PropagationPolicy?
    /// The deprecated form of the policy: true is Orphan, false is Background.
    public var orphanDependents: Bool?
    /// Whether nothing may be stored.
    public var dryRun = false
    /// What must hold of the object.
    public var preconditions = Preconditions()

    /// The defaults.
    public init() {}

    /// The policy, whichever way it was given.
    public var effectivePolicy: PropagationPolicy? {
        propagationPolicy ?? orphanDependents.map { $0 ? .orphan : .background }
    }

    /// Reads and checks the options of a request.
    ///
    /// - Parameters:
    ///   - body: the decoded body, nil if it is empty.
    ///   - groupVersion: the group version of the resource, whose `DeleteOptions` is accepted too.
    /// - Throws: 400 for another kind or a value of the wrong type, 422 for values that aren't allowed.
    public init(
        query: QueryItems, body: JSONValue?, groupVersion: GroupVersion
    ) throws(StatusError) {
        if let body {
            try self.init(body: body, groupVersion: groupVersion)
        } else {
            try self.init(query: query)
        }
    }

    /// Reads and checks the options in a query; preconditions can't be given there.
    ///
    /// - Throws: 400 or 422.
    public init(query: QueryItems) throws(StatusError) {
        gracePeriodSeconds = try query.integer("gracePeriodSeconds").map { $0 < 0 ? 1 : $0 }
        orphanDependents = query.flag("orphanDependents")
        try check(policy: query["propagationPolicy"], dryRuns: query.all("dryRun").filter { !$0.isEmpty })
    }

    private mutating func check(policy: String?, dryRuns: [String]) throws(StatusError) {
        var errors = FieldErrorList()
        let path = FieldPath("propagationPolicy")
        if let policy {
            if orphanDependents != nil {
                errors.append(
                    .invalid(path, .text(policy), "orphanDependents and deletionPropagation cannot be both set"))
            }
            propagationPolicy = PropagationPolicy(rawValue: policy)
            if propagationPolicy == nil {
                let supported = ["Foreground", "Background", "Orphan", "nil"]
                errors.append(.notSupported(path, .text(policy), supported: supported))
            }
        }
        dryRun = !dryRuns.isEmpty
        try OptionsKind.delete.check(errors + OptionsKind.dryRunErrors(dryRuns))
    }

    private init(body: JSONValue, groupVersion: GroupVersion) throws(StatusError) {
        guard let object = body.objectValue else {
            throw .badRequest("couldn't get version/kind; json parse error: the body must be an object")
        }
        var reader = MemberReader(object, path: .root)
        let kind = reader.string("kind") ?? ""
        let apiVersion = reader.string("apiVersion") ?? ""
        guard kind.isEmpty || kind == "DeleteOptions",
            ["", "v1", "meta.k8s.io/v1", groupVersion.description].contains(apiVersion)
        else {
            let version = apiVersion.isEmpty ? groupVersion.description : apiVersion
            throw .badRequest(
                "no kind \((kind.isEmpty ? "DeleteOptions" : kind).quoted) is registered for version "
                    + "\(version.quoted)")
        }
        gracePeriodSeconds = reader.integer("gracePeriodSeconds").map { $0 < 0 ? 1 : $0 }
        orphanDependents = reader.bool("orphanDependents")
        let policy = reader.string("propagationPolicy")
        let dryRuns = reader.strings("dryRun") ?? []
        if var demanded = reader.object("preconditions") {
            preconditions = Preconditions(
                uid: demanded.string("uid"), resourceVersion: demanded.string("resourceVersion"))
            reader.errors += demanded.errors
        }
        if let fault = reader.errors.errors.first {
            throw .badRequest("DeleteOptions in version \"v1\" cannot be handled as a DeleteOptions: \(fault)")
        }
        try check(policy: policy, dryRuns: dryRuns)
    }
}
