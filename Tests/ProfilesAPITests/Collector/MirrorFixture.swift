import APIMachinery
import HTTPTransport
import NIOHTTP1
import NIOPosix
import ProfefeCollector
import ProfileCapture
import ProfileStore
import TestSupport
import Testing

@testable import ProfilesAPI

/// An API whose profiles are those of a collector. Nothing is polled but by ``poll()``.
struct MirrorFixture: Sendable {
    let api: TestAPI
    let mirror: CollectorMirror

    /// A poll; whether it went through.
    @discardableResult func poll() async -> Bool { await mirror.poll() }

    /// Starts an API over the collector at `url`, and ends it.
    static func with<R: Sendable>(
        _ url: String, directory: String? = nil, unscoped: String = "default",
        configure: @Sendable (inout CollectorConfiguration) -> Void = { _ in },
        tls: ClientTLSConfiguration = ClientTLSConfiguration(), pods: any PodSource = NoPods(),
        limits: CollectorClient.Limits = CollectorClient.Limits(), now: Timestamp = Timestamp.now(),
        _ body: @escaping @Sendable (MirrorFixture) async throws -> R
    ) async throws -> R {
        let client = CollectorClient(
            try #require(CollectorAddress(url: url)), tls: tls, limits: limits,
            group: MultiThreadedEventLoopGroup.singleton)
        var configuration = CollectorConfiguration(client)
        configuration.unscopedNamespace = unscoped
        configure(&configuration)
        var options = TestAPI.Options()
        options.collector = configuration
        options.pods = pods
        options.now = now
        options.directory = directory
        options.store = {
            $0.mirror = MirroredSource(name: url, parts: [url, unscoped], resource: "profiles")
        }
        do {
            let result = try await TestAPI.with(options) { api in
                let mirror = try #require(api.api.mirror)
                try await mirror.load()
                return try await body(MirrorFixture(api: api, mirror: mirror))
            }
            await client.shutdown()
            return result
        } catch {
            await client.shutdown()
            throw error
        }
    }
}

extension TestAPI {
    static let all = "/apis/profefe.io/v1/profiles"

    /// The path of a profile, or of a subresource.
    static func profile(_ namespace: String, _ name: String, _ subresource: String = "") -> String {
        "/apis/profefe.io/v1/namespaces/\(namespace)/profiles/\(name)" + (subresource.isEmpty ? "" : "/\(subresource)")
    }

    /// The names of the profiles, of all namespaces.
    func profileNames(_ query: String = "") async throws -> [String] { try await send(.GET, Self.all + query).names }
}

/// A profile without a time of its own.
let untimed = FakeCollector.untimedProfile
