/// A port by number or by the name that a container gives it.
public enum PortReference: Sendable, Equatable, CustomStringConvertible {
    /// 1 to 65535.
    case number(Int)
    /// An IANA service name (RFC 6335 §5.1): 1 to 15 lower-case alphanumerics and `-`, with a letter, no `-` at either end
    /// and no two in a row.
    case name(String)

    /// Accepts `6060` and `pprof`; refuses `0`, `65536`, `+80`, the empty text and names that no container can declare.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        if bytes.allSatisfy(Self.isDigit) {
            guard let number = Int(text), (1...65535).contains(number) else { return nil }
            self = .number(number)
            return
        }
        let parts = bytes.split(separator: 0x2d, omittingEmptySubsequences: false)
        guard bytes.count <= 15, bytes.contains(where: Self.isLetter),
            parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { Self.isDigit($0) || Self.isLetter($0) } })
        else { return nil }
        self = .name(text)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte) }

    /// The number or the name.
    public var description: String {
        switch self {
        case .number(let number): String(number)
        case .name(let name): name
        }
    }
}
