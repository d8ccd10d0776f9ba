/// An object of the cluster, as events name it.
public struct KubeObjectReference: Sendable, Hashable {
    /// `v1`, `profefe.io/v1`.
    public var apiVersion: String
    /// `Pod`.
    public var kind: String
    /// Its namespace; the event lies in the same.
    public var namespace: String
    /// Its name.
    public var name: String
    /// Its uid: without it `kubectl describe` does not find the event. May be empty.
    public var uid: String

    /// A reference of its parts.
    public init(apiVersion: String, kind: String, namespace: String, name: String, uid: String) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.namespace = namespace
        self.name = name
        self.uid = uid
    }
}

/// Something that happened to an object, for people (events.k8s.io/v1). Equal events in a row become one with a count.
public struct KubeEvent: Sendable, Hashable {
    /// Whether anybody need look at it.
    public enum Severity: String, Sendable, Hashable {
        case normal = "Normal"
        case warning = "Warning"
    }

    /// Whom it happened to.
    public var regarding: KubeObjectReference
    /// Whether anybody need look at it.
    public var severity: Severity
    /// One word in CamelCase, out of a small set: `Profiled`.
    public var reason: String
    /// What was being done, one word in CamelCase: `Capture`.
    public var action: String
    /// The sentence. Cut at ``maximumNoteBytes``.
    public var note: String

    /// The API's limit of a note.
    public static let maximumNoteBytes = 1024

    /// An event of its parts.
    public init(
        regarding: KubeObjectReference, severity: Severity, reason: String, action: String, note: String
    ) {
        self.regarding = regarding
        self.severity = severity
        self.reason = reason
        self.action = action
        self.note = Self.cut(note)
    }

    /// At most ``maximumNoteBytes``, whole characters.
    private static func cut(_ note: String) -> String {
        guard note.utf8.count > maximumNoteBytes else { return note }
        var text = ""
        var left = maximumNoteBytes - 3
        for character in note {
            left -= character.utf8.count
            if left < 0 { break }
            text.append(character)
        }
        return text + "…"
    }
}
