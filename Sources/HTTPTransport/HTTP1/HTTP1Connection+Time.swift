import NIOCore
import NIOHTTP1

/// Who is too slow, and what becomes of it.
extension HTTP1Connection {
    /// Bytes came that may be the beginning of a head.
    func bytesArrived() {
        if turn == nil, case .open = end, wait == .idle { begin(.header) }
    }

    func begin(_ wait: HTTP1Wait) {
        self.wait = wait
        waitDeadline?.set(duration(wait))
    }

    func endWait() {
        wait = nil
        waitDeadline?.clear()
    }

    /// The client owes bytes of a body only while the handler has taken all that came.
    func updateBodyWait() {
        guard case .open = end, let turn else { return }
        if turn.awaitsBody {
            begin(.body)
        } else if wait == .body {
            endWait()
        }
    }

    private func duration(_ wait: HTTP1Wait) -> Duration {
        switch wait {
        case .idle: context.limits.idleTimeout
        case .header: context.limits.headerTimeout
        case .body: context.limits.bodyProgressTimeout
        case .drain: Self.drainTime
        }
    }

    func waitIsOver() {
        guard let wait else { return }
        self.wait = nil
        switch wait {
        case .idle, .drain:
            // While an answer is still on its way, its progress counts and nothing else.
            if output.waiting > 0 { begin(wait) } else { closeNow() }
        case .header:
            context.observer.limitReached("headerTimeout")
            refuse(HTTP1Refusal(.requestTimeout, "the request's head took longer than \(context.limits.headerTimeout)"))
        case .body:
            context.observer.limitReached("bodyProgressTimeout")
            turn?.closes = true
            turn?.pipe?.fail(
                TransportError(
                    .timedOut, "no byte of the request's body came for \(context.limits.bodyProgressTimeout)"))
        }
    }

    /// No byte was sent since the last look: the client has stopped reading.
    func stallIsOver() {
        guard output.waiting > 0 else { return }
        if output.hasProgressed {
            output.hasProgressed = false
            stallDeadline?.set(context.limits.writeProgressTimeout)
        } else {
            context.observer.limitReached("writeProgressTimeout")
            closeNow()
        }
    }
}
