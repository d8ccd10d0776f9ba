/// The faults of an object, in the order found: validation reports all of them, not the first.
public struct FieldErrorList: Sendable, Hashable {
    /// The faults.
    public private(set) var errors: [FieldError]

    /// A list of the given faults.
    public init(_ errors: [FieldError] = []) {
        self.errors = errors
    }

    /// Whether nothing is wrong.
    public var isEmpty: Bool { errors.isEmpty }

    /// Adds a fault.
    public mutating func append(_ error: FieldError) { errors.append(error) }
    /// Adds the faults of another list.
    public mutating func append(contentsOf other: FieldErrorList) { errors.append(contentsOf: other.errors) }

    /// The one message of all: `a: …` for one, `[a: …, b: …]` for more; equal messages are told once.
    public var message: String {
        var seen: Set<String> = []
        let messages = errors.map(\.description).filter { seen.insert($0).inserted }
        return messages.count == 1 ? messages[0] : "[\(messages.joined(separator: ", "))]"
    }
}

extension FieldErrorList: ExpressibleByArrayLiteral, Sequence {
    /// A list of the given faults.
    public init(arrayLiteral elements: FieldError...) { self.init(elements) }
    /// Iterates the faults in order.
    public func makeIterator() -> IndexingIterator<[FieldError]> { errors.makeIterator() }
    /// Both lists, one after the other.
    public static func + (left: FieldErrorList, right: FieldErrorList) -> FieldErrorList {
        FieldErrorList(left.errors + right.errors)
    }
    /// Adds the faults of the right list to the left.
    public static func += (left: inout FieldErrorList, right: FieldErrorList) { left.append(contentsOf: right) }
}
