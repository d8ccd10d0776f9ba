internal import Dispatch
internal import NIOConcurrencyHelpers

/// A few read connections, each used by one job at a time; jobs wait in line for the next free one.
final class ReaderPool: Sendable {
    typealias Job = @Sendable (Reader) -> Void

    private struct State {
        var idle: [Reader]
        var line: [Job] = []
        var head = 0
        var isClosed = false
        var busy = 0
        var onIdle: CheckedContinuation<Void, Never>?

        /// The job that waits longest.
        mutating func nextJob() -> Job? {
            guard head < line.count else { return nil }
            defer {
                head += 1
                if head > 64, head > line.count / 2 {
                    line.removeFirst(head)
                    head = 0
                }
            }
            return line[head]
        }
    }

    private let state: NIOLockedValueBox<State>
    private let queue = DispatchQueue(label: "profefe.store.readers", attributes: .concurrent)

    init(_ readers: [Reader]) {
        state = NIOLockedValueBox(State(idle: readers))
    }

    /// Runs a read on a connection, off the caller's thread.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Reader) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
            let accepted = submit { reader in
                continuation.resume(returning: Result { () throws(StoreError) in try body(reader) })
            }
            if !accepted { continuation.resume(returning: .failure(StoreError(.closed, "the store was closed"))) }
        }
        return try result.get()
    }

    /// Waits for running and waiting jobs and closes the connections.
    func close() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLockedValue { state in
                state.isClosed = true
                if state.busy > 0 { state.onIdle = continuation }
                return state.busy == 0
            }
            if isIdle { continuation.resume() }
        }
        for reader in state.withLockedValue({ state in
            defer { state.idle = [] }
            return state.idle
        }) { reader.close() }
    }

    private func submit(_ job: @escaping Job) -> Bool {
        enum Step { case start(Reader), wait, refuse }
        let step: Step = state.withLockedValue { state in
            if state.isClosed { return .refuse }
            guard let reader = state.idle.popLast() else {
                state.line.append(job)
                return .wait
            }
            state.busy += 1
            return .start(reader)
        }
        switch step {
        case .refuse: return false
        case .wait: return true
        case .start(let reader):
            queue.async { self.run(job, on: reader) }
            return true
        }
    }

    /// Runs jobs until none waits, then lays the connection back.
    private func run(_ first: @escaping Job, on reader: Reader) {
        var next: Job? = first
        while let job = next {
            job(reader)
            var idle: CheckedContinuation<Void, Never>?
            next = state.withLockedValue { state in
                if let job = state.nextJob() { return job }
                state.idle.append(reader)
                state.busy -= 1
                if state.busy == 0 {
                    idle = state.onIdle
                    state.onIdle = nil
                }
                return nil
            }
            idle?.resume()
        }
    }
}
