import NIOCore

/// The handlers at work on one loop, whether their connections are still open or not.
///
/// A loop must outlive them: a task whose executor is gone never goes on.
final class HandlersAtWork: Sendable {
    private struct State {
        var count = 0
        var waiting: [EventLoopPromise<Void>] = []
    }
    private let eventLoop: any EventLoop
    private let state: NIOLoopBoundBox<State>

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        state = .makeBoxSendingValue(State(), eventLoop: eventLoop)
    }

    /// On the loop.
    func begins() { state.value.count += 1 }

    /// On the loop.
    func ended() {
        state.value.count -= 1
        guard state.value.count == 0, !state.value.waiting.isEmpty else { return }
        let waiting = state.value.waiting
        state.value.waiting = []
        for promise in waiting { promise.succeed(()) }
    }

    /// Succeeds when none is at work, fails after `limit`. From any thread.
    func whenNone(within limit: Duration) -> EventLoopFuture<Void> {
        eventLoop.flatSubmit { [self] in
            let promise = eventLoop.makePromise(of: Void.self)
            guard state.value.count > 0 else {
                promise.succeed(())
                return promise.futureResult
            }
            state.value.waiting.append(promise)
            let deadline = eventLoop.scheduleTask(in: TimeAmount(limit)) { [self] in
                // Forgotten as well as failed, since a promise is kept once.
                state.value.waiting.removeAll { $0.futureResult === promise.futureResult }
                promise.fail(TransportError(.timedOut, "handlers are still at work"))
            }
            promise.futureResult.whenComplete { _ in deadline.cancel() }
            return promise.futureResult
        }
    }
}

/// A handler whose work is counted; runs on the loop as ``HTTPHandler`` says.
struct CountedHandler: HTTPHandler {
    let handler: any HTTPHandler
    let atWork: HandlersAtWork

    /// What is answered at once needs no loop to outlive it.
    func begin(_ request: HTTPRequest) -> HTTPAnswer {
        let answer = handler.begin(request)
        guard case .later(let work) = answer else { return answer }
        return .later { response in
            atWork.begins()
            await work(response)
            atWork.ended()
        }
    }

    func handle(_ request: HTTPRequest, _ response: consuming ResponseWriter) async {
        atWork.begins()
        await handler.handle(request, response)
        atWork.ended()
    }
}
