import Foundation
import TestSupport
import Testing

/// What kubectl applies and edits (conformance 8.16): R09, R10, R20.
@Suite(
    .serialized, .timeLimit(.minutes(3)), .enabled(if: Tool.kubectl.isPresent, Tool.kubectl.absence),
    .enabled(if: Tool.curl.isPresent, Tool.curl.absence), .server(), .serverLog)
struct KubectlApplyTests {
    let server: RunningServer

    init() throws { server = try .shared }

    private func get(_ name: String) async throws -> JSON {
        JSON(try await server.kubectl("get", "pcap", name, "-n", "shop", "-o", "json", "--show-managed-fields").out)
    }

    /// A manifest of a capture of a pod that isn't there: it ends at once.
    private func capture(_ name: String, labels: String, extra: String = "") throws {
        try server.home.directory.write(
            """
            apiVersion: profefe.io/v1
            kind: ProfileCapture
            metadata: {name: \(name), namespace: shop, labels: {\(labels)}}
            spec: {target: {podName: nobody}, types: [heap]\(extra)}

            """, "\(name).yaml")
    }

    private func ended(_ name: String) async throws {
        let ended = try await server.kubectl("wait", "--for=condition=Failed", "pcap/\(name)", "--timeout=30s")
        #expect(ended.status == 0, "\(ended.err)")
    }

    private func managers(_ name: String) async throws -> [String] {
        try await get(name)["metadata"]["managedFields"].array.map {
            [$0["manager"].string, $0["operation"].string, $0["subresource"].string].compactMap { $0 }.joined(
                separator: " ")
        }
    }

