/// Requests that a collector holds until they are let go, and word that the first of them came.
public final class FakeCollectorHold: Sendable {
    private let came = AsyncStream.makeStream(of: Void.self)
    private let gone = AsyncStream.makeStream(of: Void.self)

    init() {}

    /// Waits until a request is held.
    public func reached() async { for await _ in came.stream {} }

    /// Lets them go, and all that come.
    public func release() { gone.continuation.finish() }

    func pass() async {
        came.continuation.finish()
        for await _ in gone.stream {}
    }
}
