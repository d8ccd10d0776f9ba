import Foundation
import TestSupport
import Testing

/// D07: kube-apiserver asks now this replica, now that one: what they say of themselves must not differ.
@Suite(.serialized, .timeLimit(.minutes(2)), .enabled(if: Tool.curl.isPresent, Tool.curl.absence))
struct ReplicaTests {
    private static let aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    private static let documents = [
        ("/apis", aggregated), ("/apis", "application/json"), ("/apis/profefe.io", "application/json"),
        ("/apis/profefe.io/v1", "application/json"), ("/openapi/v2", "application/json"),
        ("/openapi/v3", "application/json"), ("/openapi/v3/apis/profefe.io/v1", "application/json"),
    ]

    private func told() async throws -> [String] {
        try await RunningServer.with { server in
            var told: [String] = []
            for (path, accept) in Self.documents {
                let answer = try await server.curl(path, as: .admin, "-H", "Accept: \(accept)")
                #expect(answer.status == 200)
                told.append("\(path) \(answer.headers["etag"] ?? []) \(sha256(answer.body))")
            }
            return told
        }
    }

    @Test func twoServersDescribeThemselvesAlike() async throws {
        let (one, other) = (try await told(), try await told())
        #expect(one == other)
        #expect(one.filter { $0.contains("\\\"") }.count >= 3, "\(one)")
    }
}
