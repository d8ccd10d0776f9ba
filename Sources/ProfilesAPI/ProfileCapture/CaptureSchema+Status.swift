internal import APIMachinery

// What the server says of a ProfileCapture.

extension CaptureSchema {
    /// `status`.
    static let status = Schema.object([
        Schema.Field("phase", .string, "Pending, Running, Succeeded, Failed or Cancelled."),
        Schema.Field("observedGeneration", .integer(), "The metadata.generation that this was said of."),
        Schema.Field("startTime", .time, "When the first pod was asked."),
        Schema.Field("completionTime", .time, "When the capture ended."),
        Schema.Field(
            "conditions", .conditions,
            "Accepted; Complete, also if some profiles could not be taken; Failed, if none was."),
        Schema.Field("targets", targets, "How many pods."),
        Schema.Field("profileCount", .integer(), "How many profiles were taken."),
        Schema.Field("bytes", .integer(), "Their size in all."),
        Schema.Field("results", .array(of: result), "Every attempt at a profile, by pod and kind."),
        Schema.Field("truncated", .boolean, "Whether there are more results than are listed."),
        Schema.Field("requestedBy", requester, "Who created the capture, and with whose rights it runs."),
    ])
    .described("How far a capture is.")
    .named(ProfilesGroup.definition("ProfileCaptureStatus"))
    .setByServer

    private static let targets = Schema.object([
        Schema.Field("selected", .integer(), "Pods that the target matched."),
        Schema.Field("attempted", .integer(), "Pods that were asked."),
        Schema.Field("succeeded", .integer(), "Pods that gave every profile."),
        Schema.Field("failed", .integer(), "Pods that did not."),
        Schema.Field("skipped", .integer(), "Pods that were not asked, because of maxPods."),
    ])
    .described("How many pods a capture concerns.")
    .named(ProfilesGroup.definition("CaptureTargets"))

    private static let result = Schema.object([
        Schema.Field("pod", .string, "The pod."),
        Schema.Field("container", .string, "Its container."),
        Schema.Field("type", ProfileSchema.type, "The kind of profile."),
        Schema.Field("state", .string, "Succeeded or Failed."),
        Schema.Field("reason", .string, "Why it failed, in one word, such as ProfilerBusy or ConnectionRefused."),
        Schema.Field("message", .string, "Why it failed, for people."),
        Schema.Field("profile", .string, "The name of the Profile."),
        Schema.Field("bytes", .integer(), "The size of the profile's bytes."),
        Schema.Field("duration", .duration, "How long it was taken."),
        Schema.Field("attempts", .integer(.int32), "How often it was tried."),
    ])
    .described("What became of one profile of one pod.")
    .named(ProfilesGroup.definition("CaptureResult"))

    private static let requester = Schema.object([
        Schema.Field("username", .string, "The user's name."),
        Schema.Field("uid", .string, "The user's uid."),
        Schema.Field("groups", .array(of: .string), "The user's groups."),
        Schema.Field("extra", .map(of: .array(of: .string)), "More of the user, by which its rights may be decided."),
    ])
    .described("A user as the authenticators saw it.")
    .named(ProfilesGroup.definition("Requester"))
}
