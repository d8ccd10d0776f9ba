import APIMachinery
import NIOHTTP1
import Testing

@testable import APIServer

/// H04: how requests and the writing of their events meet.
struct AuditLogTests {
    static let widgets = AuditEventTests.widgets

    func log(_ output: RecordingOutput, _ mode: AuditMode, _ length: Int, _ registry: MetricsRegistry) -> AuditLog {
        AuditLog(
            output: output, mode: mode, queueLength: length, metrics: AuditMetrics(registry: registry),
            logger: RecordingLog().logger())
    }

    func event(_ id: String) -> AuditEvent {
        let facts = AuditFacts(
            level: .metadata, auditID: id, requestURI: "/", verb: "get", user: nil, impersonatedUser: nil,
            sourceIPs: [],
            userAgent: "",
            object: nil, receivedAt: AuditFixture.time)
        return AuditEvent(
            facts: facts, stage: .responseComplete, stageTime: AuditFixture.time, omitsManagedFields: false,
            annotations: [:])
    }

    @Test func aFullQueueLosesEventsAndCountsThem() async throws {
        let output = RecordingOutput()
        let registry = MetricsRegistry()
        let log = log(output, .batch, 3, registry)
        for number in 0..<10 { log.take(event("\(number)")) }
        log.close()
        await log.run()
        #expect(output.lines.count == 3)
        #expect(output.lines.first?.contains(#""auditID":"0""#) == true)
        #expect(output.isClosed)
        let text = registry.exposition()
        #expect(text.contains("\napiserver_audit_event_total 10\n"))
        #expect(text.contains(#"apiserver_audit_error_total{plugin="buffered"} 7"#))
    }

    @Test func theBytesOfBodiesAreBounded() async throws {
        let output = RecordingOutput()
        let registry = MetricsRegistry()
        let log = log(output, .batch, 1_000_000, registry)
        for number in 0..<100 {
            var event = event("\(number)")
            event.requestBody = AuditBody([UInt8](repeating: 0x20, count: 1 << 20), contentType: nil)
            log.take(event)
        }
        log.close()
        await log.run()
        #expect((60..<64).contains(output.lines.count))
    }

    @Test func nothingIsTakenAfterTheEnd() async throws {
        let output = RecordingOutput()
        let log = log(output, .batch, 10, MetricsRegistry())
        log.close()
        log.take(event("late"))
        #expect(await log.process(event("later")) == false)
        await log.run()
        #expect(output.lines.isEmpty)
    }

    @Test func cancellingWritesWhatIsLeft() async throws {
        let output = RecordingOutput()
        let log = log(output, .batch, 10, MetricsRegistry())
        log.take(event("a"))
        let task = Task { await log.run() }
        task.cancel()
        await task.value
        #expect(output.lines.count == 1 && output.isClosed)
    }

    @Test(arguments: [AuditMode.blocking, .blockingStrict])
    func aRequestThatBlocksIsAnsweredWithItsFirstEventWritten(_ mode: AuditMode) async throws {
        let audit = try AuditFixture(mode: mode, endpoint: ClosureEndpoint { _ in .text("") })
        let events = try await audit.events { chain in
            try await chain.send(.GET, Self.widgets, body: "")
            // Both were written before `send` returned.
            #expect(audit.output.lines.count == 2)
        }
        #expect(AuditEventTests.stages(events) == ["RequestReceived", "ResponseComplete"])
    }

    @Test(
        arguments: [(AuditMode.batch, 200, 0), (.blocking, 200, 0), (.blockingStrict, 500, 1)]
            as [(AuditMode, UInt, UInt64)])
    func whatCannotBeWrittenRefusesOnlyWhereStrict(_ mode: AuditMode, _ code: UInt, _ rejected: UInt64) async throws {
        let audit = try AuditFixture(mode: mode, endpoint: ClosureEndpoint { _ in .text("") })
        audit.output.refuse()
        try await audit.events { chain in
            let answer = try await chain.send(.GET, Self.widgets, body: "")
            #expect(answer.status.code == code)
            if rejected > 0 { #expect(answer.text.contains("failed to store audit event")) }
        }
        #expect(audit.count("apiserver_audit_error_total", "log") == 2)
        #expect(audit.count("apiserver_audit_requests_rejected_total") == rejected)
    }
}
