internal import APIMachinery
internal import Foundation

/// Reads the pods out of manifests.
///
/// Accepted: kinds `Pod`, `PodList`, `List` of Pods. Refused: other kinds, and pods that ``PodDecoder`` refuses.
enum PodManifestParser {
    /// The pods of a file.
    static func pods(ofFile path: String) throws(PodManifestError) -> [Pod] {
        let bytes: [UInt8]
        do {
            bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw PodManifestError(path: path, message: "can't be read: \(error.localizedDescription)")
        }
        do {
            return try pods(of: bytes)
        } catch {
            throw PodManifestError(path: path, message: "\(error)")
        }
    }

    /// The pods of `bytes`, documents in order.
    static func pods(of bytes: [UInt8]) throws -> [Pod] {
        var result: [Pod] = []
        for (index, document) in try YAML.parseAll(bytes).enumerated() {
            try append(document.value, "document \(index + 1)", &result)
        }
        return result
    }

    private static func append(_ value: JSONValue, _ place: String, _ pods: inout [Pod]) throws {
        switch value["kind"]?.stringValue {
        case "Pod":
            pods.append(try PodDecoder.pod(value, place))
        case "PodList", "List":
            for (index, item) in (value["items"]?.arrayValue ?? []).enumerated() {
                try append(item, "\(place): items[\(index)]", &pods)
            }
        case let kind:
            throw PodDecoder.Fault("\(place): kind is \"\(kind ?? "")\"; Pod, PodList or List is allowed")
        }
    }
}
