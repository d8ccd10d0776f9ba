import NIOCore
import NIOHTTP1

/// One request in turn and its answer, as handlers' tasks hold it: passes everything on to the connection, on its loop.
///
/// An exchange that is over has no effect any more: the connection compares ``id``.
final class HTTP1Exchange: ResponseSink, RequestBodySource {
    let id: UInt64
    let eventLoop: any EventLoop
    private let connection: NIOLoopBound<HTTP1Connection>

    init(id: UInt64, eventLoop: any EventLoop, connection: HTTP1Connection) {
        self.id = id
        self.eventLoop = eventLoop
        self.connection = NIOLoopBound(connection, eventLoop: eventLoop)
    }

    // MARK: ResponseSink, on the loop

    func send(_ head: HTTPResponseHead, body: ByteBuffer?) { connection.value.send(head, body: body, for: id) }
    func start(_ head: HTTPResponseHead) { connection.value.start(head, for: id) }
    func write(_ buffer: ByteBuffer) -> WriteOutcome { connection.value.write(buffer, for: id) }
    func whenWritable(_ waiter: WriteWaiter) { connection.value.whenWritable(waiter, for: id) }
    func cancelWait(_ waiter: WriteWaiter) { connection.value.cancelWait(waiter) }
    func finish() { connection.value.finish(for: id) }
    func abort() { connection.value.abort(for: id) }
    func abandon() { connection.value.abandon(for: id) }

    // MARK: RequestBodySource, from any thread

    func bodyReadingStarted() { onLoop { $0.bodyReadingStarted(for: self.id) } }
    func bodyConsumed(_ bytes: Int) { onLoop { $0.bodyConsumed(for: self.id) } }

    private func onLoop(_ work: @escaping @Sendable (HTTP1Connection) -> Void) {
        if eventLoop.inEventLoop {
            work(connection.value)
        } else {
            eventLoop.execute { work(self.connection.value) }
        }
    }
}
