/// Makes names of a `generateName`: the prefix and five random characters (conformance 8.4).
public struct NameGenerator: Sendable {
    /// The longest prefix kept, so that names stay labels of 63 bytes.
    public static let prefixLimit = 58
    /// How many characters are added.
    public static let suffixLength = 5
    /// How often a name is tried before the create is refused.
    public static let attempts = 8
    /// Letters and digits that spell no words.
    private static let alphabet = Array("bcdfghjklmnpqrstvwxz2456789".utf8)

    private let randomBytes: @Sendable (Int) -> [UInt8]

    /// A generator over a source of random bytes, which answers as many as asked for.
    public init(randomBytes: @escaping @Sendable (_ count: Int) -> [UInt8]) {
        self.randomBytes = randomBytes
    }

    /// A new name.
    public func make(_ prefix: String) -> String {
        var base = prefix
        while base.utf8.count > Self.prefixLimit { base.removeLast() }
        return base + suffix()
    }

    /// Five characters, each of the 27 equally likely: bytes above the last multiple of 27 are drawn again.
    private func suffix() -> String {
        let count = UInt8(Self.alphabet.count)
        let fair = UInt8.max - UInt8.max % count
        var suffix: [UInt8] = []
        // A source that never gives a fair byte must not hang the server: after 16 draws any byte will do.
        for draw in 0..<32 where suffix.count < Self.suffixLength {
            for byte in randomBytes(Self.suffixLength) where suffix.count < Self.suffixLength {
                if byte < fair || draw >= 16 { suffix.append(Self.alphabet[Int(byte % count)]) }
            }
        }
        return String(decoding: suffix, as: UTF8.self)
    }
}
