internal import APIMachinery
internal import ProfileStore

/// The shape of a ProfileCapture as clients send it (`api.md` 4).
enum CaptureSchema {
    static let schema = Schema.resource([
        Schema.Field("spec", spec, "What to profile. Immutable.", required: true),
        Schema.Field("status", status, "How far the capture is. Set by the server; what a client sends is ignored."),
    ])
    .described("A request to take profiles of running pods, and how far that is.")

    private static let spec = Schema.object([
        Schema.Field("target", target, "The pods to profile.", required: true),
        Schema.Field(
            "container", .string(minLength: 1, maxLength: 63),
            "The container that is meant where several declare a port of the same name."),
        Schema.Field(
            "maxPods", .integer(.int32, minimum: 1, maximum: 1000),
            "At most so many pods are profiled, ready ones first.", default: 10),
        Schema.Field(
            "types", .array(of: .enumeration(takeable), topology: .set, minItems: 1),
            "The kinds of profile to take, of each pod one after another, cpu first.",
            default: ["cpu", "heap", "goroutine"]),
        Schema.Field(
            "duration", .duration,
            "How long cpu and trace are taken, and the others if delta is true: whole seconds from 1s to 5m.",
            default: "30s"),
        Schema.Field(
            "delta", .boolean, "Take heap, allocs, block, mutex and goroutine as the change over the duration.",
            default: false),
        Schema.Field("endpoint", endpoint, "Where the pods serve their profiles; goes before the pods' annotations."),
        Schema.Field(
            "parallelism", .integer(.int32, minimum: 1, maximum: 100), "Pods that are profiled at a time.", default: 5),
        Schema.Field("retry", retry, "What is done if the profiler is busy or the connection is refused."),
        Schema.Field(
            "activeDeadlineSeconds", .integer(.int32, minimum: 1, maximum: 86_400),
            "The whole capture may take so long.", default: 600),
        Schema.Field(
            "ttlSecondsAfterFinished", .integer(.int32, minimum: 0, maximum: 31_536_000),
            "The capture is deleted so long after it ended; its profiles stay. Default: it is kept."),
        Schema.Field(
            "service", .string(minLength: 1, maxLength: 253),
            "The service of the profiles. Default: the annotation profefe.com/service, else the workload's name, else the pod's."
        ),
        Schema.Field("profileLabels", .map(of: .string(maxLength: 1024)), "Further labels of the profiles."),
    ])
    .described("What to profile, and how.")
    .named(ProfilesGroup.definition("ProfileCaptureSpec"))

    /// Every kind that a pprof endpoint serves.
    private static let takeable = ProfileType.allCases.filter { $0 != .other }.map(\.rawValue)

    private static let target = Schema.object([
        Schema.Field("podName", .string(minLength: 1, maxLength: 253), "One pod of the capture's namespace."),
        Schema.Field("selector", .labelSelector, "Every running pod of the namespace that the selector matches."),
    ])
    .described("Says which pods are meant, by exactly one of its members.")
    .named(ProfilesGroup.definition("CaptureTarget"))

    private static let endpoint = Schema.object([
        Schema.Field(
            "port", .integerOrString, "A port number or the name of a declared port. Default: annotation, else 6060."),
        Schema.Field(
            "path", .string(maxLength: 256), "The parent of the pprof handlers. Default: annotation, else /debug/pprof."
        ),
        Schema.Field("scheme", .enumeration(["HTTP", "HTTPS"]), "Default: annotation, else HTTP."),
    ])
    .described("Where pods serve their profiles.")
    .named(ProfilesGroup.definition("ProfileEndpoint"))

    private static let retry = Schema.object([
        Schema.Field(
            "limit", .integer(.int32, minimum: 0, maximum: 10), "Further attempts at one profile.", default: 2),
        Schema.Field("backoff", .duration, "The pause before the first; it doubles.", default: "5s"),
    ])
    .described("What is done about a profiler that is busy and a refused connection.")
    .named(ProfilesGroup.definition("CaptureRetry"))
}
