import Foundation
import TestSupport
import Testing

/// client-go against the built server: `client-go/main.go` says what it does. It is built inside a kubernetes tree, whose vendored
/// client-go it uses, so nothing is fetched; `PROFEFE_CLIENT_GO` says where that tree is.
@Suite(.serialized, .timeLimit(.minutes(15)))
struct ClientGoTests {
    static let tree = ProcessInfo.processInfo.environment["PROFEFE_CLIENT_GO"]

    @Test(
        .enabled(if: Tool.go.isPresent, Tool.go.absence),
        .enabled(if: tree != nil, "PROFEFE_CLIENT_GO does not name a kubernetes source tree: client-go is skipped"))
    func `W01 W03 L02 R09 R14 E01 client-go's informers, pager, retry watcher and apply`() async throws {
        let client = try await build(in: try #require(Self.tree))
        try await RunningServer.with { server in
            let output = try await client.program.run(
                [server.home.directory.path("kubeconfig"), "client-go", ServerHome.profile("cpu").path],
                within: .seconds(240))
            #expect(output.status == 0, "\(output.text)\(output.err)")
            let names = output.text.split(separator: "\n").map { $0.dropFirst(3) }
            #expect(
                names == [
                    "dynamic informer of profiles", "dynamic informer of captures", "metadata informer of profiles",
                    "pager",
                    "retry watcher", "apply", "patches", "preconditions", "errors",
                ])
        }
    }

    private struct Built {
        let directory: TemporaryDirectory
        let program: Tool
    }

    /// Compiles the program as if it lay in the tree, without writing there.
    private func build(in tree: String) async throws -> Built {
        let directory = try TemporaryDirectory("client-go")
        let source = ServerHome.source("Tests/IntegrationTests/Clients/client-go/main.go").path
        let overlay = ["Replace": ["\(tree)/cmd/profefe-client-go/main.go": source]]
        try JSONEncoder().encode(overlay).write(to: directory.url.appendingPathComponent("overlay.json"))
        let offline = ["GOTOOLCHAIN": "local", "GOPROXY": "off", "CGO_ENABLED": "0"]
        let built = try await Tool.go.run(
            [
                "build", "-overlay", directory.path("overlay.json"), "-o", directory.path("client"),
                "./cmd/profefe-client-go",
            ], environment: offline, directory: URL(fileURLWithPath: tree), within: .seconds(600))
        guard built.status == 0 else { throw Trouble("go build in \(tree): \(built.err)") }
        return Built(directory: directory, program: Tool(at: directory.url.appendingPathComponent("client")))
    }
}
