import KubeClient
import Logging
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import APIServer

struct CachedReviewsTests {
    private struct Refused: Error, Equatable { let why: String }
    private typealias Reviews = CachedReviews<String, Int, Refused>

    private let clock = ManualRequestClock()
    private let log = RecordingLog()
    private let registry = MetricsRegistry()
    /// What was asked.
    private let asked = NIOLockedValueBox<[String]>([])

    private func reviews(grantTime: Duration = .seconds(10), limit: Int = 100) -> Reviews {
        Reviews(
            grantTime: grantTime, refusalTime: .seconds(3), limit: limit,
            metrics: ReviewMetrics(.authorization, registry: registry), clock: clock.clock, logger: log.logger(),
            complaint: "no idea")
    }

    /// Even numbers are granted.
    private func answer(_ reviews: Reviews, _ number: Int, isKept: Bool = true) async throws -> Reviews.Answer {
        try await reviews.answer(to: "\(number)", isKept: isKept) { () async throws(KubeClientError) in
            asked.withLockedValue { $0.append("\(number)") }
            return number.isMultiple(of: 2) ? .success(number) : .failure(Refused(why: "odd"))
        }
    }

    private var count: Int { asked.withLockedValue { $0.count } }

    @Test(arguments: [(2, .success(2), 10), (3, .failure(Refused(why: "odd")), 3)] as [(Int, Reviews.Answer, Int64)])
    private func bothAnswersAreRememberedForTheirTimes(
        _ number: Int, _ expected: Reviews.Answer, _ seconds: Int64
    ) async throws {
        let reviews = reviews()
        #expect(reviews.remembered("\(number)") == nil)
        #expect(try await answer(reviews, number) == expected)
        clock.advance(by: .seconds(seconds) - .nanoseconds(1))
        #expect(reviews.remembered("\(number)") == expected)
        #expect(try await answer(reviews, number) == expected)
        #expect(count == 1)
        clock.advance(by: .nanoseconds(1))
        #expect(reviews.remembered("\(number)") == nil)
        #expect(try await answer(reviews, number) == expected)
        #expect(count == 2)
    }

    @Test func aFloodOfRefusalsDisplacesNoGrant() async throws {
        let reviews = reviews(limit: 10)
        #expect(try await answer(reviews, 2) == .success(2))
        for number in 0..<100 { _ = try await answer(reviews, 2 * number + 1) }
        #expect(reviews.remembered("2") == .success(2))
        #expect(reviews.remembered("1") == nil)
    }

    @Test func whatIsNotKeptIsAskedAgain() async throws {
        let reviews = reviews()
        for _ in 0..<2 { #expect(try await answer(reviews, 2, isKept: false) == .success(2)) }
        let forgetful = self.reviews(grantTime: .zero)
        for _ in 0..<2 { #expect(try await answer(forgetful, 4) == .success(4)) }
        #expect(count == 4)
    }

    /// What can't be answered is told, with what it is about, and asked anew; who went away is not worth a line.
    @Test(arguments: [(KubeClientError.Code.unreachable, 1), (.cancelled, 0)])
    func aFailureIsNoAnswer(_ code: KubeClientError.Code, _ lines: Int) async throws {
        let reviews = reviews()
        await #expect(throws: KubeClientError(code, "")) {
            try await reviews.answer(to: "2", about: ["user": "alice"]) { () async throws(KubeClientError) in
                throw KubeClientError(code, "nobody there")
            }
        }
        #expect(log.lines.count == lines)
        for line in log.lines {
            #expect(line.contains("no idea") && line.contains("alice") && line.contains("nobody there"))
        }
        #expect(try await answer(reviews, 2) == .success(2))
        let text = registry.exposition()
        #expect(text.contains(#"apiserver_delegated_authz_request_total{code="<error>"} 1"#))
        #expect(text.contains(#"apiserver_delegated_authz_request_total{code="201"} 1"#))
    }

    /// A refusal is an answer like any other to those who wait for it.
    @Test(arguments: [2, 3])
    func equalQuestionsAtATimeArePutOnce(_ number: Int) async throws {
        let reviews = reviews()
        let gate = Gate()
        let answers = try await withThrowingTaskGroup(of: Reviews.Answer.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    try await reviews.answer(to: "\(number)") { () async throws(KubeClientError) in
                        await gate.pass()
                        return number == 2 ? .success(number) : .failure(Refused(why: "odd"))
                    }
                }
            }
            await gate.waitForArrivals(1)
            for _ in 0..<100 { await Task.yield() }
            gate.open()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == Array(repeating: number == 2 ? .success(2) : .failure(Refused(why: "odd")), count: 100))
        #expect(gate.arrivals == 1)
    }
}
