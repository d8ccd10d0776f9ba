internal import CNghttp2
import NIOCore

/// How far a graceful end has come (RFC 9113 §6.8).
enum HTTP2Drain {
    case none
    /// GOAWAY with 2^31-1 was sent: no stream is refused yet.
    case announced
    /// GOAWAY with the last stream was sent.
    case final
}

/// Who is too slow, and the connection's end.
extension HTTP2Connection {
    /// Looks at all deadlines four times within the shortest: one timer per connection, whatever it carries.
    func startWatchdog(_ eventLoop: any EventLoop) {
        let shortest = min(
            limits.idleTimeout, limits.headerTimeout, limits.bodyProgressTimeout, limits.writeProgressTimeout)
        let interval = max(shortest / 4, .milliseconds(2))
        let watchdog = MovingDeadline(eventLoop) { [unowned self] in
            check(.now())
            self.watchdog?.set(interval)
        }
        self.watchdog = watchdog
        watchdog.set(interval)
    }

    func check(_ now: NIODeadline) {
        if writesInFlight > 0, isOver(limits.writeProgressTimeout, since: lastWriteProgress, now) {
            context.observer.limitReached("writeProgressTimeout")
            return drain(.closeNow)
        }
        if let headBegan, isOver(limits.headerTimeout, since: headBegan, now) {
            context.observer.limitReached("headerTimeout")
            return terminate(.noError)
        }
        for stream in streams.all { check(stream, now) }
        if streams.isEmpty, handlersAtWork == 0, drainPhase == .none, isOver(limits.idleTimeout, since: lastActive, now)
        {
            peer.close(gracefully: true)
        }
    }

    private func check(_ stream: HTTP2Stream, _ now: NIODeadline) {
        if stream.pending.count > 0, isOver(limits.writeProgressTimeout, since: stream.lastWriteProgress, now) {
            context.observer.limitReached("writeProgressTimeout")
            let error = TransportError(
                .timedOut, "the client took no byte of the answer for \(limits.writeProgressTimeout)")
            return reset(stream, .cancel, error)
        }
        if stream.isReading, !stream.requestEnded, let pipe = stream.pipe, pipe.bufferedBytes == 0,
            isOver(limits.bodyProgressTimeout, since: stream.lastBodyProgress, now)
        {
            context.observer.limitReached("bodyProgressTimeout")
            pipe.fail(TransportError(.timedOut, "no byte of the request's body came for \(limits.bodyProgressTimeout)"))
        }
    }

    private func isOver(_ limit: Duration, since: NIODeadline, _ now: NIODeadline) -> Bool {
        now - since >= TimeAmount(limit)
    }

    private func terminate(_ code: HTTP2Code) {
        guard let session else { return }
        nghttp2_session_terminate_session(session.pointer, code.rawValue)
        schedulePump()
    }

    /// What the server asks for, see ``DrainEvent``.
    func drain(_ event: DrainEvent) {
        guard let session else { return }
        switch event {
        case .prepare:
            guard drainPhase == .none else { return }
            drainPhase = .announced
            nghttp2_submit_shutdown_notice(session.pointer)
        case .finish:
            guard drainPhase != .final else { return }
            drainPhase = .final
            let last = nghttp2_session_get_last_proc_stream_id(session.pointer)
            nghttp2_submit_goaway(
                session.pointer, UInt8(NGHTTP2_FLAG_NONE.rawValue), last, HTTP2Code.noError.rawValue, nil, 0)
        case .closeNow:
            for stream in streams.all { stream.task?.cancel() }
            for stream in finishing.values { stream.task?.cancel() }
            return close()
        }
        schedulePump()
    }
}
