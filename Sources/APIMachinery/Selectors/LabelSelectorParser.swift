/// Reads the grammar of label selectors; faults read as those of Kubernetes' `labels.Parse`.
///
///     selector    = requirement *( "," requirement ) / ""
///     requirement = ["!"] key / key ("=" / "==" / "!=" / ">" / "<") [value] / key ("in" / "notin") "(" values ")"
///     values      = [value] *( "," [value] )
///
/// `in` and `notin` are operators after a key and plain texts elsewhere. White space separates.
struct LabelSelectorParser {
    private var scanner: LabelSelectorScanner
    private var current: LabelSelectorScanner.Token

    init(_ text: String) {
        scanner = LabelSelectorScanner(text)
        current = scanner.next()
    }

    mutating func parse() throws(SelectorError) -> [Requirement] {
        var requirements: [Requirement] = []
        while true {
            switch current {
            case .end: return requirements
            case .word, .not: break
            default: throw SelectorError("found '\(current)', expected: !, identifier, or 'end of string'")
            }
            do {
                requirements.append(try requirement())
            } catch {
                throw SelectorError("unable to parse requirement: \(error)")
            }
            switch take() {
            case .end: return requirements
            case .comma:
                if case .word = current { continue }
                guard current == .not else { throw SelectorError("found '\(current)', expected: identifier after ','") }
            case let other: throw SelectorError("found '\(other)', expected: ',' or 'end of string'")
            }
        }
    }

    private mutating func take() -> LabelSelectorScanner.Token {
        let token = current
        if token != .end { current = scanner.next() }
        return token
    }

    private mutating func requirement() throws(SelectorError) -> Requirement {
        var token = take()
        let negated = token == .not
        if negated { token = take() }
        guard case .word(let key) = token else { throw SelectorError("found '\(token)', expected: identifier") }
        let faults = Names.qualifiedName(key)
        guard faults.isEmpty else {
            throw SelectorError("<nil>: Invalid value: \(key.quoted): \(faults.joined(separator: "; "))")
        }
        if negated { return try Requirement(key, .doesNotExist) }
        if current == .end || current == .comma { return try Requirement(key, .exists) }
        let comparison = take()
        switch comparison {
        case .word("in"): return try Requirement(key, .isIn, try valueList())
        case .word("notin"): return try Requirement(key, .notIn, try valueList())
        case .equals: return try Requirement(key, .isIn, [try exactValue()])
        case .notEquals: return try Requirement(key, .notIn, [try exactValue()])
        case .greater: return try Requirement(key, .greaterThan, [try exactValue()])
        case .less: return try Requirement(key, .lessThan, [try exactValue()])
        default: throw SelectorError("found '\(comparison)', expected: in, notin, =, ==, !=, gt, lt")
        }
    }

    private mutating func exactValue() throws(SelectorError) -> String {
        if current == .end || current == .comma { return "" }
        let token = take()
        guard case .word(let value) = token else { throw SelectorError("found '\(token)', expected: identifier") }
        return value
    }

    /// The values between parentheses: `()`, `(a)`, `(a,b)`; a missing one is the empty value, as in `(,a)`.
    private mutating func valueList() throws(SelectorError) -> [String] {
        let open = take()
        guard open == .open else { throw SelectorError("found '\(open)' expected: '('") }
        var values: Set<String> = []
        var awaitsValue = true
        while true {
            let isFirst = values.isEmpty && awaitsValue
            switch current {
            case .word(let value):
                guard awaitsValue else { throw SelectorError("found '\(value)', expected: ',' or ')'") }
                values.insert(value)
                awaitsValue = false
            case .comma:
                if awaitsValue { values.insert("") }
                awaitsValue = true
            case .close:
                if awaitsValue { values.insert("") }
                _ = take()
                return values.sorted { $0.precedesBytewise($1) }
            default: throw SelectorError(Self.listFault(current, isFirst: isFirst, awaitsValue: awaitsValue))
            }
            _ = take()
        }
    }

    private static func listFault(
        _ token: LabelSelectorScanner.Token, isFirst: Bool, awaitsValue: Bool
    ) -> String {
        if isFirst { return "found '\(token)', expected: ',', ')' or identifier" }
        return "found '\(token)', expected: \(awaitsValue ? "',', or identifier" : "',' or ')'")"
    }
}

/// Cuts a label selector into words and marks.
struct LabelSelectorScanner {
    enum Token: Hashable, CustomStringConvertible {
        case end, comma, open, close, not, notEquals, greater, less
        /// `=`, or `==` if doubled.
        case equals(doubled: Bool)
        case word(String)

        static let equals = Token.equals(doubled: false)

        /// The token as messages print it.
        var description: String {
            switch self {
            case .end: ""
            case .comma: ","
            case .open: "("
            case .close: ")"
            case .not: "!"
            case .notEquals: "!="
            case .greater: ">"
            case .less: "<"
            case .equals(let doubled): doubled ? "==" : "="
            case .word(let text): text
            }
        }

        static func ~= (pattern: Token, token: Token) -> Bool {
            if case .equals = pattern, case .equals = token { return true }
            return pattern == token
        }
    }

    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    private static let singles: [UInt8: Token] = [
        UInt8(ascii: ","): .comma, UInt8(ascii: "("): .open, UInt8(ascii: ")"): .close, UInt8(ascii: ">"): .greater,
        UInt8(ascii: "<"): .less,
    ]

    mutating func next() -> Token {
        while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
        guard position < bytes.count else { return .end }
        let byte = bytes[position]
        if let token = Self.singles[byte] {
            position += 1
            return token
        }
        let isDoubled = position + 1 < bytes.count && bytes[position + 1] == UInt8(ascii: "=")
        if byte == UInt8(ascii: "=") || byte == UInt8(ascii: "!") {
            position += isDoubled ? 2 : 1
            if byte == UInt8(ascii: "=") { return .equals(doubled: isDoubled) }
            return isDoubled ? .notEquals : .not
        }
        let start = position
        while position < bytes.count, !Self.isSpace(bytes[position]), !Self.isMark(bytes[position]) { position += 1 }
        return .word(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    private static func isMark(_ byte: UInt8) -> Bool {
        singles[byte] != nil || byte == UInt8(ascii: "=") || byte == UInt8(ascii: "!")
    }
}
