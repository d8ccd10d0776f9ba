/// A JSON merge patch (RFC 7396): members replace, objects are merged, `null` removes, arrays are replaced whole.
public struct MergePatch: Sendable {
    /// What is to be changed.
    public let members: JSONObject

    /// A patch of its document.
    ///
    /// - Throws: `.malformed` unless it is an object; RFC 7396 allows anything, but no object of an API is a scalar.
    public init(_ json: JSONValue) throws(PatchError) {
        guard case .object(let members) = json else {
            throw PatchError(.malformed, "a merge patch is an object, this is \(json.article)")
        }
        self.members = members
    }

    /// The document with the changes. Linear in the size of both; as deep as the deeper of both.
    public func apply(to document: JSONValue) -> JSONValue {
        Self.merge(document, .object(members))
    }

    /// `MergePatch(Target, Patch)` of RFC 7396 §2; a target of nil is one that is not there.
    static func merge(_ target: JSONValue?, _ patch: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        let old = target?.objectValue ?? JSONObject()
        var result = JSONObject()
        for (key, value) in old {
            switch changes[key] {
            case nil: result.set(key, value)
            case .null?: continue
            case let change?: result.set(key, merge(value, change))
            }
        }
        for (key, change) in changes where !change.isNull && !old.contains(key) {
            result.set(key, merge(nil, change))
        }
        return .object(result)
    }
}

extension JSONValue {
    /// `an array`, `a string`, for messages.
    var article: String {
        switch self {
        case .null: "null"
        case .array, .object, .integer: "an \(typeName)"
        default: "a \(typeName)"
        }
    }
}
