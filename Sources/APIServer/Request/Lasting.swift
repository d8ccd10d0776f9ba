internal import Synchronization

/// What findings rest on until it is replaced: one reading of a file, say.
///
/// It gives way once, for good. Whoever replaces it does so first and says so afterwards: who still finds it holding asked before.
public final class Ground: Sendable {
    private let isGone = Atomic(false)

    /// Holds.
    public init() {}

    /// Whether nothing has taken its place.
    public var holds: Bool { !isGone.load(ordering: .acquiring) }

    /// Something has taken its place: what rests on it is to be found anew.
    public func givesWay() { isGone.store(true, ordering: .releasing) }
}

/// A finding that stays the same for as long as all it rests on holds.
///
/// It depends on nothing else that can change: no clock, no answer of another server, no state of its finder. Whoever can't say that
/// makes none.
public struct Lasting<Value: Sendable>: Sendable {
    /// What was found.
    public let value: Value
    let grounds: [Ground]

    /// A finding on its grounds; on none, it is so for ever.
    public init(_ value: Value, on grounds: [Ground] = []) {
        self.value = value
        self.grounds = grounds
    }

    /// Whether it is still so.
    public var holds: Bool {
        for ground in grounds where !ground.holds { return false }
        return true
    }
}
