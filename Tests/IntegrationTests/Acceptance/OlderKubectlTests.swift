import Foundation
import TestSupport
import Testing

/// A kubectl of years ago, such as Debian's 1.20 (package `kubernetes-client`), at `PROFEFE_OLDER_KUBECTL`. S08, B01, R10, R20.
///
/// Before 1.27 kubectl reads OpenAPI v2 as protobuf, which kube-apiserver makes of our JSON; asked directly, as here, it has to do
/// without: no `explain`, no validation on its side.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct OlderKubectlTests {
    static let older = Tool(
        at: URL(fileURLWithPath: ProcessInfo.processInfo.environment["PROFEFE_OLDER_KUBECTL"] ?? "/nowhere"))
    static var isPresent: Bool { FileManager.default.isExecutableFile(atPath: older.url?.path ?? "") }

    @Test(.enabled(if: isPresent, "PROFEFE_OLDER_KUBECTL names no kubectl: skipped"))
    func `S08 it gets, applies, labels, watches, waits and deletes`() async throws {
        try await RunningServer.with { server in
            func kubectl(_ arguments: String...) async throws -> ProgramOutput {
                try await kubectl(arguments: arguments)
            }
            func kubectl(arguments: [String]) async throws -> ProgramOutput {
                let output = try await Self.older.run(
                    ["--kubeconfig", server.home.directory.path("kubeconfig"), "-n", "shop"] + arguments,
                    directory: server.home.directory.url)
                #expect(output.status == 0, "kubectl \(arguments): \(output.err)")
                return output
            }
            func apply(_ more: String...) async throws -> String {
                try await kubectl(
                    arguments: ["apply", "-f", "older.yaml", "--validate=false", "--openapi-patch=false"] + more
                ).text
            }
            let name = try #require(try await server.upload("shop")["metadata"]["name"].string)
            let table = try await kubectl("get", "prof")
            #expect(table.lines.first?.hasPrefix("NAME") == true && table.text.contains("frontend"), "\(table.text)")
            #expect(try await kubectl("get", "prof", "-o", "wide", "-A", "--show-labels").text.contains("shop"))
            #expect(try await kubectl("get", "prof", name, "-o", "yaml").text.contains("kind: Profile"))
            #expect(try await kubectl("describe", "prof", name).text.contains("frontend"))
            #expect(try await kubectl("label", "prof", name, "incident=1").text.contains("labeled"))
            #expect(try await kubectl("annotate", "prof", name, "a=b").text.contains("annotated"))
            #expect(try await kubectl("api-resources", "--api-group=profefe.io").text.contains("profilecaptures"))
            try server.home.directory.write(
                """
                apiVersion: profefe.io/v1
                kind: ProfileCapture
                metadata: {name: older, namespace: shop}
                spec: {target: {podName: nobody}, types: [heap]}

                """, "older.yaml")
            #expect(try await apply().contains("created"))
            #expect(try await apply().contains("unchanged"))
            #expect(
                try await kubectl("wait", "--for=condition=Failed", "pcap/older", "--timeout=30s").text.contains("met"))
            #expect(try await apply("--server-side", "--force-conflicts").contains("applied"))
            #expect(try await kubectl("delete", "-f", "older.yaml").text.contains("deleted"))
            #expect(try await kubectl("delete", "prof", "--all").text.contains("deleted"))
        }
    }
}
