import Foundation
import TestSupport
import Testing

/// Files that change while the server runs. S03, Z06.
@Suite(.serialized, .timeLimit(.minutes(3)), .enabled(if: Tool.curl.isPresent, Tool.curl.absence))
struct ReloadTests {
    @Test func `S03 a new certificate is served while a watch goes on`() async throws {
        try await RunningServer.with { server in
            let watches = try ["--http2", "--http1.1"].map {
                try server.startCurl(RunningServer.path("shop") + "?watch=true", as: .admin, $0)
            }
            let before = try #require(try await server.upload("shop")["metadata"]["name"].string)
            for watch in watches { try await watch.wait("the first event") { out, _ in out.contains(before) } }
            let old = try await server.servedSerial()
            #expect(old.hasPrefix("serial="))

            try await server.renewCertificate()
            try await eventually("the new certificate is served", within: .seconds(60)) {
                try await server.servedSerial() != old
            }
            #expect(try await server.curl("/livez", as: nil).status == 200)

            let after = try #require(try await server.upload("shop")["metadata"]["name"].string)
            for watch in watches {
                try await watch.wait("the event after the change") { out, _ in out.contains(after) }
                #expect(watch.isRunning)
                await watch.stop()
            }
        }
    }

    @Test func `Z06 tokens, rights and pods change with their files, and broken files change nothing`() async throws {
        try await RunningServer.with { server in
            let directory = server.home.directory
            #expect(try await server.curl(RunningServer.path("prod"), as: .shopViewer).status == 403)
            try directory.write(
                "new-token,newcomer,uid-9,\"profefe-dev-admins\"\n"
                    + ServerHome.tokens.replacingOccurrences(
                        of: ServerHome.Client.uploader.rawValue, with: "revoked"), "tokens.csv")
            try directory.write(
                ServerHome.moreRights
                    + """
                    ---
                    apiVersion: rbac.authorization.k8s.io/v1
                    kind: ClusterRoleBinding
                    metadata: {name: viewer-everywhere}
                    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: profefe-view}
                    subjects:
                    - {apiGroup: rbac.authorization.k8s.io, kind: User, name: shop-viewer}

                    """, "rbac/more.yaml")
            try await eventually("the new rights count", within: .seconds(60)) {
                try await server.curl(RunningServer.path("prod"), as: .shopViewer).status == 200
            }
            try await eventually("the new token counts", within: .seconds(60)) {
                try await server.curl("/metrics", as: nil, "-H", "Authorization: Bearer new-token").status == 200
            }
            #expect(try await server.curl("/livez", as: .uploader).status == 401)

            try directory.write("kind: [", "rbac/more.yaml")
            try directory.write("\"unfinished", "tokens.csv")
            try await eventually("the log tells both faults", within: .seconds(60)) {
                server.log.contains("more.yaml") && server.log.contains("tokens.csv")
            }
            #expect(try await server.curl(RunningServer.path("prod"), as: .shopViewer).status == 200)
            #expect(try await server.curl("/metrics").status == 200)
        }
    }
}
