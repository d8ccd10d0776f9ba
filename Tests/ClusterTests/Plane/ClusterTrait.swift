import TestSupport
import Testing

/// One server in the shared control plane for all tests of a suite, and the end of its log with every failure.
struct ClusterTrait: SuiteTrait, TestScoping {
    var flags: [String] = []
    @TaskLocal static var server: ClusterServer?

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let server = try await ClusterServer.start(try await SharedPlane.plane.get(), flags: flags)
        do {
            try await Self.$server.withValue(server) { try await function() }
            await server.kill()
        } catch {
            let log = await server.log
            await server.kill()
            throw Trouble("\(error)\nthe server's log ends:\n\(log.suffix(4000))")
        }
    }
}

extension Trait where Self == ClusterTrait {
    /// Starts a server for the suite; tests get it by ``ClusterServer/shared``.
    static func cluster(flags: [String] = []) -> Self { ClusterTrait(flags: flags) }
}

extension ClusterServer {
    /// The server of the suite.
    static var shared: ClusterServer {
        get throws {
            guard let server = ClusterTrait.server else { throw Trouble("the suite has no trait .cluster()") }
            return server
        }
    }
}
