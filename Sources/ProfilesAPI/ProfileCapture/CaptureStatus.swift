internal import APIMachinery
internal import ProfileCapture
internal import ProfileStore

/// `status` of a ProfileCapture: the progress, who asked, and the conditions that follow from the progress.
struct CaptureStatus: Sendable {
    var progress: CaptureProgress
    /// As the authenticators saw them; kept so that a resumed capture runs with the same rights.
    var requester: UserInfo
    /// When the object was accepted: the transition time of `Accepted`.
    var acceptedAt: Timestamp?

    init(requester: UserInfo, acceptedAt: Timestamp) {
        progress = CaptureProgress()
        self.requester = requester
        self.acceptedAt = acceptedAt
    }

    /// Reads what ``encode(into:generation:)`` wrote; what is missing has its zero value.
    init(json: JSONValue) {
        let asker = json["requestedBy"]
        requester = UserInfo(
            name: asker?["username"]?.stringValue ?? "", uid: asker?["uid"]?.stringValue ?? "",
            groups: (asker?["groups"]?.arrayValue ?? []).compactMap(\.stringValue), extra: Self.extra(asker?["extra"]))
        var progress = CaptureProgress()
        func count(_ value: JSONValue?) -> Int { value?.integerValue.flatMap { Int(exactly: $0) } ?? 0 }
        progress.phase = json["phase"]?.stringValue.flatMap(CaptureProgress.Phase.init) ?? .pending
        progress.startTime = json["startTime"]?.stringValue.flatMap(Timestamp.init(rfc3339:))
        progress.completionTime = json["completionTime"]?.stringValue.flatMap(Timestamp.init(rfc3339:))
        let targets = json["targets"]
        progress.selected = count(targets?["selected"])
        progress.attempted = count(targets?["attempted"])
        progress.succeeded = count(targets?["succeeded"])
        progress.failed = count(targets?["failed"])
        progress.skipped = count(targets?["skipped"])
        progress.profileCount = count(json["profileCount"])
        progress.bytes = count(json["bytes"])
        progress.truncated = json["truncated"]?.boolValue ?? false
        progress.results = (json["results"]?.arrayValue ?? []).map(CaptureProgress.Result.init(json:))
        self.progress = progress
        let accepted = (json["conditions"]?.arrayValue ?? []).first { $0["type"]?.stringValue == "Accepted" }
        acceptedAt = accepted?["lastTransitionTime"]?.stringValue.flatMap(Timestamp.init(rfc3339:))
    }

    /// Writes the members of `status`.
    func encode(into writer: inout JSONWriter, generation: Int64) {
        writer.field("phase", progress.phase.rawValue)
        writer.field("observedGeneration", generation)
        writer.fieldIfPresent("startTime", progress.startTime?.rfc3339())
        writer.fieldIfPresent("completionTime", progress.completionTime?.rfc3339())
        writer.array("conditions") { writer in
            for condition in conditions { condition.encode(into: &writer, generation: generation) }
        }
        writer.object("targets") { writer in
            writer.field("selected", progress.selected)
            writer.field("attempted", progress.attempted)
            writer.field("succeeded", progress.succeeded)
            writer.field("failed", progress.failed)
            writer.field("skipped", progress.skipped)
        }
        writer.field("profileCount", progress.profileCount)
        writer.field("bytes", progress.bytes)
        writer.array("results") { writer in
            for result in progress.results { result.encode(into: &writer) }
        }
        if progress.truncated { writer.field("truncated", true) }
        writer.object("requestedBy") { writer in
            writer.field("username", requester.name)
            if !requester.uid.isEmpty { writer.field("uid", requester.uid) }
            writer.field("groups", requester.groups)
            guard !requester.extra.isEmpty else { return }
            writer.object("extra") { writer in
                for (key, values) in requester.extra.sorted(by: { $0.key < $1.key }) { writer.field(key, values) }
            }
        }
    }

    private static func extra(_ value: JSONValue?) -> [String: [String]] {
        var extra: [String: [String]] = [:]
        for (key, values) in value?.objectValue ?? JSONObject() {
            extra[key] = (values.arrayValue ?? []).compactMap(\.stringValue)
        }
        return extra
    }

    /// `Complete` is True also after a partial failure, `Failed` only with no profile at all.
    private var conditions: [Condition] {
        let ended = progress.completionTime ?? acceptedAt
        let accepted = Condition(type: "Accepted", status: true, reason: "Accepted", message: "", since: acceptedAt)
        guard progress.phase.isFinal else {
            return [
                accepted,
                Condition(
                    type: "Complete", status: false, reason: progress.phase.rawValue, message: "", since: acceptedAt),
            ]
        }
        let failed = progress.profileCount == 0
        let isPartial = progress.failed > 0 || progress.results.contains { $0.error != nil }
        let cancelled = progress.phase == .cancelled ? "Cancelled" : nil
        let reason = cancelled ?? (failed ? "NoProfile" : isPartial ? "PartialFailure" : "AllProfilesTaken")
        let message = progress.failureSummary
        return [
            accepted,
            Condition(
                type: "Complete", status: !failed, reason: reason, message: message, since: failed ? acceptedAt : ended),
            Condition(type: "Failed", status: failed, reason: reason, message: message, since: ended),
        ]
    }
}

/// A standard condition (`metav1.Condition`).
private struct Condition {
    var type: String
    var status: Bool
    var reason: String
    var message: String
    var since: Timestamp?

    func encode(into writer: inout JSONWriter, generation: Int64) {
        writer.object { writer in
            writer.field("type", type)
            writer.field("status", status ? "True" : "False")
            writer.field("observedGeneration", generation)
            writer.fieldIfPresent("lastTransitionTime", since?.rfc3339())
            writer.field("reason", reason)
            writer.field("message", message)
        }
    }
}

extension CaptureProgress.Result {
    /// Reads what ``encode(into:)`` wrote.
    init(json: JSONValue) {
        self.init(pod: json["pod"]?.stringValue ?? "", type: json["type"]?.stringValue.flatMap(ProfileType.init))
        container = json["container"]?.stringValue ?? ""
        profile = json["profile"]?.stringValue
        bytes = json["bytes"]?.integerValue.flatMap { Int(exactly: $0) } ?? 0
        durationNanos = json["duration"]?.stringValue.flatMap { Duration(goDuration: $0) }?.wholeNanoseconds ?? 0
        attempts = json["attempts"]?.integerValue.flatMap { Int(exactly: $0) } ?? 0
        if let reason = json["reason"]?.stringValue.flatMap(CaptureError.Code.init) {
            error = CaptureError(reason, json["message"]?.stringValue ?? "")
        }
    }

    /// Writes one element of `status.results`.
    func encode(into writer: inout JSONWriter) {
        writer.object { writer in
            writer.fieldIfPresent("pod", pod.isEmpty ? nil : pod)
            writer.fieldIfPresent("container", container.isEmpty ? nil : container)
            writer.fieldIfPresent("type", type?.rawValue)
            writer.field("state", error == nil ? "Succeeded" : "Failed")
            if let error {
                writer.field("reason", error.code.description)
                writer.field("message", error.message)
            } else {
                writer.fieldIfPresent("profile", profile)
                writer.field("bytes", bytes)
                if durationNanos > 0 { writer.field("duration", Duration.nanoseconds(durationNanos).goString) }
            }
            writer.field("attempts", attempts)
        }
    }
}
