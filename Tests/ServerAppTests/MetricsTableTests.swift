import APIServer
import ArgumentParser
import Foundation
import Logging
import TestSupport
import Testing

@testable import ServerApp

/// H03: the table in Operating.md is what a server registers, nothing less and nothing more.
struct MetricsTableTests {
    private static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Sources/ServerApp/Documentation.docc/Operating.md")

    /// `name type labels` of each row.
    private func documented() throws -> [String] {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        let rows = text.split(separator: "\n").drop { $0 != "| metric | type | labels | what it is |" }.dropFirst(2)
        return rows.prefix { $0.hasPrefix("|") }.map { row in
            let cells = row.split(separator: "|", omittingEmptySubsequences: false).dropFirst().prefix(3)
            return cells.map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " `")) }.joined(separator: " ")
        }
    }

    @Test func everyMetricIsDocumentedAndNoOther() throws {
        let files = try Files()
        defer { files.remove() }
        let policy = try files.write(
            "policy.yaml", "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n")
        let flags = try files.flags().map { "\($0.key)=\($0.value)" }
        let options = try ServerOptions.parse(
            ["--standalone"] + flags
                + ["--audit-policy-file=\(policy)", "--audit-log-path=\(files.directory)/audit.log"])
        let beside = try ServerOptions.parse(
            ["--standalone", "--store=collector", "--collector-url=http://collector:10100"] + flags)
        let kubeconfig = try files.write("kubeconfig", TestKubeconfig.text)
        let inCluster = try ServerOptions.parse(
            ["--kubeconfig=\(kubeconfig)"] + flags.filter { !$0.contains("-auth") })
        let apps = try [options, beside, inCluster].map { try ServerApp(try $0.complete(), logger: .silent) }
        let registered = apps.flatMap { $0.registry.summaries }.map {
            "\($0.name) \($0.type) \($0.labels.joined(separator: " "))"
        }
        let documented = try documented()
        #expect(documented == documented.sorted())
        #expect(Set(registered).subtracting(documented).sorted() == [], "not in the table of Operating.md")
        #expect(Set(documented).subtracting(registered).sorted() == [], "in the table of Operating.md only")
        #expect(Set(documented).count == documented.count)
    }
}
