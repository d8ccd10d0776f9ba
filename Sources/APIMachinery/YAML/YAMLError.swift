/// Why a text is no YAML that we take, and where.
public struct YAMLError: Error, Sendable, CustomStringConvertible {
    /// What is wrong; errors are equal by it.
    public let code: Code
    /// Bytes before the place.
    public let offset: Int
    /// From 1.
    public let line: Int
    /// From 1, in characters.
    public let column: Int
    /// What is wrong, without the place.
    public let message: String

    /// For people.
    public var description: String { "line \(line), column \(column): \(message)" }

    /// The kinds of fault.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case syntax, encoding, empty, manyDocuments, unknownAnchor, recursiveAlias, badKey, badMerge, badTag,
                badNumber
            case tooDeep, tooLarge, tooManyNodes
        }
        private let value: Value

        /// Against the grammar of YAML 1.1, as libyaml reads it.
        public static let syntax = Code(value: .syntax)
        /// No UTF-8, a NUL or another control character.
        public static let encoding = Code(value: .encoding)
        /// No document at all, where one was asked for.
        public static let empty = Code(value: .empty)
        /// More than one document, where one was asked for.
        public static let manyDocuments = Code(value: .manyDocuments)
        /// An alias to a name that nothing before it bears.
        public static let unknownAnchor = Code(value: .unknownAnchor)
        /// An alias to a node that it is inside of.
        public static let recursiveAlias = Code(value: .recursiveAlias)
        /// A mapping or a sequence as a key.
        public static let badKey = Code(value: .badKey)
        /// `<<` with something else than a mapping or a sequence of mappings.
        public static let badMerge = Code(value: .badMerge)
        /// A tag whose type the text doesn't have (`!!int x`), or `!!binary` that is no base64.
        public static let badTag = Code(value: .badTag)
        /// `.inf` and `.nan`, which JSON can't say.
        public static let badNumber = Code(value: .badNumber)
        /// Over `YAMLLimits.depth`, aliases followed.
        public static let tooDeep = Code(value: .tooDeep)
        /// Over `YAMLLimits.bytes`.
        public static let tooLarge = Code(value: .tooLarge)
        /// Over `YAMLLimits.nodes` or `.expandedBytes`, aliases followed: the alias bomb.
        public static let tooManyNodes = Code(value: .tooManyNodes)

        /// For people.
        public var description: String { value.rawValue }
    }
}

extension YAMLError: Equatable {
    /// Equal by code.
    public static func == (left: YAMLError, right: YAMLError) -> Bool { left.code == right.code }
}

/// What a YAML text may cost.
public struct YAMLLimits: Sendable, Hashable {
    /// Mappings and sequences inside each other, aliases followed; at most 1024.
    public let depth: Int
    /// Length of the text.
    public let bytes: Int
    /// Scalars, mappings and sequences of all documents, aliases followed.
    public let nodes: Int
    /// Text of the scalars of all documents, aliases followed.
    public let expandedBytes: Int

    /// - Parameters:
    ///   - depth: 512 by default; taken into 1...1024.
    ///   - bytes: 16 MiB by default. Request bodies are limited earlier, by the reader of the body.
    ///   - nodes: 1,000,000 by default.
    ///   - expandedBytes: 32 MiB by default.
    public init(depth: Int = 512, bytes: Int = 16 << 20, nodes: Int = 1_000_000, expandedBytes: Int = 32 << 20) {
        self.depth = min(max(depth, 1), 1024)
        self.bytes = bytes
        self.nodes = nodes
        self.expandedBytes = expandedBytes
    }

    /// The defaults.
    public static let `default` = YAMLLimits()
}
