package import NIOCore

/// An event loop as a task's executor: a task that prefers it runs on the loop, and so touches the connection without a hop.
package final class LoopExecutor: TaskExecutor {
    /// The loop that jobs run on.
    package let eventLoop: any EventLoop

    package init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
