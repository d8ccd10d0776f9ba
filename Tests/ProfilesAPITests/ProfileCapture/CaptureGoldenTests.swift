import APIMachinery
import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import ProfilesAPI

/// R09: writes of captures that were sent to a real kube-apiserver 1.36, with captures as custom resources of the same type, sent
/// here again: the same codes, specs and managed fields at every step.
struct CaptureGoldenTests {
    private static let recordings: [String: [JSONValue]] = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Goldens/captures.json")
        guard let data = try? Data(contentsOf: file), let value = try? JSONValue.parse(Array(data)) else { return [:] }
        return Dictionary(
            (value.objectValue ?? [:]).map { ($0.key, $0.value.arrayValue ?? []) },
            uniquingKeysWith: { first, _ in first })
    }()

    @Test(arguments: ["applied", "created", "faults"])
    func r09CapturesAreOwnedAsOnKubeAPIServer(_ name: String) async throws {
        let steps = try #require(Self.recordings[name])
        var options = TestAPI.Options()
        options.runs = false
        try await TestAPI.with(options) { api in
            for (index, step) in steps.enumerated() {
                let place = "\(name), step \(index): \(step["body"]?.stringValue ?? "")"
                api.set(TestAPI.start.adding(.seconds(index * 10)))
                let before = try await api.send(.GET, "\(TestAPI.captures)/\(name)")
                let version = before.json.at("metadata/resourceVersion")?.stringValue ?? ""
                let body = (step["body"]?.stringValue ?? "").replacingOccurrences(of: "$RV", with: version)
                let answer = try await api.send(
                    HTTPMethod(rawValue: step["method"]?.stringValue ?? ""), step["path"]?.stringValue ?? "",
                    ["content-type": step["type"]?.stringValue ?? ""], body: Array(body.utf8))
                let code = step["code"]?.integerValue ?? 0
                // What kube-apiserver calls its own fault is the client's here.
                #expect(answer.status == (code == 500 ? 400 : Int(code)), "\(place): \(answer.text)")
                if let message = step["status"]?["message"]?.stringValue {
                    #expect(Self.told(answer.message) == Self.told(message), "\(place)")
                } else {
                    let (got, wanted) = (Self.comparable(answer.json), Self.comparable(step["object"] ?? .null))
                    let isSame = got == wanted
                    #expect(isSame, "\(place)\n got \(Self.text(got))\nnot \(Self.text(wanted))")
                    if step["path"]?.stringValue?.contains("dryRun") == false {
                        let isWritten = answer.json.at("metadata/resourceVersion")?.stringValue != version
                        #expect(isWritten == step["wrote"]?.boolValue, "\(place): written or not")
                    }
                }
            }
        }
    }

    private static func text(_ value: JSONValue) -> String { String(decoding: value.encoded(), as: UTF8.self) }

    private static func told(_ message: String) -> String {
        message.replacing(/patch object \([^)]*\)/, with: "patch object")
    }

    /// Spec and metadata without what can't be the same, times as the number of the step they were written at.
    private static func comparable(_ object: JSONValue) -> JSONValue {
        var metadata = object["metadata"]?.objectValue ?? [:]
        for name in ["uid", "creationTimestamp", "resourceVersion"] { metadata[name] = nil }
        if let entries = metadata["managedFields"]?.arrayValue {
            metadata["managedFields"] = .array(entries.map(numbered))
        }
        return ["metadata": .object(metadata), "spec": object["spec"] ?? .null]
    }

    private static func numbered(_ entry: JSONValue) -> JSONValue {
        guard var members = entry.objectValue, let time = members["time"]?.stringValue else { return entry }
        let seconds = (Timestamp(rfc3339: time)?.seconds ?? 0) - TestAPI.start.seconds
        if seconds >= 0 { members["time"] = .integer(seconds / 10) }
        return .object(members)
    }
}
