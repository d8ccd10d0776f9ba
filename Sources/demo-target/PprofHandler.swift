import HTTPTransport
import NIOCore
import NIOHTTP1
import Pprof

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// `/debug/pprof/*` as Go's `net/http/pprof` serves it.
///
/// `profile?seconds=N` (default 30) and `trace?seconds=N` (default 1) take that long; `seconds` on the others gives what came meanwhile. A CPU
/// profile while another is taken gets Go's 500. Every error is text/plain with `X-Go-Pprof: 1`.
struct PprofHandler: HTTPHandler {
    /// No profile takes longer; Go has no such limit, but this program stands in tests.
    static let maximumSeconds: Int64 = 300

    let workload: Workload
    let profiler: CPUProfiler

    init(_ workload: Workload) {
        self.workload = workload
        profiler = CPUProfiler(workload)
    }

    func handle(_ request: HTTPRequest, _ response: consuming ResponseWriter) async {
        let answer: Answer
        do {
            answer = try await self.answer(request.head.target)
        } catch {
            answer = .failure(.internalServerError, "\(error)")
        }
        response.send(answer.head, body: ByteBuffer(bytes: answer.body))
    }

    private func answer(_ target: String) async throws -> Answer {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts.first ?? ""
        let query = PprofQuery(parts.count > 1 ? parts[1] : "")
        guard path.hasPrefix("/debug/pprof/") else { return .notFound }
        switch path.dropFirst("/debug/pprof/".count) {
        case "": return .index
        case "profile": return try await cpu(query)
        case "trace": return try await trace(query)
        case let name: return try await table(String(name), query)
        }
    }

    private func cpu(_ query: PprofQuery) async throws -> Answer {
        let seconds = min(query.seconds ?? 30, Self.maximumSeconds)
        let start = Self.now()
        guard let counts = try await profiler.sample(for: .seconds(seconds)) else {
            return .failure(.internalServerError, "Could not enable CPU profiling: cpu profiling already in use")
        }
        let bytes = try await ProfileKind.cpu.encode(counts, timeNanos: start, durationNanos: Self.now() &- start)
        return .profile("profile", bytes)
    }

    /// The header of Go's trace format and no events: this program has no goroutines to trace.
    private func trace(_ query: PprofQuery) async throws -> Answer {
        let asked = Double(query["seconds"]) ?? 1
        let seconds = asked > 0 && asked <= Double(Self.maximumSeconds) ? asked : 1
        try await Task.sleep(for: .seconds(seconds))
        return .profile("trace", Array("go 1.22 trace\0\0\0".utf8))
    }

    private func table(_ name: String, _ query: PprofQuery) async throws -> Answer {
        guard let (kind, read) = source(name) else { return .failure(.notFound, "Unknown profile") }
        guard !query["seconds"].isEmpty else {
            return .profile(name, try await kind.encode(read(), timeNanos: Self.now(), durationNanos: 0))
        }
        guard let seconds = query.seconds else {
            return .failure(.badRequest, "invalid value for \"seconds\" - must be a positive integer")
        }
        let before = read()
        let start = Self.now()
        try await Task.sleep(for: .seconds(min(seconds, Self.maximumSeconds)))
        let counts = read().since(before)
        return .profile(
            "\(name)-delta", try await kind.encode(counts, timeNanos: Self.now(), durationNanos: Self.now() &- start))
    }

    private func source(_ name: String) -> (ProfileKind, () -> SiteCounts)? {
        switch name {
        case "heap": (.heap, { workload.heap.table.snapshot })
        case "allocs": (.allocs, { workload.heap.table.snapshot })
        case "block": (.block, { workload.waits.snapshot })
        case "mutex": (.mutex, { workload.holds.snapshot })
        case "goroutine": (.goroutine, { workload.goroutines })
        case "threadcreate": (.threadcreate, { workload.threads.snapshot })
        default: nil
        }
    }

    /// Nanoseconds since 1970.
    private static func now() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) &* 1_000_000_000 &+ Int64(now.tv_nsec)
    }
}
