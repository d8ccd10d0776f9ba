import APIMachinery
import HTTPTransport
import TestSupport
import Testing

@testable import KubeClient

/// The client over TLS, where it speaks HTTP/2.
struct KubeTLSTests {
    private func version(_ client: KubeClient) async -> KubeClientError? {
        await failure { () throws(KubeClientError) in
            _ = try await client.send(KubeRequest(path: "/version", purpose: .lookup, retries: .never))
        }
    }

    @Test func theServerIsRecognisedByItsCAAndSpokenToByHTTP2() async throws {
        try await FakeKubeAPI.with(certificates: try TestCertificates()) { api in
            let client = try KubeClient.make(api)
            #expect(await version(client) == nil)
            #expect(await version(client) == nil)
            #expect(api.requests.map(\.httpVersion) == ["HTTP/2.0", "HTTP/2.0"])
            #expect(Set(api.requests.map(\.connection)).count == 1)
            await client.shutdown()
        }
    }

    @Test func ourCertificateIsShown() async throws {
        let certificates = try TestCertificates()
        let pair = try certificates.mint(.init(commonName: "jane", organizations: ["dev"]), name: "jane")
        try await FakeKubeAPI.with(certificates: certificates) { api in
            let client = try KubeClient.make(api, client: pair)
            #expect(await version(client) == nil)
            #expect(api.requests.first?.certificates.first == pair.chainDER.first)
            await client.shutdown()
        }
    }

    @Test(arguments: [("api.profefe.svc", true), ("", true), ("kube.example", false)])
    func theNameOfTheServersCertificateMayBeGiven(_ name: String, _ isRight: Bool) async throws {
        try await FakeKubeAPI.with(certificates: try TestCertificates()) { api in
            let client = try KubeClient.make(api) { $0.tls.serverName = name }
            let error = await version(client)
            #expect(error == (isRight ? nil : KubeClientError(.unreachable, "")))
            await client.shutdown()
        }
    }

    @Test func aServerOfAnotherCAIsNotSpokenTo() async throws {
        let certificates = try TestCertificates()
        try await FakeKubeAPI.with(certificates: certificates) { api in
            let stranger = try KubeClient.make(api, token: "s3cret") {
                $0.tls.authority = .bytes(certificates.otherAuthority.certificatePEM)
            }
            #expect(await version(stranger) == KubeClientError(.unreachable, ""))
            #expect(api.count() == 0)
            let careless = try KubeClient.make(api) { $0.tls = KubeTLS(skipsVerification: true) }
            #expect(await version(careless) == nil)
            for client in [stranger, careless] { await client.shutdown() }
        }
    }

    @Test func aCAThatIsRotatedIsReadAgain() async throws {
        let certificates = try TestCertificates()
        let directory = try TemporaryDirectory("kube")
        func write(_ pem: [UInt8]) throws { try directory.write(String(decoding: pem, as: UTF8.self), "ca.crt") }
        try await FakeKubeAPI.with(certificates: certificates) { api in
            let clock = ManualClock()
            let client = try KubeClient.make(api, clock: SteadyClock(clock)) {
                $0.tls.authority = .file(directory.path("ca.crt"))
            }
            try write(certificates.otherAuthority.certificatePEM)
            #expect(await version(client) == KubeClientError(.unreachable, ""))
            // Even a write is tried again: it was never sent.
            async let made = client.create(["metadata": ["name": "x"]], at: "/api/v1/namespaces")
            await clock.waitForSleepers(1)
            try write(certificates.authority.certificatePEM)
            clock.advance(by: .milliseconds(500))
            await clock.waitForSleepers(1)
            clock.advance(by: .milliseconds(750))
            #expect(try await made["metadata"]?["name"] == "x")
            await client.shutdown()
        }
    }

    @Test func aCAThatIsMissingIsNamed() async throws {
        try await FakeKubeAPI.with(certificates: try TestCertificates()) { api in
            let client = try KubeClient.make(api) { $0.tls.authority = .file("/nowhere/ca.crt") }
            let error = await version(client)
            #expect(error?.message.contains("/nowhere/ca.crt") == true)
            await client.shutdown()
        }
    }

    @Test func aListWatchAndReviewsShareAConnection() async throws {
        try await FakeKubeAPI.with(certificates: try TestCertificates()) { api in
            let client = try KubeClient.make(api)
            let cache = ObjectCache<KubeNamespace>()
            let reflector = Reflector(client: client, source: .namespaces, sink: cache, logger: .silent) {
                KubeNamespace($0)
            }
            let task = Task { await reflector.run() }
            await api.wait { $0.watchCount == 1 }
            try api.putNamespace("shop", isTerminating: true)
            while cache[ObjectKey(namespace: "", name: "shop")]?.isTerminating != true { await Task.yield() }
            let reviewer = KubeTokenReviewer(client: client)
            #expect(
                try await reviewer.review(token: "x", audiences: []) != .authenticated(.init(name: ""), audiences: []))
            #expect(Set(api.requests.map(\.connection)).count == 1)
            task.cancel()
            await task.value
            await api.wait { $0.watchCount == 0 }
            await client.shutdown()
        }
    }

    @Test func aServerThatIsGoneAndComesBackIsFollowedAgain() async throws {
        try await FakeKubeAPI.with(certificates: try TestCertificates()) { api in
            let clock = ManualClock()
            let client = try KubeClient.make(api, clock: SteadyClock(clock))
            let cache = ObjectCache<KubeNamespace>()
            let reflector = Reflector(client: client, source: .namespaces, sink: cache, logger: .silent) {
                KubeNamespace($0)
            }
            let task = Task { await reflector.run() }
            await api.wait { $0.watchCount == 1 }
            await api.goAway()
            await clock.waitForSleepers(1)
            try api.putNamespace("shop")
            try await api.comeBack()
            while cache[ObjectKey(namespace: "", name: "shop")] == nil {
                if clock.sleeperCount > 0 { clock.advance(by: .seconds(60)) }
                await Task.yield()
            }
            task.cancel()
            await task.value
            await client.shutdown()
        }
    }
}
