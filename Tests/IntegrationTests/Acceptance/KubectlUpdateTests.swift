import Foundation
import TestSupport
import Testing

/// What kubectl changes and explains beyond the acceptance list. O03, R05, R07, R10, R20.
@Suite(
    .serialized, .timeLimit(.minutes(3)), .enabled(if: Tool.kubectl.isPresent, Tool.kubectl.absence),
    .enabled(if: Tool.curl.isPresent, Tool.curl.absence), .server(), .serverLog)
struct KubectlUpdateTests {
    let server: RunningServer

    init() throws { server = try .shared }

    private func get(_ kind: String, _ name: String) async throws -> JSON {
        JSON(try await server.kubectl("get", kind, name, "-n", "shop", "-o", "json").out)
    }

    @Test func `R20 a profile takes labels and annotations, and nothing else`() async throws {
        let name = try #require(try await server.upload("shop")["metadata"]["name"].string)
        let labelled = try await server.kubectl("label", "prof", name, "incident=42")
        #expect(labelled.text.hasSuffix(" labeled\n"), "\(labelled.err)")
        let annotated = try await server.kubectl("annotate", "prof", name, "why=slow checkout")
        #expect(annotated.text.hasSuffix(" annotated\n"), "\(annotated.err)")
        let profile = try await get("prof", name)
        #expect(profile["metadata"]["labels"]["incident"].string == "42")
        #expect(profile["metadata"]["annotations"]["why"].string == "slow checkout")
        let found = try await server.kubectl("get", "prof", "-l", "incident=42", "-o", "name")
        #expect(found.lines == ["profile.profefe.io/\(name)"])
        let refused = try await server.kubectl(
            "patch", "prof", name, "--type=merge", "-p", #"{"spec":{"service":"other"}}"#)
        #expect(refused.status == 1 && refused.err.contains("spec.service"), "\(refused.err)")
        let download = try await server.kubectl("get", "--raw", RunningServer.path("shop", name, "download"))
        #expect(download.out == Array(try Data(contentsOf: ServerHome.profile("cpu"))))
    }

    private func capture(label: String, types: String = "[heap]") throws {
        try server.home.directory.write(
            """
            apiVersion: profefe.io/v1
            kind: ProfileCapture
            metadata: {name: applied, namespace: shop, labels: {round: "\(label)"}}
            spec: {target: {podName: nobody}, types: \(types)}

            """, "applied.yaml")
    }

    @Test func `R10 a capture is applied, compared and replaced`() async throws {
        try capture(label: "1")
        let first = try await server.kubectl("apply", "-f", "applied.yaml")
        #expect(first.text == "profilecapture.profefe.io/applied created\n", "\(first.err)")
        let ended = try await server.kubectl("wait", "--for=condition=Failed", "pcap/applied", "--timeout=30s")
        #expect(ended.status == 0, "\(ended.err)")
        let uid = try #require(try await get("pcap", "applied")["metadata"]["uid"].string)
        #expect(
            try await server.kubectl("apply", "-f", "applied.yaml").text
                == "profilecapture.profefe.io/applied unchanged\n")

        try capture(label: "2")
        let second = try await server.kubectl("apply", "-f", "applied.yaml")
        #expect(second.text == "profilecapture.profefe.io/applied configured\n", "\(second.err)")
        let changed = try await get("pcap", "applied")
        #expect(changed["metadata"]["labels"]["round"].string == "2" && changed["status"]["phase"].string == "Failed")

        try capture(label: "2", types: "[cpu]")
        let refused = try await server.kubectl("apply", "-f", "applied.yaml")
        #expect(refused.status == 1 && refused.err.contains("spec.types"), "\(refused.err)")

        let whole = try await server.kubectl("get", "pcap", "applied", "-o", "yaml")
        try server.home.directory.write(
            whole.text.replacingOccurrences(of: "round: \"2\"", with: "round: \"3\""), "whole.yaml")
        let replaced = try await server.kubectl("replace", "-f", "whole.yaml")
        #expect(replaced.text == "profilecapture.profefe.io/applied replaced\n", "\(replaced.err)")
        let last = try await get("pcap", "applied")
        #expect(last["metadata"]["labels"]["round"].string == "3" && last["metadata"]["uid"].string == uid)
        // R05: the file has the version of before.
        let stale = try await server.kubectl("replace", "-f", "whole.yaml")
        #expect(stale.status == 1 && stale.err.contains("(Conflict)"), "\(stale.err)")
    }

    @Test func `O03 kubectl explains the kinds`() async throws {
        for (field, words) in [
            ("profiles.spec", ["KIND:       Profile", "service\t<string>"]),
            ("prof.status.sampleTypes", ["total\t<integer>"]),
            ("pcap.spec.target", ["podName\t<string>"]),
        ] {
            let explained = try await server.kubectl("explain", field)
            #expect(explained.status == 0, "\(explained.err)")
            for word in words { #expect(explained.text.contains(word), "\(word) in \(explained.text)") }
        }
    }
}
