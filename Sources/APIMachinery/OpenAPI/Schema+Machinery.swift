// The types that requests and answers have beside the kinds themselves; descriptions after Kubernetes' own.

extension Schema {
    private static let package = "io.k8s.apimachinery.pkg.apis.meta.v1"

    private static let typeFields = [
        Field("apiVersion", .string, "The versioned schema of this representation of an object."),
        Field("kind", .string, "The REST resource this object represents."),
    ]

    /// `ListMeta`.
    static let listMeta = object([
        Field(
            "continue", .string,
            "Set where the list has more objects: the token to go on with."),
        Field("remainingItemCount", .integer(), "How many objects follow, where that is known. An estimate."),
        Field("resourceVersion", .string, "The version of the state that was listed; watches start there."),
        Field("selfLink", .string, "Deprecated, not populated."),
    ])
    .described("Metadata of lists.")
    .named("\(package).ListMeta")

    /// The list of a kind.
    static func list(of item: Schema, kind: GroupVersionKind) -> Schema {
        object(
            typeFields + [
                Field("items", array(of: item), "The objects.", required: true),
                Field("metadata", listMeta, "Standard list metadata."),
            ]
        )
        .described("A list of \(kind.kind) objects.")
        .named(kind.definitionName + "List")
    }

    /// `Patch`. The bodies are JSON of several shapes; Kubernetes calls them all objects.
    static let patch = object([])
        .described("The body of a patch; its shape follows from its media type.")
        .named("\(package).Patch")

    /// `DeleteOptions`.
    static let deleteOptions = object(
        typeFields + [
            Field("dryRun", array(of: .string), "All: every stage runs, nothing is stored."),
            Field(
                "gracePeriodSeconds", .integer(), "Seconds the object may take to terminate; zero means at once."),
            Field("orphanDependents", .boolean, "Deprecated: use propagationPolicy."),
            Field(
                "preconditions",
                object([
                    Field("resourceVersion", .string, "The version that the object must have."),
                    Field("uid", .string, "The UID that the object must have."),
                ])
                .described("What must hold for the object that is deleted; else the answer is 409.")
                .named("\(package).Preconditions"), "What must hold for the object; else the answer is 409."),
            Field("propagationPolicy", .string, "What becomes of dependents: Orphan, Background or Foreground."),
        ]
    )
    .described("The options of a deletion.")
    .named("\(package).DeleteOptions")

    /// `Status`.
    static let status = object(
        typeFields + [
            Field("code", .integer(.int32), "The HTTP status code."),
            Field("details", statusDetails, "What the reason is about."),
            Field("message", .string, "What happened, for people."),
            Field("metadata", listMeta, "Standard list metadata."),
            Field("reason", .string, "Why, in one word for programs; empty where it isn't known."),
            Field("status", .string, "Success or Failure."),
        ]
    )
    .described("The outcome of a request that returns no object.")
    .named("\(package).Status")

    private static let statusDetails = object([
        Field("causes", array(of: statusCause), "More about the reason; may be incomplete."),
        Field("group", .string, "The API group of the resource."),
        Field("kind", .string, "The kind, or the plural name of the resource."),
        Field("name", .string, "The name of the object."),
        Field("retryAfterSeconds", .integer(.int32), "When to try again; for some reasons."),
        Field("uid", .string, "The UID of the object."),
    ])
    .described("What a status is about, by reason.")
    .named("\(package).StatusDetails")

    private static let statusCause = object([
        Field(
            "field", .string, "The field, in dotted form with indexes: metadata.labels, items[0].name."),
        Field("message", .string, "What is wrong, for people."),
        Field("reason", .string, "What is wrong, in one word for programs."),
    ])
    .described("One fault.")
    .named("\(package).StatusCause")
}

extension Schema {
    /// `APIResourceList`.
    static let apiResourceList = object(
        typeFields + [
            Field("groupVersion", .string, "The group and version that this is about.", required: true),
            Field("resources", array(of: apiResource), "The resources and subresources.", required: true),
        ]
    )
    .described("The resources of a group version.")
    .named("\(package).APIResourceList")

    private static let apiResource = object([
        Field("categories", array(of: .string), "The groups of resources that it belongs to, such as all."),
        Field("group", .string, "The group of the kind, where it isn't the list's."),
        Field("kind", .string, "The kind of its objects.", required: true),
        Field("name", .string, "The plural name.", required: true),
        Field("namespaced", .boolean, "Whether its objects live in namespaces.", required: true),
        Field("shortNames", array(of: .string), "Short names for the command line."),
        Field("singularName", .string, "The singular name.", required: true),
        Field("storageVersionHash", .string, "Changes with the form in which objects are stored."),
        Field("verbs", array(of: .string), "What can be done.", required: true),
        Field("version", .string, "The version of the kind, where it isn't the list's."),
    ])
    .described("The names and verbs of a resource.")
    .named("\(package).APIResource")
}
