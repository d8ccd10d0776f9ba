/// Why a patch can't be read or carried out. Equal by code.
public struct PatchError: Error, Sendable, CustomStringConvertible {
    /// The kind of a failure.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String { case malformed, tooManyOperations, notApplicable, tooExpensive }
        private let value: Value

        /// It has not the shape of a patch: a merge patch that is no object, a JSON patch that is no array of objects.
        public static let malformed = Code(value: .malformed)
        /// More operations than `JSONPatchLimits.operations`.
        public static let tooManyOperations = Code(value: .tooManyOperations)
        /// An operation is none, or can't be done to this document: a `test` failed, a path isn't there.
        public static let notApplicable = Code(value: .notApplicable)
        /// It copies, nests or moves more than `JSONPatchLimits` allow.
        public static let tooExpensive = Code(value: .tooExpensive)

        /// The code's name.
        public var description: String { value.rawValue }
    }

    /// The kind of the failure.
    public let code: Code
    /// The index of the operation it is about; nil where it is about the whole patch.
    public let operation: Int?
    /// What is wrong, with value and limit, without the place.
    public let message: String

    /// An error of its parts.
    public init(_ code: Code, _ message: String, operation: Int? = nil) {
        self.code = code
        self.message = message
        self.operation = operation
    }

    /// `operation 3: there is no member "x"`.
    public var description: String { operation.map { "operation \($0): \(message)" } ?? message }
}

extension PatchError: Equatable {
    /// Equal by code.
    public static func == (left: PatchError, right: PatchError) -> Bool { left.code == right.code }
}