    @Test func `R09 server-side apply creates, changes nothing, conflicts and is forced`() async throws {
        try capture("ssa", labels: "round: one")
        let first = try await server.kubectl("apply", "--server-side", "-f", "ssa.yaml")
        #expect(first.text == "profilecapture.profefe.io/ssa serverside-applied\n", "\(first.err)")
        try await ended("ssa")
        #expect(try await managers("ssa") == ["kubectl Apply", "profefe-apiserver Update status"])
        let version = try await get("ssa")["metadata"]["resourceVersion"].string
        let again = try await server.kubectl("apply", "--server-side", "-f", "ssa.yaml")
        #expect(again.text == first.text)
        #expect(try await get("ssa")["metadata"]["resourceVersion"].string == version)

        let other = try await server.kubectl(
            "apply", "--server-side", "--field-manager=argo", "-f", "ssa.yaml")
        #expect(other.status == 0, "\(other.err)")
        try capture("ssa", labels: "round: two")
        let conflict = try await server.kubectl("apply", "--server-side", "-f", "ssa.yaml")
        #expect(conflict.status == 1)
        #expect(
            conflict.err.contains(#"Apply failed with 1 conflict: conflict with "argo": .metadata.labels.round"#),
            "\(conflict.err)")
        let forced = try await server.kubectl("apply", "--server-side", "--force-conflicts", "-f", "ssa.yaml")
        #expect(forced.status == 0, "\(forced.err)")
        #expect(try await get("ssa")["metadata"]["labels"]["round"].string == "two")

        try capture("ssa", labels: "")
        _ = try await server.kubectl("apply", "--server-side", "-f", "ssa.yaml")
        #expect(try await get("ssa")["metadata"]["labels"].isNull)
        let misspelt = try await server.kubectl(
            "patch", "pcap", "ssa", "--type=merge", "-p", #"{"spec":{"typo":1}}"#)
        #expect(misspelt.status == 0 && misspelt.err.contains(#"Warning: unknown field "spec.typo""#))
        try capture("ssa", labels: "", extra: ", typo: 1")
        let refused = try await server.kubectl("apply", "--server-side", "-f", "ssa.yaml")
        #expect(refused.status == 1 && refused.err.contains(".spec.typo: field not declared in schema"))
    }

    @Test func `R10 client-side apply, diff, and the change over to server-side apply`() async throws {
        try capture("csa", labels: "a: one, b: two")
        let created = try await server.kubectl("apply", "-f", "csa.yaml")
        #expect(created.text == "profilecapture.profefe.io/csa created\n", "\(created.err)")
        try await ended("csa")
        let same = try await server.kubectl("diff", "-f", "csa.yaml")
        #expect(same.status == 0, "\(same.text) \(same.err)")
        try capture("csa", labels: "a: three")
        let different = try await server.kubectl("diff", "-f", "csa.yaml")
        #expect(different.status == 1, "\(different.err)")
        #expect(different.text.contains("-    a: one") && different.text.contains("+    a: three"), "\(different.text)")
        #expect(different.text.contains("-    b: two"))
        #expect(try await get("csa")["metadata"]["labels"]["a"].string == "one")
        let configured = try await server.kubectl("apply", "-f", "csa.yaml")
        #expect(configured.text == "profilecapture.profefe.io/csa configured\n", "\(configured.err)")
        // The three-way merge has taken away what the file doesn't say any more.
        #expect(try await get("csa")["metadata"]["labels"].keys == ["a"])
        // kubectl may take over what it set before without owning it.
        try capture("csa", labels: "a: four")
        let over = try await server.kubectl("apply", "--server-side", "-f", "csa.yaml")
        #expect(over.status == 0, "\(over.err)")
        #expect(try await get("csa")["metadata"]["labels"]["a"].string == "four")
        #expect(try await managers("csa").contains("kubectl Apply"))
        let ssaDiff = try await server.kubectl("diff", "--server-side", "-f", "csa.yaml")
        #expect(ssaDiff.status == 0, "\(ssaDiff.text) \(ssaDiff.err)")
        let dry = try await server.kubectl("apply", "--server-side", "--dry-run=server", "-f", "csa.yaml")
        #expect(dry.text == "profilecapture.profefe.io/csa serverside-applied (server dry run)\n", "\(dry.err)")
    }

    @Test func `R20 edit, label, annotate and patch`() async throws {
        try capture("edited", labels: "a: one")
        _ = try await server.kubectl("create", "-f", "edited.yaml")
        try await ended("edited")
        let edited = try await server.kubectl(
            environment: ["KUBE_EDITOR": "sed -i s/a:.one/a:\\ edited/"], "edit", "pcap", "edited")
        #expect(edited.text == "profilecapture.profefe.io/edited edited\n", "\(edited.err)")
        #expect(try await get("edited")["metadata"]["labels"]["a"].string == "edited")
        let untouched = try await server.kubectl(environment: ["KUBE_EDITOR": "true"], "edit", "pcap", "edited")
        #expect(untouched.status == 0 && untouched.err.contains("no changes made"), "\(untouched.err)")
        #expect(try await server.kubectl("label", "pcap", "edited", "b=two").status == 0)
        let taken = try await server.kubectl("label", "pcap", "edited", "a=three")
        #expect(taken.status == 1 && taken.err.contains("already has a value"))
        #expect(try await server.kubectl("label", "pcap", "edited", "a=three", "--overwrite", "b-").status == 0)
        #expect(try await server.kubectl("annotate", "pcap", "edited", "why=so").status == 0)
        let json = try await server.kubectl(
            "patch", "pcap", "edited", "--type=json", "-p",
            #"[{"op":"add","path":"/spec/ttlSecondsAfterFinished","value":86400}]"#)
        #expect(json.text == "profilecapture.profefe.io/edited patched\n", "\(json.err)")
        let strategic = try await server.kubectl("patch", "pcap", "edited", "-p", #"{"metadata":{"labels":{"x":"y"}}}"#)
        #expect(
            strategic.status == 1
                && strategic.err.contains("application/strategic-merge-patch+json is not supported by profefe.io/v1"),
            "\(strategic.err)")
        let capture = try await get("edited")
        #expect(capture["metadata"]["labels"].keys == ["a"] && capture["metadata"]["annotations"]["why"].string == "so")
        #expect(capture["spec"]["ttlSecondsAfterFinished"].integer == 86400)
        #expect(
            Set(try await managers("edited")).isSuperset(of: [
                "kubectl-create Update", "kubectl-label Update", "kubectl-annotate Update", "kubectl-patch Update",
            ]))
        // What it set was set by another after it.
        #expect(try await !managers("edited").contains("kubectl-edit Update"))
        let hidden = try await server.kubectl("get", "pcap", "edited", "-o", "yaml")
        #expect(!hidden.text.contains("managedFields"))
    }

    @Test func `what is not served is refused clearly`() async throws {
        try capture("fixed", labels: "")
        _ = try await server.kubectl("create", "-f", "fixed.yaml")
        try await ended("fixed")
        let scaled = try await server.kubectl("scale", "pcap", "fixed", "--replicas=2")
        #expect(scaled.status == 1 && scaled.err.contains("NotFound"), "\(scaled.err)")
        let status = try await server.kubectl(
            "patch", "pcap", "fixed", "--subresource=status", "--type=merge", "-p", #"{"status":{"phase":"x"}}"#)
        #expect(status.status == 1 && status.err.contains("MethodNotAllowed"), "\(status.err)")
        #expect(try await server.kubectl("get", "pcap", "fixed", "--subresource=status").status == 0)
        let deleted = try await server.kubectl("delete", "pcap", "fixed", "--cascade=foreground")
        #expect(deleted.status == 0, "\(deleted.err)")
        let described = try await server.kubectl("describe", "pcap", "fixed")
        #expect(described.status == 1 && described.err.contains("(NotFound)"), "\(described.err)")
    }
}
