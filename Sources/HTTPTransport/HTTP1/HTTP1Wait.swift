import NIOCore

/// What a connection waits for while its client owes something, one at a time.
enum HTTP1Wait {
    /// The first byte of a request.
    case idle
    /// The rest of a head.
    case header
    /// Bytes of a body that the handler wants.
    case body
    /// The rest of a body that nobody wants, or the client's end of a connection that we have ended.
    case drain
}

/// A deadline that moves often and fires seldom: one scheduled task, looked at again when it comes due.
///
/// Setting it costs no scheduling while the new deadline lies behind the task's; used on one event loop.
final class MovingDeadline {
    private let eventLoop: any EventLoop
    private let action: () -> Void
    private var deadline: NIODeadline?
    private var scheduled: (at: NIODeadline, task: Scheduled<Void>)?

    init(_ eventLoop: any EventLoop, _ action: @escaping () -> Void) {
        self.eventLoop = eventLoop
        self.action = action
    }

    /// Fires after `delay` from now unless set or cleared before.
    func set(_ delay: Duration) {
        let at = eventLoop.now + TimeAmount(delay)
        deadline = at
        if let scheduled {
            if scheduled.at <= at { return }
            scheduled.task.cancel()
        }
        schedule(at)
    }

    /// Doesn't fire. The scheduled task stays and finds nothing to do.
    func clear() { deadline = nil }

    /// Drops the task, and with it the reference to whoever holds this deadline.
    func end() {
        deadline = nil
        scheduled?.task.cancel()
        scheduled = nil
    }

    private func schedule(_ at: NIODeadline) {
        let task = eventLoop.assumeIsolated().scheduleTask(deadline: at) { self.due() }
        scheduled = (at, task)
    }

    private func due() {
        scheduled = nil
        guard let deadline else { return }
        if deadline <= eventLoop.now {
            self.deadline = nil
            action()
        } else {
            schedule(deadline)
        }
    }
}
