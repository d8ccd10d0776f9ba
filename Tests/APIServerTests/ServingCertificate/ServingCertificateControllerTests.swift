import APIMachinery
import Digests
import HTTPTransport
import KubeClient
import NIOPosix
import TestSupport
import Testing

@testable import APIServer

#if canImport(Glibc)
    import Glibc
#endif

struct ServingCertificateControllerTests {
    private static let secret = "/api/v1/namespaces/kube-system/secrets/serving"
    private static let apiService = "/apis/apiregistration.k8s.io/v1/apiservices/v1.profefe.io"

    /// A kube-apiserver with an APIService, and what replicas need to talk to it.
    private struct Setting {
        let api: FakeKubeAPI
        let client: KubeClient
        let directory: TestSupport.TemporaryDirectory

        func replica(_ name: String, isLeader: Bool = true, now: Int64? = nil) -> ServingCertificateController {
            ServingCertificateController(
                .init(namespace: "kube-system", secret: "serving", apiService: "v1.profefe.io", service: "profefe"),
                client: client, files: files(name), isLeader: { isLeader }, now: { now ?? Int64(time(nil)) },
                clock: .continuous, logger: .silent)
        }

        func files(_ name: String) -> ServingCertificateFiles {
            ServingCertificateFiles(directory: directory.path("data/\(name)"))
        }

        func served(_ name: String) throws -> [UInt8] { try [UInt8](PEMFile.read(files(name).certificate)) }

        var bundle: [UInt8] {
            api.object(at: ServingCertificateControllerTests.apiService)?["spec"]?["caBundle"]?.stringValue
                .flatMap { Base64.decode($0) } ?? []
        }

        var stored: ServingCertificateSecret? {
            api.object(at: ServingCertificateControllerTests.secret).flatMap(ServingCertificateSecret.init)
        }
    }

    private func with(_ body: (Setting) async throws -> Void) async throws {
        try await FakeKubeAPI.with { api in
            try api.put(
                [
                    "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
                    "metadata": ["name": "v1.profefe.io"],
                    "spec": ["service": ["name": "profefe-apiserver", "namespace": "elsewhere"]],
                ], at: Self.apiService)
            let client = KubeClient(
                config: try KubeConfigFile(parsing: Array(api.kubeconfig().utf8), path: "test").config(),
                userAgent: "test",
                group: MultiThreadedEventLoopGroup.singleton, logger: .silent)
            let setting = Setting(api: api, client: client, directory: try TestSupport.TemporaryDirectory("serving"))
            do {
                try await body(setting)
                await client.shutdown()
            } catch {
                await client.shutdown()
                throw error
            }
        }
    }

    /// Looks until nothing is left to do; an error if that takes more than a few looks.
    private func settle(_ controller: ServingCertificateController) async throws {
        for _ in 0..<5 where try await controller.reconcile() { return }
        throw Trouble("there is still something to do after five looks")
    }

    /// T01: names of the Service that the APIService says, trusted by its caBundle, the key for nobody else.
    @Test func theLeaderMakesAllOfIt() async throws {
        try await with { setting in
            let controller = setting.replica("a")
            #expect(!controller.hasCertificate)
            try await settle(controller)
            #expect(controller.hasCertificate)
            let secret = try #require(setting.stored)
            #expect(setting.bundle == secret.bundle)
            #expect(try setting.served("a") == secret.certificate)
            let facts = try CertificateFacts(pem: secret.certificate)
            #expect(facts.covers(host: "profefe-apiserver.elsewhere.svc"))
            #expect(facts.isSigned(by: try CertificateFacts(pem: setting.bundle)))
            var info = stat()
            #expect(stat(setting.files("a").key, &info) == 0)
            #expect(info.st_mode & 0o077 == 0)
        }
    }

    @Test func theOthersServeWhatTheLeaderWroteAndWriteNothing() async throws {
        try await with { setting in
            let follower = setting.replica("b", isLeader: false)
            #expect(try await follower.reconcile() == false)
            #expect(!follower.hasCertificate)
            try await settle(setting.replica("a"))
            let writes = setting.api.requests.filter { $0.method != "GET" }.count
            #expect(try await follower.reconcile())
            #expect(try setting.served("b") == setting.served("a"))
            #expect(setting.api.requests.filter { $0.method != "GET" }.count == writes)
        }
    }

    @Test func whatIsRightIsLeftAlone() async throws {
        try await with { setting in
            let controller = setting.replica("a")
            try await settle(controller)
            let version = setting.api.version
            try await settle(controller)
            try await settle(setting.replica("a after a restart"))
            #expect(setting.api.version == version)
        }
    }

