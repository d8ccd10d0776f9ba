/// Why bytes are not accepted as a profile, and where.
///
/// Two errors are equal if their codes are.
public struct PprofError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of fault.
    public let code: Code
    /// Byte offset of the fault. Into the bytes as given for faults of the gzip wrapper (`badGzip`, `packedTooLarge`);
    /// into the unpacked message for all others. nil where the fault has no single place.
    public let offset: Int?
    /// The field in words of `profile.proto`, e.g. `Sample.location_id[3] of sample 12`; empty for faults outside of a field.
    public let field: String
    /// What is wrong, with the value and the limit.
    public let message: String

    init(_ code: Code, at offset: Int? = nil, field: String = "", _ message: String) {
        self.code = code
        self.offset = offset
        self.field = field
        self.message = message
    }

    /// The same fault, said to be in `field`; a field already known is kept.
    func inField(_ name: String) -> PprofError {
        field.isEmpty ? PprofError(code, at: offset, field: name, message) : self
    }

    /// The same fault, said to be in the part `place`: `Label.key of label[0]`, and once more `… of sample 12`.
    func of(_ place: String) -> PprofError {
        PprofError(code, at: offset, field: field.isEmpty ? place : "\(field) of \(place)", message)
    }

    /// One line: field, message, offset.
    public var description: String {
        let place = offset.map { " (at byte \($0))" } ?? ""
        return field.isEmpty ? "\(message)\(place)" : "\(field): \(message)\(place)"
    }

    /// Compares the codes only.
    public static func == (lhs: PprofError, rhs: PprofError) -> Bool { lhs.code == rhs.code }
}

extension PprofError {
    /// The kinds of fault; more may come.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case emptyInput, notAProfile, legacyFormat, executionTrace, concatenated
            case badGzip, packedTooLarge, unpackedTooLarge, limitExceeded, outOfMemory
            case truncated, badVarint, badTag, badWireType
            case badStringTable, indexOutOfRange, missingSampleType, valueCountMismatch
            case zeroID, duplicateID, unknownID, badLabel
            case incompatible, nothingToMerge, badPattern, patternTooCostly
        }
        private let kind: Kind

        /// The name of the code, e.g. `unknownID`.
        public var description: String { kind.rawValue }

        /// No bytes, or gzip of no bytes.
        public static let emptyInput = Code(kind: .emptyInput)
        /// Neither gzip nor `profile.proto`: HTML, JSON, other text, another compression.
        public static let notAProfile = Code(kind: .notAProfile)
        /// One of the text or binary formats from before `profile.proto` (`heap profile:`, `--- contention:`, `?debug=1`).
        public static let legacyFormat = Code(kind: .legacyFormat)
        /// A Go execution trace (`go 1.22 trace`), which is no profile.
        public static let executionTrace = Code(kind: .executionTrace)
        /// Two profiles written one after the other.
        public static let concatenated = Code(kind: .concatenated)
        /// The gzip wrapper is broken: header, deflate stream, CRC, length or bytes after the end (RFC 1952).
        public static let badGzip = Code(kind: .badGzip)
        /// More bytes than `DecodeLimits.packedBytes`.
        public static let packedTooLarge = Code(kind: .packedTooLarge)
        /// Inflates to more than `DecodeLimits.unpackedBytes`.
        public static let unpackedTooLarge = Code(kind: .unpackedTooLarge)
        /// One of the other limits of `DecodeLimits`.
        public static let limitExceeded = Code(kind: .limitExceeded)
        /// The C library could not get memory.
        public static let outOfMemory = Code(kind: .outOfMemory)
        /// The message ends in the middle of a value.
        public static let truncated = Code(kind: .truncated)
        /// A varint of more than ten bytes or 64 bits.
        public static let badVarint = Code(kind: .badVarint)
        /// A field number of 0 or above 2^29-1, a group, or a wire type that doesn't exist.
        public static let badTag = Code(kind: .badTag)
        /// A known field comes in a wire type that it can't have.
        public static let badWireType = Code(kind: .badWireType)
        /// `string_table` is empty or doesn't begin with "".
        public static let badStringTable = Code(kind: .badStringTable)
        /// An index into `string_table` outside of it.
        public static let indexOutOfRange = Code(kind: .indexOutOfRange)
        /// No `sample_type`.
        public static let missingSampleType = Code(kind: .missingSampleType)
        /// A sample's number of values isn't the number of sample types.
        public static let valueCountMismatch = Code(kind: .valueCountMismatch)
        /// A location, function or mapping with the reserved id 0.
        public static let zeroID = Code(kind: .zeroID)
        /// Two locations, functions or mappings with one id.
        public static let duplicateID = Code(kind: .duplicateID)
        /// A reference to a location, function or mapping that isn't there.
        public static let unknownID = Code(kind: .unknownID)
        /// A label with both a text and a number, or a unit without a number.
        public static let badLabel = Code(kind: .badLabel)
        /// Two profiles with different sample types or period types, which can't be merged or subtracted.
        public static let incompatible = Code(kind: .incompatible)
        /// A merge of no profile.
        public static let nothingToMerge = Code(kind: .nothingToMerge)
        /// Not a regular expression, or one that is too long or too large.
        public static let badPattern = Code(kind: .badPattern)
        /// A regular expression that takes more steps or more time than allowed.
        public static let patternTooCostly = Code(kind: .patternTooCostly)
    }
}
