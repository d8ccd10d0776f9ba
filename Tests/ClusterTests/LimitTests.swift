import Foundation
import HTTPTransport
import TestSupport
import Testing

/// S02: ordinary users fill the server, and neither its administrators nor kube-apiserver notice.
@Suite(
    .serialized, .controlPlane, .cluster(flags: ["--max-requests-inflight=1", "--max-mutating-requests-inflight=1"]),
    .timeLimit(.minutes(5)))
struct LimitTests {
    private static let group = "/apis/profefe.io/v1/namespaces/limits"

    private func setUp(_ server: ClusterServer) async throws {
        if try await server.plane.kubectl("get", "namespace", "limits").status == 0 { return }
        try await server.makeNamespace("limits")
        try await server.plane.apply(
            """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: fred, namespace: limits}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: profefe-edit}
            subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: fred}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: fred-views, namespace: limits}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: profefe-view}
            subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: fred}]

            """)
    }

    /// Whether the group is available, and since when: a flap in between would change it.
    private func availability(_ plane: ControlPlane) async throws -> String {
        try await plane.kubectl("get", "apiservice", "v1.profefe.io", "-o", "jsonpath={.status.conditions[*]}").text
    }

    @Test func whenWritersFillTheServerMastersAndProbesGoOn() async throws {
        let server = try ClusterServer.shared
        let plane = server.plane
        try await setUp(server)
        let (fred, root) = (try plane.credentials("fred"), try plane.credentials("limiter", ["system:masters"]))
        let upload = "\(Self.group)/profileservices/web/profiles?type=cpu"
        let body = ["--data-binary", "@\(ClusterServer.profile.path)"]
        try await eventually("fred may upload") { try await plane.curl(upload, fred + body).status == 201 }
        let before = try await availability(plane)
        // A body that doesn't come holds the only place. One that came while the place of an earlier request was not free yet is
        // answered itself, and comes again; `-T .` reads answers while it waits for more to send.
        var pipe = Pipe()
        func hold() throws -> RunningProgram {
            pipe = Pipe()
            let holder = try Tool.curl.start(
                [
                    "-sS", "--cacert", plane.clients.authority.certificateFile, "-T", ".", "-X", "POST",
                    plane.url + upload,
                ]
                    + fred, input: .pipe(pipe.fileHandleForReading))
            try pipe.fileHandleForWriting.write(contentsOf: Data([0x1F]))
            return holder
        }
        var holder = try hold()
        var seen: [String] = []
        do {
            try await eventually("the next one is refused", within: .seconds(60)) {
                if !holder.isRunning || !holder.printed.out.isEmpty {
                    seen.append(
                        "a holder ended: \(String(decoding: holder.printed.out, as: UTF8.self)) \(holder.printed.err)")
                    await holder.stop()
                    holder = try hold()
                }
                let status = try await plane.curl(upload, fred + body).status
                seen.append("an upload was answered \(status)")
                return status == 429
            }
        } catch {
            throw Trouble("\(error); \(seen.count) steps, the last: \(seen.suffix(6)); now: \(holder.printed.err)")
        }
        for _ in 0..<5 { #expect(try await plane.curl(upload, root + body).status == 201) }
        // Readers have places of their own; kube-apiserver's fetching of OpenAPI may have the one just now.
        try await eventually("fred reads") { try await plane.curl("\(Self.group)/profiles", fred).status == 200 }
        #expect(try await plane.kubectl("api-resources", "--api-group=profefe.io", "--cached=false").status == 0)
        #expect(try await availability(plane) == before)
        try pipe.fileHandleForWriting.close()
        _ = try await holder.output()
        try await eventually("there is a place again") { try await plane.curl(upload, fred + body).status == 201 }
    }

    @Test func whenReadersFillTheServerMastersAndProbesGoOn() async throws {
        let server = try ClusterServer.shared
        let plane = server.plane
        try await setUp(server)
        let (fred, root) = (try plane.credentials("fred"), try plane.credentials("limiter", ["system:masters"]))
        let file = plane.home.path("limits-trace")
        _ = try Trace.write(megabytes: 32, to: file)
        let made = try await plane.curl(
            "\(Self.group)/profileservices/web/profiles?type=trace", root + ["--data-binary", "@\(file)"])
        let object = try JSONSerialization.jsonObject(with: Data(made.body.utf8)) as? [String: Any]
        let name = try #require((object?["metadata"] as? [String: Any])?["name"] as? String, "\(made)")
        let before = try await availability(plane)
        // A reader that hardly reads holds the only place: more is on its way than all sockets take.
        func hold() throws -> RunningProgram {
            try Tool.curl.start(
                [
                    "-sSN", "--http1.1", "--cacert", plane.clients.authority.certificateFile, "--limit-rate", "20K",
                    "\(plane.url)\(Self.group)/profiles/\(name)/download",
                ] + fred)
        }
        var holder = try hold()
        try await eventually("the next one is refused", within: .seconds(60)) {
            if !holder.isRunning { holder = try hold() }
            return try await plane.curl("\(Self.group)/profiles", fred).status == 429
        }
        for _ in 0..<5 { #expect(try await plane.curl("\(Self.group)/profiles", root).status == 200) }
        #expect(try await server.curl("/livez").status == 200)
        #expect(try await server.curl("/readyz").status == 200)
        #expect(try await availability(plane) == before)
        await holder.stop()
        try await eventually("there is a place again") {
            try await plane.curl("\(Self.group)/profiles", fred).status == 200
        }
    }
}
