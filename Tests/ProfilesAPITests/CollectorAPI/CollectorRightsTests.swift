import APIMachinery
import APIServer
import HTTPTransport
import NIOHTTP1
import ProfefeCollector
import TestSupport
import Testing

@testable import ProfilesAPI

/// Who may do what by profefe's API, and what it says where it can't be done.
struct CollectorRightsTests {
    /// Writes anywhere, reads namespace shop only.
    private static func shopReader() -> TestAPI.Options {
        var options = TestAPI.Options()
        options.rule = { attributes in
            if attributes.verb == "create" {
                return attributes.resource == "profileservices" && attributes.subresource == "profiles"
                    && attributes.namespace != "forbidden"
            }
            return attributes.user.name == "alice" && attributes.namespace == "shop"
        }
        return options
    }

    private func send(_ api: TestAPI, in namespace: String) async throws -> Answer {
        try await api.collector(
            .POST, CollectorSamples.send("&type=heap&labels=namespace%3D\(namespace)"), body: ProfileFixture.heap.bytes)
    }

    @Test func sendingTakesTheRightToCreateInTheNamespace() async throws {
        try await TestAPI.with(Self.shopReader()) { api in
            #expect(try await send(api, in: "bank").status == 200)
            let refused = try await send(api, in: "forbidden")
            #expect(refused.status == 403)
            #expect(refused.json["code"] == 403)
            #expect(refused.json["error"]?.stringValue?.contains("profileservices/profiles") == true)
        }
    }

    @Test func readsSeeTheNamespacesOnlyThatMayBeRead() async throws {
        try await TestAPI.with(Self.shopReader()) { api in
            let shop = try CollectorEnvelope(try await send(api, in: "shop").body).profile()
            let bank = try CollectorEnvelope(try await send(api, in: "bank").body).profile()
            let seen = try await api.collector(.GET, CollectorSamples.search())
            #expect(try CollectorEnvelope(seen.body).profiles() == [shop])
            #expect(try await api.collector(.GET, "/api/0/profiles/\(shop.id)").status == 200)
            #expect(try await api.collector(.GET, "/api/0/profiles/\(bank.id)").status == 404)
            let bankOnly = try await api.collector(.GET, CollectorSamples.search("&labels=namespace%3Dbank"))
            #expect(bankOnly.status == 404)
        }
    }

    @Test(arguments: [CollectorSamples.search(), "/api/0/services"])
    func whoMayReadNothingIsToldSo(target: String) async throws {
        try await TestAPI.with(Self.shopReader()) { api in
            #expect(try await send(api, in: "shop").status == 200)
            let answer = try await api.collector(.GET, target, user: "mallory")
            #expect(answer.status == 403)
            #expect(answer.json["error"]?.stringValue?.contains("mallory") == true)
        }
    }

    /// The Go agent tries again after a 5xx, with a body that it has read already.
    @Test(arguments: [
        (StatusError.serviceUnavailable("the store is away", retryAfter: 7), "7"), (.timeout("too slow"), "5"),
    ])
    func whereSendingCannotWorkNowItIs429(refusal: StatusError, seconds: String) {
        let dialect = CollectorDialect(unscopedNamespace: "default")
        let info = RequestInfo(
            path: "/api/0/profiles", verb: "create", groupVersion: ProfilesGroup.groupVersion,
            resource: ProfilesGroup.services, subresource: "profiles", namespace: "shop")
        let sent = dialect.refusal(refusal, of: info)
        #expect(sent.code == 429)
        let (status, headers, _) = dialect.response(
            sent, to: .init(method: .POST, target: "/api/0/profiles?service=a"))
        #expect(status.code == 429)
        #expect(headers.first(name: "retry-after") == seconds)
    }

    @Test func whatIsUndecidedIsNoFaultOfTheAgent() {
        let dialect = CollectorDialect(unscopedNamespace: "default")
        let info = RequestInfo(
            path: "/api/0/profiles", verb: "create", groupVersion: ProfilesGroup.groupVersion,
            resource: ProfilesGroup.services)
        let away = AuthenticationError(.unavailable, "kube-apiserver is away")
        #expect(dialect.refusal(.unauthorized().caused(by: away), of: info).code == 429)
        #expect(dialect.refusal(UndecidedAuthorization(away).refusal, of: info).code == 429)
        #expect(dialect.refusal(.unauthorized(), of: info).code == 401)
        #expect(dialect.refusal(.internalError("a bug"), of: info).code == 500)
        let read = RequestInfo(path: "/version", verb: "get")
        #expect(dialect.refusal(.serviceUnavailable("the store is away"), of: read).code == 503)
    }
}
