internal import APIMachinery

// What the server says of a Profile.

extension ProfileSchema {
    /// `spec.source`.
    static let source = Schema.object([
        Schema.Field(
            "kind", .string,
            "Capture for a profile that a ProfileCapture took, Upload for one that was sent, Agent for one that was sent by profefe's own API, Imported for one of a profefe collector."
        ),
        Schema.Field("name", .string, "The name of what took it."),
        Schema.Field("requestedBy", .string, "The user who asked for the capture or sent the profile."),
    ])
    .described("How the profile came in.")
    .named(ProfilesGroup.definition("ProfileSource"))
    .setByServer

    /// `status`.
    static let status = Schema.object([
        Schema.Field("sizeBytes", .integer(), "The size of the profile's bytes, as they were received."),
        Schema.Field("sha256", .string, "The SHA-256 of these bytes in hex."),
        Schema.Field("sampleCount", .integer(), "How many samples the profile has. Execution traces have no samples."),
        Schema.Field("duration", .duration, "How long it was taken, where the profile says."),
        Schema.Field("period", period, "How often was sampled."),
        Schema.Field("sampleTypes", .array(of: sampleType), "What was measured, in the profile's order."),
        Schema.Field(
            "expiresAt", .time,
            "When the server will delete the profile for its age; absent if it won't. A limit of space may want it earlier; the label profefe.io/pinned=true exempts it from both."
        ),
        Schema.Field("conditions", .conditions, "Readable: the profile was decoded and is stored."),
    ])
    .described("What the bytes of a profile say.")
    .named(ProfilesGroup.definition("ProfileStatus"))
    .setByServer

    private static let period = Schema.object([
        Schema.Field("type", .string, "What is counted between samples, such as cpu."),
        Schema.Field("unit", .string, "Its unit, such as nanoseconds."),
        Schema.Field("value", .integer(), "So many units lie between samples."),
    ])
    .described("The period between the samples of a profile.")
    .named(ProfilesGroup.definition("SamplePeriod"))

    private static let sampleType = Schema.object([
        Schema.Field("type", .string, "What is measured, such as cpu or alloc_space."),
        Schema.Field("unit", .string, "Its unit, such as nanoseconds or bytes."),
        Schema.Field("total", .integer(), "The sum over all samples."),
    ])
    .described("What a profile measures, and how much of it in all.")
    .named(ProfilesGroup.definition("SampleType"))
}
