internal import Dispatch
internal import Glibc
internal import NIOConcurrencyHelpers

/// Threads for work that takes processors for long: they have a lower priority (nice 10) than those that answer, so where there are
/// few processors discovery and all else don't wait for analyses.
///
/// Made when they are first needed and kept; they end with this object. Raising a priority again takes a right that servers don't have,
/// so a shared pool can't lend its threads for this.
final class QuietThreads: Sendable {
    private typealias Job = @Sendable () -> Void

    /// What the threads hold: not the object itself, by whose end they end.
    private final class Queue: Sendable {
        struct State {
            var jobs: [Job] = []
            var threads = 0
            var idle = 0
            var hasEnded = false
        }

        let state = NIOLockedValueBox(State())
        let work = DispatchSemaphore(value: 0)

        /// Runs jobs until there is an end.
        func serve() {
            _ = setpriority(__priority_which_t(truncatingIfNeeded: PRIO_PROCESS.rawValue), 0, QuietThreads.niceness)
            while true {
                work.wait()
                let job: Job? = state.withLockedValue { state in
                    guard !state.jobs.isEmpty else { return nil }
                    state.idle -= 1
                    return state.jobs.removeFirst()
                }
                guard let job else { return }
                job()
                state.withLockedValue { $0.idle += 1 }
            }
        }
    }

    private static let niceness: Int32 = 10
    private let queue = Queue()
    private let most: Int

    /// At most so many threads.
    init(most: Int) { self.most = max(1, most) }

    deinit {
        let threads = queue.state.withLockedValue { state in
            state.hasEnded = true
            return state.threads
        }
        for _ in 0..<threads { queue.work.signal() }
    }

    /// Runs `body` on one of the threads and comes back.
    func run<Success: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Success
    ) async throws(Failure) -> Success {
        let result: Result<Success, Failure> = await withCheckedContinuation { continuation in
            submit {
                do throws(Failure) {
                    continuation.resume(returning: .success(try body()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }

    private func submit(_ job: @escaping Job) {
        let needsThread = queue.state.withLockedValue { state in
            state.jobs.append(job)
            guard state.jobs.count > state.idle, state.threads < most else { return false }
            state.threads += 1
            state.idle += 1
            return true
        }
        if needsThread, !Self.start(queue) {
            // No thread to be had: those that there are do it, or else this one.
            let orphan: Job? = queue.state.withLockedValue { state in
                state.threads -= 1
                state.idle -= 1
                return state.threads == 0 ? state.jobs.popLast() : nil
            }
            if let orphan { return orphan() }
        }
        queue.work.signal()
    }

    private static func start(_ queue: Queue) -> Bool {
        var thread = pthread_t()
        let held = Unmanaged.passRetained(queue)
        let status = pthread_create(
            &thread, nil,
            { held in
                if let held { Unmanaged<Queue>.fromOpaque(held).takeRetainedValue().serve() }
                return nil
            }, held.toOpaque())
        guard status == 0 else {
            held.release()
            return false
        }
        pthread_detach(thread)
        return true
    }
}
