import APIMachinery
import HTTPTransport
import Logging
import NIOConcurrencyHelpers
import NIOPosix
import TestSupport

@testable import KubeClient

extension KubeClient {
    /// A client of `api`, by way of its kubeconfig.
    static func make(
        _ api: FakeKubeAPI, token: String? = nil, client: TestCertificates.Pair? = nil,
        clock: SteadyClock = .continuous, chance: Double = 0,
        limits: [RequestPurpose: RateLimit] = [:],
        change: (inout KubeConfig) -> Void = { _ in }
    ) throws -> KubeClient {
        let file = try KubeConfigFile(
            parsing: Array(api.kubeconfig(token: token, client: client).utf8), path: "/test/kubeconfig")
        var config = try file.config()
        change(&config)
        return KubeClient(
            config: config, userAgent: "profefe-apiserver/test (linux/amd64)",
            group: MultiThreadedEventLoopGroup.singleton, limits: { limits[$0] ?? .standard($0) }, clock: clock,
            random: { chance },
            logger: .silent)
    }
}

/// What an error-throwing call failed with; nil if it didn't.
func failure(_ body: () async throws(KubeClientError) -> Void) async -> KubeClientError? {
    do throws(KubeClientError) {
        try await body()
        return nil
    } catch {
        return error
    }
}
