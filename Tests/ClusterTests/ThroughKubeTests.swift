import Foundation
import HTTPTransport
import TestSupport
import Testing

/// What the server records of the requests of a suite.
private enum Records {
    static let directory = try? TemporaryDirectory("records")
    static let audit = directory?.path("audit.log") ?? "/nonexistent"
    /// Everything: who, and the log at its chattiest.
    static let flags: [String] = {
        try? directory?.write("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n", "policy.yaml")
        return [
            "--audit-policy-file=\(directory?.path("policy.yaml") ?? "")", "--audit-log-path=\(audit)",
            "--log-requests",
            "--log-level=trace", "--log-format=json",
        ]
    }()

    static func events() -> [[String: Any]] {
        ((try? String(contentsOfFile: audit, encoding: .utf8)) ?? "").split(separator: "\n").compactMap {
            (try? JSONSerialization.jsonObject(with: Data($0.utf8))) as? [String: Any]
        }
    }
}

/// The ways of a request through kube-apiserver that are unlike the direct one: streams, upgrades, paths, identities.
@Suite(.serialized, .controlPlane, .cluster(flags: Records.flags), .timeLimit(.minutes(8)))
struct ThroughKubeTests {
    private static let group = "/apis/profefe.io/v1"

    private func name(_ output: ProgramOutput) throws -> String {
        let object = try JSONSerialization.jsonObject(with: Data(output.out)) as? [String: Any]
        return try #require((object?["metadata"] as? [String: Any])?["name"] as? String, "\(output.err)")
    }

    /// T05: three hundred watches, which kube-apiserver puts on few connections to us, and each learns of a new profile.
    @Test func threeHundredWatchesAllDeliver() async throws {
        let server = try ClusterServer.shared
        let plane = server.plane
        try await server.makeNamespace("watched")
        let before = try name(try await server.upload("watched"))
        let files = try TemporaryDirectory("watches")
        let url = "\(plane.url)\(Self.group)/namespaces/watched/profiles?watch=true"
        let entries = (0..<300).map { "url = \"\(url)\"\noutput = \"\(files.path("\($0)"))\"\n" }
        try files.write(entries.joined(), "curlrc")
        let watches = try Tool.curl.start(
            [
                "-sSN", "--http1.1", "--parallel", "--parallel-max", "300", "--parallel-immediate", "--cacert",
                plane.clients.authority.certificateFile, "-K", files.path("curlrc"),
            ] + plane.credentials("watcher", ["system:masters"]))
        func count(_ name: String) -> Int {
            (0..<300).count { index in
                ((try? String(contentsOfFile: files.path("\(index)"), encoding: .utf8)) ?? "").contains(name)
            }
        }
        try await eventually("all watches have begun", within: .seconds(120)) { count(before) == 300 }
        let after = try name(try await server.upload("watched"))
        try await eventually("all watches have the new profile", within: .seconds(60)) { count(after) == 300 }
        #expect(watches.isRunning)
        await watches.stop()
    }

    /// T12: an answer that takes longer than a minute arrives whole below `proxy`, and only there.
    @Test func aLongAnswerArrivesOnlyBelowProxy() async throws {
        let server = try ClusterServer.shared
        let plane = server.plane
        try await server.makeNamespace("long")
        let file = plane.home.path("trace")
        let sum = try Trace.write(megabytes: 48, to: file)
        let path = "\(Self.group)/namespaces/long/profiles"
        let made = try await plane.kubectl(
            "create", "--raw", "\(Self.group)/namespaces/long/profileservices/web/profiles?type=trace", "-f", file)
        let trace = try name(made)
        // What the sockets between here and the server hold is less than what is left after a minute at this rate.
        let slowly =
            ["-sS", "--http1.1", "--limit-rate", "500K", "--cacert", plane.clients.authority.certificateFile]
            + (try plane.credentials("downloader", ["system:masters"]))
        let began = ContinuousClock.now
        let whole = try Tool.curl.start(slowly + ["\(plane.url)\(path)/\(trace)/proxy/"])
        let cut = try Tool.curl.start(slowly + ["\(plane.url)\(path)/\(trace)/download"])
        let proxied = try await whole.output(within: .seconds(300))
        #expect(proxied.status == 0, "\(proxied.err)")
        #expect(Trace.sum(proxied.out) == sum)
        #expect(ContinuousClock.now - began > .seconds(60))
        #expect(try await cut.output(within: .seconds(300)).status != 0)
    }

    /// T14: who wants to upgrade is refused, at once and by us.
    @Test func anUpgradeIsRefused() async throws {
        let plane = try ClusterServer.shared.plane
        let upgrade = [
            "--http1.1", "-H", "Connection: Upgrade", "-H", "Upgrade: websocket", "-H", "Sec-WebSocket-Version: 13",
            "-H", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ]
        for path in ["\(Self.group)/namespaces/default/profiles", "\(Self.group)/profiles?watch=true", Self.group] {
            let answer = try await plane.curl(path, upgrade + plane.credentials("upgrader", ["system:masters"]))
            #expect((400..<500).contains(answer.status), "\(path): \(answer.status) \(answer.body)")
            #expect(answer.body.contains(#""Status""#), "\(path): \(answer.body)")
        }
    }