    @Test func twoThatBothThinkTheyLeadEndWithOneCertificate() async throws {
        try await with { setting in
            let (one, two) = (setting.replica("a"), setting.replica("b"))
            async let first = one.reconcile()
            async let second = two.reconcile()
            _ = try await (first, second)
            try await settle(one)
            try await settle(two)
            #expect(try setting.served("a") == setting.served("b"))
            #expect(setting.bundle == setting.stored?.bundle)
        }
    }

    /// T01: a caBundle or an insecureSkipTLSVerify that somebody set is mended.
    @Test func theAPIServiceIsMended() async throws {
        try await with { setting in
            try await settle(setting.replica("a"))
            try setting.api.put(
                [
                    "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
                    "metadata": ["name": "v1.profefe.io"],
                    "spec": [
                        "caBundle": "AAAA", "insecureSkipTLSVerify": true,
                        "service": ["name": "profefe-apiserver", "namespace": "elsewhere"],
                    ],
                ], at: Self.apiService)
            try await settle(setting.replica("a"))
            #expect(setting.bundle == setting.stored?.bundle)
            #expect(setting.api.object(at: Self.apiService)?["spec"]?["insecureSkipTLSVerify"] == nil)
        }
    }

    /// S03: renewed without a restart.
    @Test func aDeletedSecretIsMadeAnew() async throws {
        try await with { setting in
            let controller = setting.replica("a")
            try await settle(controller)
            let before = try setting.served("a")
            let known = setting.bundle
            try setting.api.remove(Self.secret)
            // First the new authority is trusted beside the old one; until then what is served stays.
            while try setting.served("a") == before {
                #expect(setting.bundle.starts(with: known))
                _ = try await controller.reconcile()
            }
            try await settle(controller)
            #expect(setting.bundle == setting.stored?.bundle)
            #expect(setting.stored?.authorities.count == 2)
            let leaf = try CertificateFacts(pem: try setting.served("a"))
            let newest = try #require(setting.stored?.authorities.last)
            #expect(leaf.isSigned(by: try CertificateFacts(pem: newest)))
        }
    }

    /// Whoever takes the old authority out of the bundle as well wants it trusted no longer.
    @Test func anAuthorityThatNobodyTrustsIsNotKept() async throws {
        try await with { setting in
            let controller = setting.replica("a")
            try await settle(controller)
            let before = setting.bundle
            try setting.api.remove(Self.secret)
            try setting.api.put(
                ["spec": ["service": ["name": "profefe-apiserver", "namespace": "elsewhere"]]], at: Self.apiService)
            try await settle(controller)
            #expect(setting.stored?.authorities.count == 1)
            #expect(setting.bundle == setting.stored?.bundle && setting.bundle != before)
        }
    }

    /// S03
    @Test func aCertificateThatNearsItsEndIsRenewed() async throws {
        try await with { setting in
            try await settle(setting.replica("a"))
            let before = setting.stored
            // One look only: what it makes is made by the machine's clock, and worn again by this one.
            let later = setting.replica("a", now: Int64(time(nil)) + 61 * 86400)
            #expect(try await later.reconcile() == false)
            #expect(setting.stored?.certificate != before?.certificate)
            #expect(setting.stored?.authorities == before?.authorities)
        }
    }

    @Test func withoutKubeAPIServerTheLastCertificateStays() async throws {
        try await with { setting in
            let controller = setting.replica("a")
            try await settle(controller)
            let before = try setting.served("a")
            setting.api.fail(FakeKubeFaultRule(.status(500), path: Self.secret))
            await #expect(throws: KubeClientError(.refused, "")) { try await controller.reconcile() }
            #expect(controller.hasCertificate)
            #expect(try setting.served("a") == before)
        }
    }

    @Test func aTemporaryPairIsMadeOnceOnly() throws {
        let directory = try TestSupport.TemporaryDirectory("serving")
        let files = ServingCertificateFiles(directory: directory.path("not/there/yet"))
        try files.ensurePair()
        let first = try PEMFile.read(files.certificate)
        try files.ensurePair()
        #expect(try PEMFile.read(files.certificate) == first)
        #expect(throws: TransportError(.badCertificate, "")) {
            try ServingCertificateFiles(directory: "/dev/null/no").ensurePair()
        }
    }
}

/// The bytes of a file.
private enum PEMFile {
    static func read(_ path: String) throws -> [UInt8] {
        guard let file = fopen(path, "r") else { throw Trouble("can't open \(path)") }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = fread(&bytes, 1, bytes.count, file)
        return Array(bytes.prefix(count))
    }
}
