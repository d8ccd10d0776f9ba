import HTTPTransport
import NIOCore
import NIOPosix
import Synchronization

/// Takes the body of a streamed answer and hands it on as it comes.
final class StreamSink: ResponseSink {
    private struct State {
        var writes: [Int] = []
        var isFinished = false
        var isAborted = false
    }

    let eventLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()
    let pieces: AsyncStream<ByteBuffer>
    private let continuation: AsyncStream<ByteBuffer>.Continuation
    private let state = Mutex(State())

    init() {
        (pieces, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
    }

    /// The next piece; nil at the end.
    func nextPiece() async -> ByteBuffer? {
        for await piece in pieces { return piece }
        return nil
    }

    /// The sizes of the pieces so far.
    var writes: [Int] { state.withLock(\.writes) }
    var isAborted: Bool { state.withLock(\.isAborted) }

    func send(_ head: HTTPResponseHead, body: ByteBuffer?) {}
    func start(_ head: HTTPResponseHead) {}

    func write(_ buffer: ByteBuffer) -> WriteOutcome {
        state.withLock { $0.writes.append(buffer.readableBytes) }
        continuation.yield(buffer)
        return .ready
    }

    func whenWritable(_ waiter: WriteWaiter) { waiter.resume(nil) }
    func cancelWait(_ waiter: WriteWaiter) {}

    func finish() {
        state.withLock { $0.isFinished = true }
        continuation.finish()
    }

    func abort() {
        state.withLock { $0.isAborted = true }
        continuation.finish()
    }

    func abandon() { abort() }
}
