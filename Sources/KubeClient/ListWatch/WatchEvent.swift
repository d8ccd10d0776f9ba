import APIMachinery

/// One event of a watch.
enum WatchEvent: Sendable, Equatable {
    /// New, or other than it was.
    case set(JSONValue, version: String)
    /// Gone, or no longer fitting the selectors.
    case deleted(JSONValue, version: String)
    /// Nothing happened up to this version.
    case bookmark(version: String)
    /// The watch can't go on from where it is: list anew.
    case expired(String)
    /// Another error; the watch may go on from where it is.
    case failed(KubeClientError)

    /// Reads one line of a watch.
    ///
    /// - Throws: `.badAnswer`: not JSON, no known `type`, no object, or an object without a resourceVersion.
    static func decode(_ line: [UInt8], limits: JSONLimits = .default) throws(KubeClientError) -> WatchEvent {
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue.parse(line, limits: limits)
        } catch {
            throw KubeClientError(.badAnswer, "an event of the watch is no JSON: \(error)")
        }
        guard let type = json["type"]?.stringValue else {
            throw KubeClientError(.badAnswer, "an event of the watch has no type")
        }
        guard let object = json["object"], object.objectValue != nil else {
            throw KubeClientError(.badAnswer, "an event \(type) of the watch has no object")
        }
        return type == "ERROR" ? error(object) : try change(type, object)
    }

    private static func change(_ type: String, _ object: JSONValue) throws(KubeClientError) -> WatchEvent {
        guard let version = object["metadata"]?["resourceVersion"]?.stringValue, !version.isEmpty else {
            throw KubeClientError(.badAnswer, "the object of an event \(type) has no metadata.resourceVersion")
        }
        switch type {
        case "ADDED", "MODIFIED": return .set(object, version: version)
        case "DELETED": return .deleted(object, version: version)
        case "BOOKMARK": return .bookmark(version: version)
        default:
            throw KubeClientError(.badAnswer, "an event of the watch has the unknown type \(type.debugDescription)")
        }
    }

    private static func error(_ status: JSONValue) -> WatchEvent {
        let message = status["message"]?.stringValue ?? "no message"
        let code = status["code"]?.integerValue ?? 0
        let reason = status["reason"]?.stringValue ?? ""
        if code == 410 || reason == "Expired" || reason == "Gone" { return .expired(message) }
        let wait = status["details"]?["retryAfterSeconds"]?.integerValue ?? 0
        return .failed(
            KubeClientError(
                .refused, "the watch reports an error: \(message)", status: Int(exactly: code),
                reason: StatusReason(stringLiteral: reason),
                retryAfter: wait > 0 ? .seconds(min(wait, 3600)) : nil))
    }
}

extension ObjectKey {
    /// The key of an object; nil if it has no name.
    init?(_ object: JSONValue) {
        let metadata = object["metadata"]
        guard let name = metadata?["name"]?.stringValue, !name.isEmpty else { return nil }
        self.init(namespace: metadata?["namespace"]?.stringValue ?? "", name: name)
    }
}
