/// A kind of profile, under the names of profefe and of Go's `net/http/pprof`.
///
/// `allocs` is ours: profefe refuses it. `other` is whatever a client calls by no known name.
public enum ProfileType: String, Sendable, Hashable, CaseIterable {
    case cpu, heap, allocs, block, mutex, goroutine, threadcreate, trace, other

    /// Whether the bytes are a `profile.proto` message. A trace is Go's execution trace and stays opaque.
    public var isPprof: Bool { self != .trace }
}
