/// A JSON patch (RFC 6902): operations that are done one after another, all or none.
public struct JSONPatch: Sendable {
    /// The operations in order.
    public let operations: [Operation]
    /// Members of operations that RFC 6902 doesn't know, as `[0].x`; at most 100.
    public let unknownFields: [String]

    /// One operation.
    public struct Operation: Sendable {
        /// What is done.
        public enum Action: Sendable {
            /// Puts a value there: a new or other member, an element in front of that index, one at the end by `-`.
            case add(JSONValue)
            /// Takes away what must be there.
            case remove
            /// Puts another value where one must be.
            case replace(JSONValue)
            /// Takes a value away elsewhere and adds it.
            case move(from: JSONPointer)
            /// Adds a value that is elsewhere too.
            case copy(from: JSONPointer)
            /// Goes on only if this value is there.
            case test(JSONValue)
        }

        /// What is done.
        public let action: Action
        /// Where.
        public let path: JSONPointer
    }

    /// A patch of its document.
    ///
    /// - Throws: `.malformed` unless it is an array of objects, `.tooManyOperations`, `.notApplicable` for an unknown `op`,
    ///   a missing member or a pointer that is none.
    public init(_ json: JSONValue, limits: JSONPatchLimits = .default) throws(PatchError) {
        guard case .array(let elements) = json else {
            throw PatchError(.malformed, "a JSON patch is an array of operations, this is \(json.article)")
        }
        guard elements.count <= limits.operations else {
            throw PatchError(
                .tooManyOperations,
                "The allowed maximum operations in a JSON patch is \(limits.operations), got \(elements.count)")
        }
        var operations: [Operation] = []
        var unknown: [String] = []
        operations.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard case .object(let members) = element else {
                throw PatchError(.malformed, "an operation is an object, this is \(element.article)", operation: index)
            }
            let reader = OperationReader(members: members, index: index)
            operations.append(try reader.read())
            for (key, _) in members where !OperationReader.known.contains(key) && unknown.count < 100 {
                unknown.append("[\(index)].\(key)")
            }
        }
        self.operations = operations
        unknownFields = unknown
    }

    /// The document after all operations.
    ///
    /// - Throws: `.notApplicable`, `.tooExpensive`, with the index of the operation.
    public func apply(
        to document: JSONValue, limits: JSONPatchLimits = .default
    ) throws(PatchError) -> JSONValue {
        var run = JSONPatchRun(document, limits: limits)
        for (index, operation) in operations.enumerated() {
            do throws(JSONPatchFault) {
                try run.carryOut(operation)
            } catch {
                throw PatchError(error.code, error.message, operation: index)
            }
        }
        return run.document
    }
}

/// What a JSON patch may cost. Reaching a limit is an error, never a part of the work.
public struct JSONPatchLimits: Sendable, Hashable {
    /// Operations; kube-apiserver's 10 000.
    public var operations = 10_000
    /// Bytes of all values that are copied, as compact JSON; 3 MiB, kube-apiserver's limit.
    public var copiedBytes = 3 << 20
    /// Arrays and objects inside each other in the result; that of the JSON parser.
    public var depth = 512
    /// Members and elements that all operations walk, shift or index: at most a quarter of a second of work.
    public var steps = 1 << 20

    /// The defaults.
    public init() {}

    /// The defaults.
    public static let `default` = JSONPatchLimits()
}

/// Reads one operation (RFC 6902 §4). Unknown members are ignored.
private struct OperationReader {
    let members: JSONObject
    let index: Int

    static let known: Set<String> = ["op", "path", "from", "value"]

    func read() throws(PatchError) -> JSONPatch.Operation {
        let name = try text("op")
        let path = try pointer("path")
        return JSONPatch.Operation(action: try action(name), path: path)
    }

    private func action(_ name: String) throws(PatchError) -> JSONPatch.Operation.Action {
        switch name {
        case "add": .add(try value())
        case "remove": .remove
        case "replace": .replace(try value())
        case "move": .move(from: try pointer("from"))
        case "copy": .copy(from: try pointer("from"))
        case "test": .test(try value())
        default: throw refusal("unknown op \(name.shortened.quoted): add, remove, replace, move, copy or test")
        }
    }

    private func value() throws(PatchError) -> JSONValue {
        guard let value = members["value"] else { throw refusal("the member \"value\" is missing") }
        return value
    }

    private func text(_ name: String) throws(PatchError) -> String {
        guard let value = members[name] else { throw refusal("the member \(name.quoted) is missing") }
        guard let text = value.stringValue else { throw refusal("\(name) is \(value.article), not a string") }
        return text
    }

    private func pointer(_ name: String) throws(PatchError) -> JSONPointer {
        let text = try text(name)
        guard let pointer = JSONPointer(text) else {
            throw refusal(
                "\(name) \(text.shortened.quoted) is no JSON pointer: \"/\" before each step, ~ as ~0, / as ~1")
        }
        return pointer
    }

    private func refusal(_ message: String) -> PatchError {
        PatchError(.notApplicable, message, operation: index)
    }
}

extension String {
    /// Cut after 200 characters, for messages.
    var shortened: String { utf8.count > 200 ? "\(prefix(200))…" : self }
}
