import TestSupport
import Testing

/// One server for all tests of a suite, and its log with every failure.
struct ServerTrait: SuiteTrait, TestScoping {
    var flags: [String] = []
    var withTarget = false

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await RunningServer.with(flags: flags, withTarget: withTarget) { _ in try await function() }
    }
}

extension Trait where Self == ServerTrait {
    /// Starts a server for the suite; tests get it by ``RunningServer/shared``.
    static func server(flags: [String] = [], withTarget: Bool = false) -> Self {
        ServerTrait(flags: flags, withTarget: withTarget)
    }
}

extension Trait where Self == IssueHandlingTrait {
    /// Adds the end of the server's log to each failure.
    static var serverLog: Self {
        .compactMapIssues { issue in
            guard let server = RunningServer.current else { return issue }
            var issue = issue
            issue.comments.append(Comment(rawValue: server.logTail))
            return issue
        }
    }
}

extension RunningServer {
    /// The server of the suite.
    static var shared: RunningServer {
        get throws {
            guard let current else { throw Trouble("the suite has no trait .server()") }
            return current
        }
    }
}
