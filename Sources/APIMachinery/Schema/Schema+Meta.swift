// The types of meta.k8s.io/v1 that every kind is made of; descriptions after Kubernetes' own.

extension Schema {
    private static let metaPackage = "io.k8s.apimachinery.pkg.apis.meta.v1"

    /// `Time`: RFC 3339.
    public static let time = Schema(.string(StringRules(format: .dateTime)))
        .described("A time in RFC 3339 form, in UTC.").named("\(metaPackage).Time")

    /// `MicroTime`: RFC 3339 with microseconds.
    public static let microTime = Schema(.string(StringRules(format: .dateTime)))
        .described("A time in RFC 3339 form with microseconds, in UTC.").named("\(metaPackage).MicroTime")

    /// `OwnerReference`.
    public static let ownerReference = object(
        [
            Field("apiVersion", .string, "API version of the referent.", required: true),
            Field("kind", .string, "Kind of the referent.", required: true),
            Field("name", .string, "Name of the referent.", required: true),
            Field("uid", .string, "UID of the referent.", required: true),
            Field("controller", .boolean, "If true, this reference points to the managing controller."),
            Field(
                "blockOwnerDeletion", .boolean,
                "If true, and if the owner has the foregroundDeletion finalizer, the owner can't be deleted until "
                    + "this reference is removed."),
        ], topology: .atomic
    )
    .described("Identifies an object that owns this one, in the same namespace or cluster-scoped.")
    .named("\(metaPackage).OwnerReference")

    private static let fieldsV1 =
        any
        .described(
            "A set of fields: f:NAME for a field, k:KEYS and v:VALUE for elements of lists, . for the value itself."
        )
        .named("\(metaPackage).FieldsV1")

    /// `ManagedFieldsEntry`.
    public static let managedFieldsEntry = object([
        Field("apiVersion", .string, "The version of the resource that this field set applies to."),
        Field("fieldsType", .string, "The format of fieldsV1: FieldsV1."),
        Field("fieldsV1", fieldsV1, "The set of owned fields."),
        Field("manager", .string, "The workflow managing these fields."),
        Field("operation", .string, "The operation that led to this entry: Apply or Update."),
        Field("subresource", .string, "The subresource used to update the object, empty for the object itself."),
        Field("time", time, "When the entry was added or its fields last changed."),
    ])
    .described("A set of fields and who owns them.")
    .named("\(metaPackage).ManagedFieldsEntry")

    /// `ObjectMeta`. `creationTimestamp` may be null, as Go's clients send it.
    public static let objectMeta = object([
        Field("annotations", map(of: .string), "Free-form key-value pairs kept with the object."),
        Field("creationTimestamp", time, "When the object was created. Read-only."),
        Field(
            "deletionGracePeriodSeconds", .integer(),
            "Seconds the object may take to terminate, set with deletionTimestamp. Read-only."),
        Field("deletionTimestamp", time, "When the object was asked to be deleted. Read-only."),
        Field(
            "finalizers", array(of: .string, topology: .set),
            "Must be empty before the object is removed; each entry is an identifier for who will remove it."),
        Field("generateName", .string, "A prefix from which the server makes a unique name if name is empty."),
        Field("generation", .integer(), "Counts the changes of the desired state. Read-only."),
        Field("labels", map(of: .string), "Key-value pairs by which objects are organized and selected."),
        Field(
            "managedFields", array(of: managedFieldsEntry),
            "Maps workflow ids to the fields they own. For internal housekeeping."),
        Field("name", .string, "Name, unique within a namespace. Cannot be updated."),
        Field("namespace", .string, "The space within which each name must be unique. Cannot be updated."),
        Field(
            "ownerReferences", array(of: ownerReference, topology: .map(keys: ["uid"])),
            "Objects this one depends on; it is deleted when all of them are gone."),
        Field(
            "resourceVersion", .string,
            "An opaque value for the version of the object, used for optimistic concurrency. Read-only."),
        Field("selfLink", .string, "Deprecated, not populated."),
        Field("uid", .string, "Unique in time and space. Read-only."),
    ])
    .described("Metadata that all persisted resources must have.")
    .named("\(metaPackage).ObjectMeta")

    /// `LabelSelector`; its rules are checked when it is read (`LabelSelector(json:path:errors:)`).
    public static let labelSelector = object(
        [
            Field(
                "matchExpressions",
                array(
                    of: object([
                        Field("key", .string, "The label key that the selector applies to.", required: true),
                        Field("operator", .string, "In, NotIn, Exists or DoesNotExist.", required: true),
                        Field(
                            "values", array(of: .string),
                            "Operands; must be non-empty for In and NotIn, empty for Exists and DoesNotExist."),
                    ])
                    .described("A requirement that relates a key and values.")
                    .named("\(metaPackage).LabelSelectorRequirement")), "Requirements, all of which must hold."),
            Field("matchLabels", map(of: .string), "Key-value pairs, all of which must be present."),
        ], topology: .atomic
    )
    .described("A query over labels; all parts must hold, the empty one matches everything.")
    .named("\(metaPackage).LabelSelector")

    /// `Condition`; lists of them are maps by `type`.
    public static let condition = object([
        Field("lastTransitionTime", time, "When the status last changed.", required: true),
        Field("message", .string(maxLength: 32768), "Details for people; may be empty.", required: true),
        Field(
            "observedGeneration", .integer(minimum: 0), "The metadata.generation that the condition was set upon."),
        Field(
            "reason",
            .string(
                minLength: 1, maxLength: 1024, pattern: "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$", rule: reasonRule),
            "The reason for the last transition, one word in CamelCase.", required: true),
        Field("status", .enumeration(["True", "False", "Unknown"]), "True, False or Unknown.", required: true),
        Field("type", .string(maxLength: 316, rule: Names.qualifiedName), "Type of the condition.", required: true),
    ])
    .described("One aspect of the current state of this object.")
    .named("\(metaPackage).Condition")

    /// A list of conditions.
    public static let conditions = array(of: condition, topology: .map(keys: ["type"]))

    /// A kind: `apiVersion`, `kind`, `metadata`, and the fields of its own (`spec`, `status`).
    public static func resource(_ fields: [Field]) -> Schema {
        object(
            [
                Field("apiVersion", .string, "The versioned schema of this representation of an object."),
                Field("kind", .string, "The REST resource this object represents."),
                Field("metadata", objectMeta, "Standard object metadata."),
            ] + fields)
    }

    /// `[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?`
    private static let reasonRule: Names.Rule = { text in
        let bytes = text.utf8
        let isWord = { (byte: UInt8) in byte.isAlphanumeric || byte == UInt8(ascii: "_") }
        let isInner = { (byte: UInt8) in isWord(byte) || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ":") }
        if let first = bytes.first, let last = bytes.last, first.isAlphanumeric, !first.isDigit, isWord(last),
            bytes.allSatisfy(isInner)
        {
            return []
        }
        return [
            "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric "
                + "characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or "
                + "'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is "
                + "'[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')"
        ]
    }
}
