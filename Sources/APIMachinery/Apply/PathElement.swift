/// One step of the path to a value inside an object: what the trie of an owner's fields branches by.
public enum PathElement: Sendable {
    /// A field of an object, or a key of a map.
    case field(String)
    /// The element of a list with these values of its key fields; the members sorted by name.
    case key(JSONObject)
    /// The element of a set that is this value.
    case value(JSONValue)
    /// The element at this index. Never made here, but read and kept.
    case index(Int)
}

extension PathElement {
    /// The order in which elements are kept and written: fields by their bytes, then keys, then values, then indexes.
    /// Negative if `left` comes first, 0 if they are the same.
    static func compare(_ left: PathElement, _ right: PathElement) -> Int {
        switch (left, right) {
        case (.field(let a), .field(let b)): compareBytes(a, b)
        case (.key(let a), .key(let b)): compare(a, b)
        case (.value(let a), .value(let b)): compare(a, b)
        case (.index(let a), .index(let b)): a < b ? -1 : a > b ? 1 : 0
        default: left.rank - right.rank
        }
    }

    private var rank: Int {
        switch self {
        case .field: 0
        case .key: 1
        case .value: 2
        case .index: 3
        }
    }

    /// Keys of elements: name by name, value by value; the shorter first.
    private static func compare(_ left: JSONObject, _ right: JSONObject) -> Int {
        for (a, b) in zip(left, right) {
            let names = compareBytes(a.key, b.key)
            if names != 0 { return names }
            let values = compare(a.value, b.value)
            if values != 0 { return values }
        }
        return left.count - right.count
    }

    /// Values of any kind: numbers by their size, then texts by their bytes, truth values, arrays, objects, null.
    static func compare(_ left: JSONValue, _ right: JSONValue) -> Int {
        switch (left, right) {
        case (.integer(let a), .integer(let b)): return a < b ? -1 : a > b ? 1 : 0
        case (.string(let a), .string(let b)): return compareBytes(a, b)
        case (.bool(let a), .bool(let b)): return (a ? 1 : 0) - (b ? 1 : 0)
        case (.array(let a), .array(let b)):
            for (x, y) in zip(a, b) {
                let order = compare(x, y)
                if order != 0 { return order }
            }
            return a.count - b.count
        case (.object(let a), .object(let b)): return compare(a.sorted(), b.sorted())
        case (.null, .null): return 0
        default: break
        }
        if let a = left.doubleValue, let b = right.doubleValue { return a < b ? -1 : a > b ? 1 : 0 }
        return rank(left) - rank(right)
    }

    private static func rank(_ value: JSONValue) -> Int {
        switch value {
        case .integer, .number: 0
        case .string: 1
        case .bool: 2
        case .array: 3
        case .object: 4
        case .null: 5
        }
    }
}

extension PathElement: Equatable {
    /// The same step.
    public static func == (left: PathElement, right: PathElement) -> Bool { compare(left, right) == 0 }
}

extension PathElement: CustomStringConvertible {
    /// As messages say it: `.spec`, `[name="a",port=80]`, `[="x"]`, `[3]`.
    public var description: String {
        switch self {
        case .field(let name): ".\(name)"
        case .key(let members): "[\(members.map { "\($0.key)=\(Self.text($0.value))" }.joined(separator: ","))]"
        case .value(let value): "[=\(Self.text(value))]"
        case .index(let index): "[\(index)]"
        }
    }

    /// A value as messages say it: texts quoted, everything else as JSON.
    static func text(_ value: JSONValue) -> String {
        if case .string(let text) = value { return text.quoted }
        return String(decoding: value.encoded(), as: UTF8.self)
    }
}

/// The order of two texts by their UTF-8: negative, 0 or positive. Swift's own order is that of the canonical forms.
func compareBytes(_ left: String, _ right: String) -> Int {
    var left = left
    var right = right
    return left.withUTF8 { left in
        right.withUTF8 { right in
            for (a, b) in zip(left, right) where a != b { return a < b ? -1 : 1 }
            return left.count - right.count
        }
    }
}
