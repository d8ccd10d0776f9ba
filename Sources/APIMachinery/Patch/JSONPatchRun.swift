/// Why an operation can't be done; the index is added where it is known.
struct JSONPatchFault: Error {
    let code: PatchError.Code
    let message: String

    static func missing(_ message: String) -> JSONPatchFault { JSONPatchFault(code: .notApplicable, message: message) }
}

/// What is left of the limits while a patch runs.
struct JSONPatchBudget {
    private let limits: JSONPatchLimits
    private var copied = 0
    private var steps = 0

    init(_ limits: JSONPatchLimits) { self.limits = limits }

    mutating func spend(_ count: Int) throws(JSONPatchFault) {
        steps += max(0, count)
        if steps > limits.steps {
            throw JSONPatchFault(
                code: .tooExpensive, message: "the patch takes more work than the limit of \(limits.steps) steps")
        }
    }

    mutating func copy(_ value: JSONValue) throws(JSONPatchFault) {
        copied += value.encoded().count
        if copied > limits.copiedBytes {
            throw JSONPatchFault(
                code: .tooExpensive,
                message: "the values copied have \(copied) bytes, the limit is \(limits.copiedBytes)")
        }
    }

    /// Refuses a value that would lie deeper in the document than allowed.
    mutating func place(_ value: JSONValue, below levels: Int) throws(JSONPatchFault) {
        if levels + (try depth(of: value)) > limits.depth {
            throw JSONPatchFault(
                code: .tooExpensive,
                message: "arrays and objects would be nested deeper than the limit of \(limits.depth)")
        }
    }

    /// Levels of containers; the recursion is bounded, as no value is deeper than the limit.
    private mutating func depth(of value: JSONValue) throws(JSONPatchFault) -> Int {
        var deepest = 0
        switch value {
        case .array(let elements):
            try spend(elements.count)
            for element in elements { deepest = max(deepest, try depth(of: element)) }
        case .object(let members):
            try spend(members.count)
            for (_, member) in members { deepest = max(deepest, try depth(of: member)) }
        default: return 0
        }
        return deepest + 1
    }
}

/// A document while operations are done to it.
struct JSONPatchRun {
    private(set) var document: JSONValue
    private var budget: JSONPatchBudget

    init(_ document: JSONValue, limits: JSONPatchLimits) {
        self.document = document
        budget = JSONPatchBudget(limits)
    }

    mutating func carryOut(_ operation: JSONPatch.Operation) throws(JSONPatchFault) {
        let path = operation.path
        switch operation.action {
        case .add(let value): try add(value, path)
        case .remove: _ = try remove(path)
        case .replace(let value): try replace(value, path)
        case .move(let from):
            if from.contains(path) {
                throw .missing("\(shown(from)) can't be moved into itself")
            }
            try add(try remove(from), path)
        case .copy(let from):
            let value = try get(from)
            try budget.copy(value)
            try add(value, path)
        case .test(let value):
            guard try get(path).isSame(as: value) else {
                throw .missing("test failed: \(shown(path)) is another value")
            }
        }
    }

    private func get(_ path: JSONPointer) throws(JSONPatchFault) -> JSONValue {
        var value = document
        for token in path.tokens {
            guard let next = value.child(token) else {
                throw .missing("there is nothing at \(shown(path))")
            }
            value = next
        }
        return value
    }

    private mutating func add(_ value: JSONValue, _ path: JSONPointer) throws(JSONPatchFault) {
        try budget.place(value, below: path.tokens.count)
        guard !path.tokens.isEmpty else {
            document = value
            return
        }
        try Self.edit(&document, path.tokens[...], path, &budget) { parent, token, budget throws(JSONPatchFault) in
            if var members = parent.takeObject() {
                members.set(token, value)
                parent = .object(members)
            } else if var elements = parent.takeArray() {
                guard let at = token == "-" ? elements.count : JSONPointer.index(token), at <= elements.count else {
                    throw .missing(
                        "\(shown(path)): the array has \(elements.count) elements, no such index can be added")
                }
                try budget.spend(elements.count - at)
                elements.insert(value, at: at)
                parent = .array(elements)
            } else {
                throw .missing("\(shown(path)): nothing can be added to \(parent.article)")
            }
        }
    }

