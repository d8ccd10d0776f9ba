import APIMachinery
import Foundation
import NIOHTTP1
import Testing

@testable import APIServer

/// R09: sequences of writes that were sent to a real kube-apiserver 1.36 with gadgets as custom resources, sent here again:
/// the same codes, messages, objects and managed fields at every step.
struct ApplyGoldenTests {
    static let recordings: [Recording] = Recording.all

    struct Recording: Sendable, CustomTestStringConvertible {
        let name: String
        let steps: [JSONValue]

        var testDescription: String { name }

        static var all: [Recording] {
            let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("Goldens/gadgets.json")
            guard let data = try? Data(contentsOf: file), let value = try? JSONValue.parse(Array(data)) else {
                return []
            }
            return (value.objectValue ?? [:]).map { Recording(name: $0.key, steps: $0.value.arrayValue ?? []) }
        }
    }

    @Test func r09ThereAreRecordings() {
        #expect(Self.recordings.count >= 39)
    }

    @Test(arguments: recordings)
    func r09WritesEndAsOnKubeAPIServer(_ recording: Recording) async throws {
        let api = GadgetAPI()
        let key = ObjectKey(namespace: "prod", name: recording.name)
        for (index, step) in recording.steps.enumerated() {
            let place = "\(recording.name), step \(index): \(step["body"]?.stringValue?.prefix(300) ?? "")"
            api.set(seconds: Int64(index) * 10)
            let before = api.storage[key]?.resourceVersion
            let body = (step["body"]?.stringValue ?? "").replacingOccurrences(
                of: "$RV", with: before?.description ?? "")
            let answer = try await api.send(
                HTTPMethod(rawValue: step["method"]?.stringValue ?? ""), step["path"]?.stringValue ?? "",
                type: step["type"]?.stringValue ?? "", agent: step["agent"]?.stringValue ?? "", body: body)
            if let status = step["status"] {
                Self.compare(answer, code: step["code"], status, place)
            } else {
                #expect(answer.status == step["code"]?.integerValue.map(Int.init), "\(place): \(answer.text)")
                let (got, wanted) = (Self.comparable(answer.json), Self.comparable(step["object"] ?? .null))
                let isSame = got == wanted
                #expect(isSame, "\(place)\n got \(Self.text(got))\nnot \(Self.text(wanted))")
                let isDryRun = step["path"]?.stringValue?.contains("dryRun") == true
                let wrote =
                    isDryRun
                    ? answer.version != (before?.description ?? "") : api.storage[key]?.resourceVersion != before
                if !isDryRun { #expect(wrote == step["wrote"]?.boolValue, "\(place): written or not") }
            }
            let warnings = (step["warnings"]?.arrayValue ?? []).compactMap(\.stringValue)
            #expect(answer.warnings.count == warnings.count, "\(place): \(answer.warnings)")
        }
    }

    /// A refusal. What kube-apiserver calls its own fault (500) is the client's (400) here, and Go's ways to print a value are
    /// not followed: ` got &{x}`.
    private static func compare(_ answer: WidgetAPI.Answer, code: JSONValue?, _ status: JSONValue, _ place: String) {
        let code = code?.integerValue == 500 ? 400 : code?.integerValue.map(Int.init)
        #expect(answer.status == code, "\(place): \(answer.text)")
        let wanted = told(status["message"]?.stringValue ?? "")
        // kube-apiserver tells only the first of several faults.
        let isToldAmongOthers =
            answer.message.contains("errors:\n")
            && answer.message.contains(wanted.split(separator: "object: ").last ?? "-")
        #expect(told(answer.message) == wanted || isToldAmongOthers, "\(place)")
        if answer.status == 409 {
            #expect(causes(answer.json["details"]?["causes"]) == causes(status["causes"]), "\(place)")
        }
    }

    private static func told(_ message: String) -> String {
        let cut = message.replacing(/patch object \([^)]*\)/, with: "patch object").replacing(/, got .*/, with: "")
        // Of what is no YAML, that it isn't; of twins, that there are some.
        for start in ["error decoding YAML", "error strict decoding YAML"] where cut.hasPrefix(start) { return start }
        // kube-apiserver tells some faults twice, and names the resource for a kind once.
        return cut.contains("is invalid: [")
            ? String(cut.prefix(20))
            : cut.replacing(/^gadgets(\.example\.io .* is invalid)/, with: { "Gadget\($0.output.1)" })
    }

    private static func text(_ value: JSONValue) -> String { String(decoding: value.encoded(), as: UTF8.self) }

    private static func causes(_ causes: JSONValue?) -> [String] {
        (causes?.arrayValue ?? []).map { String(decoding: $0.encoded(), as: UTF8.self) }.sorted()
    }

    /// The object without what can't be the same, times as the number of the step they were written at.
    private static func comparable(_ object: JSONValue) -> JSONValue {
        guard var members = object.objectValue, var metadata = members["metadata"]?.objectValue else { return object }
        for name in ["uid", "creationTimestamp", "resourceVersion"] { metadata[name] = nil }
        if let entries = metadata["managedFields"]?.arrayValue {
            metadata["managedFields"] = .array(entries.map(numbered))
        }
        members["metadata"] = .object(metadata)
        return .object(members)
    }

    private static func numbered(_ entry: JSONValue) -> JSONValue {
        guard var members = entry.objectValue, let time = members["time"]?.stringValue else { return entry }
        let seconds = (Timestamp(rfc3339: time)?.seconds ?? 0) - GadgetAPI.start
        if seconds >= 0 { members["time"] = .integer(seconds / 10) }
        return .object(members)
    }
}
