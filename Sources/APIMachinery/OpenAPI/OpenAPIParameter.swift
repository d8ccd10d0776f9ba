/// A parameter of an operation or path.
struct OpenAPIParameter: Sendable {
    enum Place: String, Sendable { case path, query }
    enum ValueType: String, Sendable { case string, integer, boolean }

    let name: String
    let place: Place
    let type: ValueType
    let description: String

    init(_ name: String, _ description: String, _ type: ValueType = .string, in place: Place = .query) {
        self.name = name
        self.description = description
        self.type = type
        self.place = place
    }

    /// The parameter as the document has it.
    func document(_ dialect: OpenAPIDialect) -> JSONValue {
        var object: JSONObject = [
            "name": .string(name), "in": .string(place.rawValue), "description": .string(description),
        ]
        if place == .path { object["required"] = true }
        switch dialect {
        case .v2: object["type"] = .string(type.rawValue)
        case .v3: object["schema"] = ["type": .string(type.rawValue)]
        }
        return .object(object)
    }
}

extension OpenAPIParameter {
    // MARK: Of paths

    static let namespace = OpenAPIParameter("namespace", "The namespace: object name and auth scope.", in: .path)
    static func name(_ kind: String) -> OpenAPIParameter {
        OpenAPIParameter("name", "The name of the \(kind).", in: .path)
    }
    static let pretty = OpenAPIParameter("pretty", "If 'true', the answer is indented for people.")

    // MARK: Of verbs

    private static let dryRun = OpenAPIParameter("dryRun", "All: every stage runs, nothing is stored.")
    private static let version = OpenAPIParameter(
        "resourceVersion", "How old the answer may be: at least this version; 0 means any.")

    static let get = [version]

    static let write = [
        dryRun,
        OpenAPIParameter(
            "fieldManager", "The name of the actor that makes the change, at most 128 printable characters."),
        OpenAPIParameter(
            "fieldValidation",
            "What to do about unknown and duplicate fields: Ignore drops them, Warn drops them and tells in warnings (the "
                + "default), Strict refuses the request with 400."),
    ]

    static let force = OpenAPIParameter("force", "Apply only: take over fields that others manage.", .boolean)

    static let delete = [
        dryRun,
        OpenAPIParameter(
            "gracePeriodSeconds", "Seconds the object may take to terminate; zero means at once.", .integer),
        OpenAPIParameter("orphanDependents", "Deprecated: use propagationPolicy.", .boolean),
        OpenAPIParameter("propagationPolicy", "What becomes of dependents: Orphan, Background or Foreground."),
    ]

    /// Of a list that can't be watched.
    static let list = [
        OpenAPIParameter("continue", "The token of the list before, which ended there."),
        OpenAPIParameter("fieldSelector", "Only objects whose fields match, such as metadata.name=a."),
        OpenAPIParameter("labelSelector", "Only objects whose labels match, such as app in (a,b),!canary."),
        OpenAPIParameter("limit", "At most so many objects; more are told by a continue token.", .integer),
        version,
        OpenAPIParameter("resourceVersionMatch", "How resourceVersion counts: NotOlderThan or Exact."),
        OpenAPIParameter("timeoutSeconds", "How long the call, or the watch, may take.", .integer),
    ]

    /// Of a list that can be watched, besides.
    static let watch = [
        OpenAPIParameter("allowWatchBookmarks", "Whether a watch may have events of type BOOKMARK.", .boolean),
        OpenAPIParameter(
            "sendInitialEvents", "Whether a watch begins with the present state and a bookmark behind it.", .boolean),
        OpenAPIParameter("watch", "Whether changes are followed, as a stream of events, instead of listing.", .boolean),
    ]
}
