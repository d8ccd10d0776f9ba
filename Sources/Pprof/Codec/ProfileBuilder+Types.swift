extension ProfileBuilder {
    /// `profile.proto Line`.
    public struct Line: Sendable, Hashable {
        /// From `function(…)` of the same builder.
        public var function: FunctionIndex
        /// 1-based; 0 if unknown.
        public var line: Int64
        /// 1-based; 0 if unknown.
        public var column: Int64

        /// A place in `function`.
        public init(function: FunctionIndex, line: Int64 = 0, column: Int64 = 0) {
            self.function = function
            self.line = line
            self.column = column
        }
    }

    /// `profile.proto Label`.
    public struct Label: Sendable, Hashable {
        enum Value: Sendable, Hashable {
            case text(String)
            case number(Int64, unit: String)
        }
        let key: String
        let value: Value

        /// A label with a text.
        public static func text(_ key: String, _ text: String) -> Label { Label(key: key, value: .text(text)) }

        /// A label with a number, e.g. `.number("bytes", 1024, unit: "bytes")`.
        public static func number(_ key: String, _ number: Int64, unit: String = "") -> Label {
            Label(key: key, value: .number(number, unit: unit))
        }
    }

    struct FunctionKey: Sendable, Hashable {
        let name: StringIndex
        let systemName: StringIndex
        let filename: StringIndex
        let startLine: Int64
    }

    struct LocationKey: Sendable, Hashable {
        let address: UInt64
        let mapping: MappingIndex
        let lines: [Line]
        let isFolded: Bool
    }

    struct MappingKey: Sendable, Hashable {
        let start: UInt64
        let limit: UInt64
        let fileOffset: UInt64
        let filename: StringIndex
        let buildID: StringIndex
        let resolution: SymbolResolution
    }

    /// A string that equals another only byte by byte: Swift's String also equates composed and decomposed letters.
    struct ExactText: Sendable, Hashable {
        let text: String

        static func == (lhs: ExactText, rhs: ExactText) -> Bool { lhs.text.utf8.elementsEqual(rhs.text.utf8) }

        func hash(into hasher: inout Hasher) {
            var text = text
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }
}