    private mutating func remove(_ path: JSONPointer) throws(JSONPatchFault) -> JSONValue {
        guard !path.tokens.isEmpty else { throw .missing("the whole document can't be removed") }
        var removed: JSONValue?
        try Self.edit(&document, path.tokens[...], path, &budget) { parent, token, budget throws(JSONPatchFault) in
            if var members = parent.takeObject() {
                try budget.spend(members.count)
                removed = members.remove(token)
                parent = .object(members)
            } else if var elements = parent.takeArray() {
                if let at = JSONPointer.index(token), at < elements.count {
                    try budget.spend(elements.count - at)
                    removed = elements.remove(at: at)
                }
                parent = .array(elements)
            }
        }
        guard let removed else { throw .missing("there is nothing to remove at \(shown(path))") }
        return removed
    }

    private mutating func replace(_ value: JSONValue, _ path: JSONPointer) throws(JSONPatchFault) {
        try budget.place(value, below: path.tokens.count)
        guard !path.tokens.isEmpty else {
            document = value
            return
        }
        try Self.edit(&document, path.tokens[...], path, &budget) { parent, token, _ throws(JSONPatchFault) in
            guard parent.child(token) != nil, parent.setChild(token, value) else {
                throw .missing("there is nothing to replace at \(shown(path))")
            }
        }
    }

    /// Goes down to the parent of a place and gives it to `body`. Containers are taken out of their parents on the way, so
    /// that each is changed in place and not copied.
    private static func edit(
        _ value: inout JSONValue, _ tokens: ArraySlice<String>, _ path: JSONPointer, _ budget: inout JSONPatchBudget,
        _ body: (inout JSONValue, String, inout JSONPatchBudget) throws(JSONPatchFault) -> Void
    ) throws(JSONPatchFault) {
        guard let token = tokens.first else { return }
        try budget.spend(1)
        if tokens.count == 1 { return try body(&value, token, &budget) }
        guard var child = value.child(token), value.setChild(token, .null) else {
            throw .missing("there is nothing at \(shown(path)): no \(token.shortened.quoted)")
        }
        try edit(&child, tokens.dropFirst(), path, &budget, body)
        _ = value.setChild(token, child)
    }
}

/// A path in a message.
private func shown(_ path: JSONPointer) -> String { path.description.shortened.quoted }

extension JSONValue {
    /// The member or element that a token of a pointer means.
    fileprivate func child(_ token: String) -> JSONValue? {
        switch self {
        case .object(let members): members[token]
        case .array(let elements):
            JSONPointer.index(token).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
        default: nil
        }
    }

    /// Replaces the member or element of a token in place; false where there is none.
    fileprivate mutating func setChild(_ token: String, _ value: JSONValue) -> Bool {
        if var members = takeObject() {
            members.set(token, value)
            self = .object(members)
            return true
        }
        guard let at = JSONPointer.index(token), var elements = takeArray() else { return false }
        defer { self = .array(elements) }
        guard elements.indices.contains(at) else { return false }
        elements[at] = value
        return true
    }

    /// Takes the members out, so that they are nobody else's and can be changed without a copy; nil leaves it as it is.
    fileprivate mutating func takeObject() -> JSONObject? {
        guard case .object(let members) = self else { return nil }
        self = .null
        return members
    }

    /// The same of an array.
    fileprivate mutating func takeArray() -> [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        self = .null
        return elements
    }

    /// Equality as `test` has it (RFC 6902 §4.6): numbers by value, the rest as `==`.
    fileprivate func isSame(as other: JSONValue) -> Bool {
        switch (self, other) {
        case (.number(let left), .number(let right)):
            left == right || (!left.isWhole && left.doubleValue == right.doubleValue)
        case (.integer(let left), .number(let right)), (.number(let right), .integer(let left)):
            Int64(exactly: right.doubleValue) == left && !right.isWhole
        case (.array(let left), .array(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.isSame(as: $1) }
        case (.object(let left), .object(let right)):
            left.count == right.count
                && left.allSatisfy { member in right[member.key].map { member.value.isSame(as: $0) } ?? false }
        default: self == other
        }
    }
}

extension JSONNumber {
    /// Whether it is written without fraction and exponent; then it is beyond 64 bits, and no double tells it exactly.
    fileprivate var isWhole: Bool { literal.utf8.allSatisfy { $0.isDigit || $0 == UInt8(ascii: "-") } }
}
