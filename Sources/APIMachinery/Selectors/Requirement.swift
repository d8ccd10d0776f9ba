/// One condition of a label selector: a key, an operator, and the operands it takes.
public struct Requirement: Sendable, Hashable, CustomStringConvertible {
    /// How a label is compared.
    public enum Operator: String, Sendable, Hashable {
        /// The label is there and its value is one of the operands (`in`, `=`, `==`).
        case isIn = "In"
        /// The label is missing or its value is none of the operands (`notin`, `!=`).
        case notIn = "NotIn"
        /// The label is there.
        case exists = "Exists"
        /// The label is missing.
        case doesNotExist = "DoesNotExist"
        /// The label is there and an integer above the operand.
        case greaterThan = "Gt"
        /// The label is there and an integer below the operand.
        case lessThan = "Lt"
    }

    /// The label's key.
    public let key: String
    /// How it is compared.
    public let `operator`: Operator
    /// The operands, sorted bytewise, each once.
    public let values: [String]
    /// The operand of `greaterThan` and `lessThan`.
    private let bound: Int64

    /// A requirement whose parts are checked.
    ///
    /// - Throws: a list of faults on `key`, `values` and `values[i]` with the texts of Kubernetes' `NewRequirement`.
    public init(
        _ key: String, _ operator: Operator, _ values: [String] = []
    ) throws(SelectorError) {
        var errors = FieldErrorList()
        errors.appendJoined(FieldPath("key"), key, Names.qualifiedName(key))
        errors += Requirement.countErrors(`operator`, values)
        var bound: Int64 = 0
        if `operator` == .greaterThan || `operator` == .lessThan {
            for (index, value) in values.enumerated() {
                if let number = Int64(goInteger: value) {
                    bound = number
                } else {
                    errors.append(
                        .invalid(
                            FieldPath("values").index(index), .text(value),
                            "for 'Gt', 'Lt' operators, the value must be an integer"))
                }
            }
        }
        for (index, value) in values.enumerated() {
            errors.appendJoined(FieldPath("values").index(index).key(key), value, Names.labelValue(value))
        }
        guard errors.isEmpty else { throw SelectorError(errors.message) }
        self.init(checkedKey: key, `operator`, values, bound: bound)
    }

    private init(checkedKey key: String, _ operator: Operator, _ values: [String], bound: Int64) {
        self.key = key
        self.operator = `operator`
        self.values = Set(values).sorted { $0.precedesBytewise($1) }
        self.bound = bound
    }

    private static func countErrors(_ operator: Operator, _ values: [String]) -> FieldErrorList {
        let message: String? =
            switch `operator` {
            case .isIn, .notIn: values.isEmpty ? "for 'in', 'notin' operators, values set can't be empty" : nil
            case .exists, .doesNotExist:
                values.isEmpty ? nil : "values set must be empty for exists and does not exist"
            case .greaterThan, .lessThan:
                values.count == 1 ? nil : "for 'Gt', 'Lt' operators, exactly one value is required"
            }
        guard let message else { return [] }
        return [.invalid(FieldPath("values"), .texts(values), message)]
    }

    /// Whether the labels satisfy this condition.
    public func matches(_ labels: Labels) -> Bool {
        let value = labels[key]
        switch `operator` {
        case .isIn: return value.map { values.contains($0) } ?? false
        case .notIn: return value.map { !values.contains($0) } ?? true
        case .exists: return value != nil
        case .doesNotExist: return value == nil
        case .greaterThan: return value.flatMap { Int64(goInteger: $0) }.map { $0 > bound } ?? false
        case .lessThan: return value.flatMap { Int64(goInteger: $0) }.map { $0 < bound } ?? false
        }
    }

    /// The condition in the selector's grammar: `app in (a,b)`, `app=a`, `!app`, `n>5`.
    public var description: String {
        let list = values.joined(separator: ",")
        return switch `operator` {
        case .isIn: values.count == 1 ? "\(key)=\(list)" : "\(key) in (\(list))"
        case .notIn: values.count == 1 ? "\(key)!=\(list)" : "\(key) notin (\(list))"
        case .exists: key
        case .doesNotExist: "!\(key)"
        case .greaterThan: "\(key)>\(list)"
        case .lessThan: "\(key)<\(list)"
        }
    }
}

extension Int64 {
    /// Reads what Go's `strconv.ParseInt(text, 10, 64)` reads: an optional sign and ASCII digits, leading zeros allowed.
    init?(goInteger text: String) {
        guard let last = text.utf8.last, last.isDigit, let value = Int64(text) else { return nil }
        self = value
    }
}

extension FieldErrorList {
    /// Adds one `Invalid value` with all the messages joined, if there is any.
    fileprivate mutating func appendJoined(_ path: FieldPath, _ value: String, _ messages: [String]) {
        guard !messages.isEmpty else { return }
        append(.invalid(path, .text(value), messages.joined(separator: "; ")))
    }
}

/// Why a selector can't be used; the text is ready for the 400 answer.
public struct SelectorError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The text for the user.
    public let message: String

    /// An error of its text.
    public init(_ message: String) {
        self.message = message
    }

    /// The text for the user.
    public var description: String { message }

    /// The answer to send: 400 with the text.
    public var statusError: StatusError { .badRequest(message) }
}
