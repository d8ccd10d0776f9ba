/// A Kubernetes quantity of things that are counted (apimachinery `resource.Quantity`): `100`, `2k`, `1Ki`, `1.5k`, `5e2`, `500m`.
///
/// Accepted: a sign, decimal digits with at most one point, then nothing, a suffix of `n u m k M G T P E Ki Mi Gi Ti Pi Ei`, or an exponent
/// of at most two digits. Everything else is none. Too large a number counts as the largest.
public struct Quantity: Sendable, Equatable {
    /// As written.
    public let text: String
    /// The whole number at or below it; what is counted in whole numbers may reach it and no more.
    public let floor: Int

    /// Nil for a text that is none.
    public init?(_ text: String) {
        let digits = text.utf8.drop { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }
        guard text.utf8.count - digits.count <= 1, text.utf8.count <= 64 else { return nil }
        let number = digits.prefix { Self.isDigit($0) || $0 == UInt8(ascii: ".") }
        guard number.contains(where: Self.isDigit), number.count(where: { !Self.isDigit($0) }) <= 1,
            let scale = Self.scale(String(decoding: digits.dropFirst(number.count), as: UTF8.self)),
            let value = Double(Self.padded(number))
        else { return nil }
        let sign: Double = text.utf8.first == UInt8(ascii: "-") ? -1 : 1
        self.text = text
        floor = Int(exactly: (sign * value * scale.factor / scale.divisor).rounded(.down)) ?? (sign < 0 ? .min : .max)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// `5.` and `.5` are numbers here, but not for `Double`.
    private static func padded(_ number: Substring.UTF8View.SubSequence) -> String {
        "0" + String(decoding: number, as: UTF8.self) + (number.last == UInt8(ascii: ".") ? "0" : "")
    }

    /// Both are exact, so that 3000m is 3.
    private typealias Scale = (factor: Double, divisor: Double)

    private static let divisors: [String: Double] = ["n": 1e9, "u": 1e6, "m": 1e3]
    private static let factors: [String: Double] = [
        "": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
        "Ki": 1024, "Mi": 1_048_576, "Gi": 1_073_741_824, "Ti": 1_099_511_627_776, "Pi": 1_125_899_906_842_624,
        "Ei": 1_152_921_504_606_846_976,
    ]
    private static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    ]

    private static func scale(_ suffix: String) -> Scale? {
        if let factor = factors[suffix] { return (factor, 1) }
        if let divisor = divisors[suffix] { return (1, divisor) }
        guard suffix.first == "e" || suffix.first == "E", suffix.utf8.count <= 4, let power = Int(suffix.dropFirst()),
            powers.indices.contains(Int(clamping: power.magnitude))
        else { return nil }
        return power < 0 ? (1, powers[Int(power.magnitude)]) : (powers[power], 1)
    }
}
