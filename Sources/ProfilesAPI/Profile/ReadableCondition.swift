/// The condition `Readable`: whether the bytes of a profile can be had.
enum ReadableCondition: Sendable, Equatable {
    /// The store has them, checked.
    case stored
    /// A collector has them; nobody here has read them yet.
    case notRead
    /// A collector has them; they were read and checked.
    case read
    /// A collector has them and can't be asked for them; why.
    case unreachable(String)

    /// `True`, `False`, `Unknown`.
    var status: String {
        switch self {
        case .stored, .read: "True"
        case .notRead: "Unknown"
        case .unreachable: "False"
        }
    }

    /// One word, for programs.
    var reason: String {
        switch self {
        case .stored: "Stored"
        case .notRead: "NotRead"
        case .read: "Read"
        case .unreachable: "UnreachableID"
        }
    }

    /// For people.
    var message: String {
        switch self {
        case .stored, .read: ""
        case .notRead: "the collector has the profile; it is checked when it is first read"
        case .unreachable(let why): why
        }
    }
}
