internal import APIMachinery
internal import ProfileStore

/// The shape of a Profile as clients send it (`api.md` 3).
enum ProfileSchema {
    static let type = Schema.enumeration(ProfileType.allCases.map(\.rawValue))

    static let schema = Schema.resource([
        Schema.Field("spec", spec, "What was profiled. Immutable.", required: true),
        Schema.Field("status", status, "Read from the profile's bytes by the server; what a client sends is ignored."),
    ])
    .described("A profile of a running program, such as where its CPU time or its memory goes.")

    /// A profile as it is answered and sent back: without its bytes.
    static let storedSchema = Schema.resource([
        Schema.Field("spec", storedSpec, "What was profiled. Immutable.", required: true),
        Schema.Field("status", status, "Read from the profile's bytes by the server; what a client sends is ignored."),
    ])

    private static let spec = Schema.object(
        fields + [
            Schema.Field(
                "data", .bytes.neverReturned,
                "The profile itself: base64 of a pprof protobuf, gzipped or not. Required to create one; never returned.",
                required: true)
        ]
    )
    .described("What was profiled, and the profile itself.")
    .named(ProfilesGroup.definition("ProfileSpec"))

    private static let storedSpec = Schema.object(
        fields + [
            Schema.Field("data", .any.neverReturned, "Never returned; a profile's bytes can't be changed.")
        ])

    private static let fields = [
        Schema.Field("id", .string, "The exact profefe id. Set by the server."),
        Schema.Field(
            "service", .string(minLength: 1, maxLength: 253), "The service that the profile belongs to.", required: true
        ),
        Schema.Field("type", type, "The kind of profile, under the names of Go's net/http/pprof.", required: true),
        Schema.Field(
            "labels", .array(of: label, topology: .atomic, maxItems: ProfileLabels.limit),
            "Labels of the profile in the order given, duplicates kept, as profefe keeps them."),
        Schema.Field(
            "createdAt", .time,
            "When the profile was taken, not before 1970. The time in the profile goes before it; default: the time of receipt."
        ),
        Schema.Field("instance", .string(maxLength: 253), "The address of the profiled process."),
        Schema.Field("podRef", podRef, "The profiled pod."),
        Schema.Field("container", .string(maxLength: 63), "The profiled container."),
        Schema.Field("nodeName", .string(maxLength: 253), "The node that the pod ran on."),
        Schema.Field("source", source, "How the profile came in. Set by the server."),
    ]

    private static let label = Schema.object([
        Schema.Field(
            "key", .string(minLength: 1, maxLength: ProfileLabels.longestKey), "The label's key.", required: true),
        Schema.Field("value", .string(maxLength: ProfileLabels.longestValue), "The label's value."),
    ])
    .described("A label of a profile.")
    .named(ProfilesGroup.definition("ProfileLabel"))

    private static let podRef = Schema.object([
        Schema.Field("name", .string(minLength: 1, maxLength: 253), "The pod's name.", required: true),
        Schema.Field("uid", .string(maxLength: 64), "The pod's uid."),
    ])
    .described("A pod of the profile's namespace.")
    .named(ProfilesGroup.definition("PodReference"))
}
