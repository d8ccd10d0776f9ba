import NIOHTTP1
import Testing

@testable import APIServer

/// H05
struct TraceContextTests {
    static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    static let span = "00f067aa0ba902b7"

    @Test(arguments: [
        ("00-\(trace)-\(span)-01", true), ("00-\(trace)-\(span)-00", false), ("00-\(trace)-\(span)-ff", true),
        ("01-\(trace)-\(span)-01", true), ("fe-\(trace)-\(span)-01-more-of-it", true),
        ("cc-\(trace)-\(span)-0a-", false),
    ])
    func takes(_ text: String, _ isSampled: Bool) throws {
        let context = try #require(TraceContext(text))
        #expect(context.traceID == Self.trace)
        #expect(context.parentID == Self.span)
        #expect(context.isSampled == isSampled)
    }

    @Test(arguments: [
        "", "00", "00-\(trace)-\(span)", "00-\(trace)-\(span)-1", "00-\(trace)-\(span)-011", "00-\(trace)-\(span)-01-x",
        "ff-\(trace)-\(span)-01", "01-\(trace)-\(span)-01x", "00-\(trace.uppercased())-\(span)-01",
        "00-\(String(repeating: "0", count: 32))-\(span)-01", "00-\(trace)-\(String(repeating: "0", count: 16))-01",
        "00_\(trace)-\(span)-01", "00-\(trace)\(span)--01", "0g-\(trace)-\(span)-01", "00-\(trace)-\(span)-0g",
        " 00-\(trace)-\(span)-01", "00-\(trace.dropLast())é-\(span)-01",
    ])
    func refuses(_ text: String) { #expect(TraceContext(text) == nil) }

    @Test func twoHeadersAreNone() {
        let value = "00-\(Self.trace)-\(Self.span)-01"
        #expect(TraceContext(["traceparent": value])?.traceID == Self.trace)
        #expect(TraceContext(["traceparent": value, "Traceparent": value]) == nil)
        #expect(TraceContext([:]) == nil)
    }

    @Test func theTraceIsInTheLineOfARequest() async throws {
        let fixture = ChainFixture { _ in throw CancellationError() }
        let answer = try await fixture.send(.GET, "/x", headers: ["traceparent": "00-\(Self.trace)-\(Self.span)-01"])
        let line = try #require(fixture.log.lines.first)
        #expect(line.contains("traceID=\"\(Self.trace)\""))
        #expect(line.contains(try #require(answer.header("audit-id"))))
        _ = try await fixture.send(.GET, "/x", headers: ["traceparent": "00-evil\" x=\"y-\(Self.span)-01"])
        #expect(fixture.log.lines.count == 2 && !fixture.log.lines[1].contains("traceID"))
    }
}
