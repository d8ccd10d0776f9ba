/// Why a store refused or failed. Equal by code.
public struct StoreError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of a failure.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case alreadyExists, uidConflict, versionConflict, snapshotExpired, futureVersion, watchOverflow, aborted
            case insufficientStorage, tooLarge, limitExceeded
            case diskFull, readOnly, corrupt, locked, newerSchema, configuration, unavailable, closed
            case sourceUnavailable, refusedBySource
        }

        /// Which precondition didn't hold.
        public enum Precondition: Sendable {
            /// `preconditions.uid`
            case uid
            /// `preconditions.resourceVersion`
            case resourceVersion
        }

        private let value: Value

        /// Another object has that resource, namespace and name.
        public static let alreadyExists = Code(value: .alreadyExists)
        /// The snapshot or the watch's start is older than what is remembered: list again (HTTP 410).
        public static let snapshotExpired = Code(value: .snapshotExpired)
        /// The snapshot's version is above the current one.
        public static let futureVersion = Code(value: .futureVersion)
        /// The watch's reader fell behind further than events are remembered.
        public static let watchOverflow = Code(value: .watchOverflow)
        /// An update's closure refused; `cause` says why. For closures only, the store never throws it by itself.
        public static let aborted = Code(value: .aborted)
        /// Nothing more can be kept now: the disk is nearly full, or what can't be removed fills the store's limit. Reads, deletions and
        /// changes go on. The message is fit for clients.
        public static let insufficientStorage = Code(value: .insufficientStorage)
        /// The object is larger than a limit allows one to be. The message is fit for clients.
        public static let tooLarge = Code(value: .tooLarge)
        /// What can't be removed fills the namespace's limit. The message is fit for clients.
        public static let limitExceeded = Code(value: .limitExceeded)
        /// No space left; reads go on, writes work again once there is space.
        public static let diskFull = Code(value: .diskFull)
        /// The directory or the database can't be written by this process.
        public static let readOnly = Code(value: .readOnly)
        /// The file is not a database of ours, or is damaged; it is left as it is.
        public static let corrupt = Code(value: .corrupt)
        /// Another process has the directory.
        public static let locked = Code(value: .locked)
        /// The database was written by a newer release.
        public static let newerSchema = Code(value: .newerSchema)
        /// The store can't be set up as asked: a bad path or value.
        public static let configuration = Code(value: .configuration)
        /// An input or output error, or another failure of the machine.
        public static let unavailable = Code(value: .unavailable)
        /// The store was closed.
        public static let closed = Code(value: .closed)
        /// What the store is a copy of can't be reached now, or doesn't answer as it should. The message may be told to clients.
        public static let sourceUnavailable = Code(value: .sourceUnavailable)
        /// What the store is a copy of will never do this for this object. The message may be told to clients.
        public static let refusedBySource = Code(value: .refusedBySource)

        /// A precondition of a deletion doesn't hold.
        public static func conflict(_ precondition: Precondition) -> Code {
            switch precondition {
            case .uid: Code(value: .uidConflict)
            case .resourceVersion: Code(value: .versionConflict)
            }
        }

        /// The code's name.
        public var description: String { value.rawValue }

        /// Whether the writer decided so, and surely has changed nothing.
        var isRefusal: Bool {
            switch value {
            case .alreadyExists, .insufficientStorage, .tooLarge, .limitExceeded, .diskFull: true
            default: false
            }
        }

        /// Whether the same call may succeed later without anybody's doing: HTTP 503 with `Retry-After`.
        public var isRetryable: Bool {
            switch value {
            case .insufficientStorage, .diskFull, .unavailable, .closed, .sourceUnavailable: true
            default: false
            }
        }
    }

    /// The kind of the failure.
    public let code: Code
    /// What happened, with values and limits, for a person.
    public let message: String
    /// What it came from, if anything.
    public let cause: (any Error)?

    /// An error of its parts.
    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// `code: message`
    public var description: String { "\(code): \(message)" }

    /// Equal by code.
    public static func == (left: StoreError, right: StoreError) -> Bool { left.code == right.code }

    /// Hashes the code.
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