    /// Q02: an encoded slash makes of a name no other resource than the one that was authorised.
    @Test func anEncodedSlashOpensNothing() async throws {
        let server = try ClusterServer.shared
        let plane = server.plane
        try await server.makeNamespace("slashes")
        let profile = try name(try await server.upload("slashes"))
        try await plane.apply(
            """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: names-only, namespace: slashes}
            rules:
            - {apiGroups: [profefe.io], resources: [profiles], verbs: [get, list]}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: names-only, namespace: slashes}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: names-only}
            subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: nina}]

            """)
        let path = "\(Self.group)/namespaces/slashes/profiles"
        let (nina, root) = (try plane.credentials("nina"), try plane.credentials("slasher", ["system:masters"]))
        #expect(try await plane.curl("\(path)/\(profile)", nina).status == 200)
        #expect(try await server.curl("\(path)/\(profile)", nina).status == 200)
        for hidden in ["\(profile)%2Fdownload", "\(profile)%2fdownload", "a%2F..%2F\(profile)%2Fdownload"] {
            for status in [
                try await plane.curl("\(path)/\(hidden)", nina).status,
                try await server.curl("\(path)/\(hidden)", nina).status,
            ] {
                #expect([400, 403, 404].contains(status), "\(hidden): \(status)")
            }
        }
        for odd in ["a%2Fb", "%2e%2e", "..", "a%252Fb"] {
            let status = try await plane.curl("\(path)/\(odd)", root).status
            #expect([400, 404].contains(status), "\(odd): \(status)")
        }
    }

    /// Z05: a server-side apply that would create needs the right to create, of which kube-apiserver asks nothing.
    @Test func whoMayOnlyPatchCreatesNothingByApply() async throws {
        let server = try ClusterServer.shared
        let plane = server.plane
        try await server.makeNamespace("patched")
        try await plane.apply(
            """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: patcher, namespace: patched}
            rules:
            - {apiGroups: [profefe.io], resources: [profilecaptures], verbs: [get, patch]}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: patcher, namespace: patched}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: patcher}
            subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: paul}]

            """)
        try plane.writeKubeconfig("paul", user: "paul")
        let manifest = ClusterServer.capture("applied", "patched")
        func apply() async throws -> ProgramOutput {
            try await plane.kubectl(
                as: "paul", ["apply", "--server-side", "--force-conflicts", "-f", "-"], input: .text(manifest))
        }
        let refused = try await apply()
        #expect(refused.err.contains(#"User "paul" cannot create resource "profilecaptures""#), "\(refused.everything)")
        try await plane.apply(manifest)
        let patched = try await apply()
        #expect(patched.status == 0, "\(patched.err)")
    }

    /// What became of a capture is among its events, where `kubectl describe` shows it.
    @Test func aFailedCaptureIsTold() async throws {
        let server = try ClusterServer.shared
        let plane = server.plane
        try await server.makeNamespace("told")
        try await plane.apply(ClusterServer.capture("lost", "told"))
        try await eventually("the event is shown", within: .seconds(60)) {
            let shown = try await plane.kubectl("describe", "pcap", "lost", "-n", "told").text
            return shown.contains("ProfileFailed") && shown.contains("PodGone")
        }
    }

    /// N05, N12, H05: a ServiceAccount comes through kube-apiserver and by itself: its uid and its trace are recorded, its token isn't.
    @Test func identitiesAreRecordedAndCredentialsAreNot() async throws {
        let server = try ClusterServer.shared
        let plane = server.plane
        try await server.makeNamespace("recorded")
        try await plane.apply(
            """
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: reader, namespace: recorded}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: reader, namespace: recorded}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: profefe-view}
            subjects: [{kind: ServiceAccount, name: reader, namespace: recorded}]

            """)
        let uid = try await plane.kubectl("get", "sa", "reader", "-n", "recorded", "-o", "jsonpath={.metadata.uid}")
            .text
        let token = try await server.token("reader", in: "recorded")
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        let path = "\(Self.group)/namespaces/recorded/profiles"
        let asked = [
            "-H", "Authorization: Bearer \(token)", "-H", "traceparent: 00-\(trace)-00f067aa0ba902b7-01",
        ]
        #expect(try await plane.curl(path + "?limit=11", asked).status == 200)
        #expect(try await server.curl(path + "?limit=12", asked).status == 200)
        for limit in [11, 12] {
            var user: [String: Any]?
            try await eventually("the request with limit=\(limit) is recorded") {
                let event = Records.events().first {
                    ($0["requestURI"] as? String)?.hasSuffix("limit=\(limit)") == true
                }
                user = event?["user"] as? [String: Any]
                return user != nil
            }
            #expect(user?["username"] as? String == "system:serviceaccount:recorded:reader")
            #expect(user?["uid"] as? String == uid)
        }
        try await eventually("both lines have the trace") {
            await server.log.split(separator: "\n").count { $0.contains(trace) } >= 2
        }
        let audit = try String(contentsOfFile: Records.audit, encoding: .utf8)
        let own = try String(contentsOfFile: plane.home.path("server.token"), encoding: .utf8)
        for secret in [token, own] {
            #expect(!audit.contains(secret))
            #expect(await !server.log.contains(secret))
        }
    }
}
