import Foundation
import HTTPTransport
import TestSupport
import Testing

/// What may change while requests come and go: whom the server trusts, and by what it is trusted. No restart, no lost request.
@Suite(.serialized, .controlPlane, .timeLimit(.minutes(6)))
struct RotationTests {
    private static let path = "/apis/profefe.io/v1/namespaces/default/profiles"

    /// The serial number of the certificate that a new connection is shown.
    private func serial(_ server: ClusterServer) async throws -> String {
        let shown = try await Tool.sh.run([
            "-c",
            "openssl s_client -connect 127.0.0.1:\(server.port) </dev/null 2>/dev/null | openssl x509 -noout -serial",
        ])
        return shown.text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func check(_ load: Load) {
        #expect(load.failures.isEmpty, "\(load.failures.count) failures: \(load.failures.prefix(5))")
        #expect(load.answers["GET 200", default: 0] > 10 && load.answers["POST 201", default: 0] > 10)
    }

    /// N01: the CA of clients is joined by another of the same name. (kube-apiserver never takes one out of its ConfigMap; that is
    /// tested with a FakeKubeAPI.)
    @Test func theClientsCAIsRotatedUnderLoad() async throws {
        try await ClusterServer.inAPlaneOfItsOwn { server in
            let plane = server.plane
            let next = try TestCertificates()
            let successor = try next.mint(.init(commonName: "root", organizations: ["system:masters"]), name: "root")
            let old = try plane.credentials("old-root", ["system:masters"])
            let new = ["--cert", successor.certificateFile, "--key", successor.keyFile]
            #expect(try await server.curl(Self.path, old).status == 200)
            #expect(try await server.curl(Self.path, new).status == 401)
            let direct = try await server.loadClient(old)
            check(
                try await Load.during(plane, [try Load.throughKubeAPIServer(plane), direct]) {
                    let both = plane.clients.authority.certificatePEM + next.authority.certificatePEM
                    try plane.home.write(String(decoding: both, as: UTF8.self), "client-ca.crt")
                    try await eventually("the new CA's certificates are believed", within: .seconds(90)) {
                        try await server.curl(Self.path, new).status == 200
                    }
                    #expect(try await server.curl(Self.path, old).status == 200)
                })
        }
    }

    /// S03: the certificate that the server makes itself is made anew, CA and all.
    @Test func theServersOwnCertificateIsRotatedUnderLoad() async throws {
        try await ClusterServer.inAPlaneOfItsOwn { server in
            let plane = server.plane
            let old = try await serial(server)
            let bundle = try await server.caBundle()
            check(
                try await Load.during(plane, [try Load.throughKubeAPIServer(plane)]) {
                    let deleted = try await plane.kubectl(
                        "delete", "secret", "profefe-apiserver-serving-cert", "-n", "kube-system")
                    #expect(deleted.status == 0, "\(deleted.err)")
                    try await eventually("another certificate is served", within: .seconds(150)) {
                        try await serial(server) != old
                    }
                    try await eventually("the APIService trusts another CA") { try await server.caBundle() != bundle }
                    // kube-apiserver looks anew with the new bundle.
                    try await server.waitUntilAvailable()
                })
            let condition = try await plane.kubectl(
                "get", "apiservice", "v1.profefe.io", "-o",
                "jsonpath={.status.conditions[?(@.type=='Available')].status}")
            #expect(condition.text == "True")
        }
    }

    /// S03: a certificate by files, swapped key first, so that for a moment the pair doesn't match.
    @Test func aCertificateByFilesIsRotatedUnderLoad() async throws {
        let plane = try await ControlPlane.start()
        let authority = try TestCertificates()
        func mint(_ name: String) throws -> TestCertificates.Pair {
            try authority.mint(
                .init(
                    commonName: "profefe-apiserver",
                    alternativeNames: "DNS:profefe-apiserver.kube-system.svc,DNS:localhost,IP:127.0.0.1",
                    usage: "serverAuth"), name: name)
        }
        let (first, second) = (try mint("first"), try mint("second"))
        let (certificate, key) = (plane.home.path("serving.crt"), plane.home.path("serving.key"))
        try TestCertificates.replaceFile(certificate, with: first.certificatePEM)
        try TestCertificates.replaceFile(key, with: first.keyPEM)
        try await ClusterServer.using(
            plane, flags: ["--tls-cert-file=\(certificate)", "--tls-private-key-file=\(key)"],
            caBundle: authority.authority.certificatePEM
        ) { server in
            let old = try await serial(server)
            let direct = try await server.loadClient(try plane.credentials("direct", ["system:masters"]))
            check(
                try await Load.during(plane, [try Load.throughKubeAPIServer(plane), direct]) {
                    try TestCertificates.replaceFile(key, with: second.keyPEM)
                    // The half of a pair is noticed and not served.
                    try await eventually("the log tells of the pair that doesn't match", within: .seconds(90)) {
                        await server.log.contains("serving certificate not reloaded")
                    }
                    #expect(try await serial(server) == old)
                    try TestCertificates.replaceFile(certificate, with: second.certificatePEM)
                    try await eventually("the new certificate is served", within: .seconds(90)) {
                        try await serial(server) != old
                    }
                })
        }
    }
}
