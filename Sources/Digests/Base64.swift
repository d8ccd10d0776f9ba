/// Base64 (RFC 4648), as Go's encoding/base64 reads and writes it.
///
/// Standard: `+` and `/`, padded with `=`. Reading skips CR and LF anywhere, and nothing else: other whitespace,
/// wrong or missing padding, data after it, letters of the URL alphabet are refused. As in Go's non-strict
/// encodings, bits left over in the last digit are ignored.
/// URL: `-` and `_`, no padding; reading refuses padding.
public enum Base64 {
    /// RFC 4648 §4, with padding.
    public static func encode(_ bytes: [UInt8]) -> String {
        encode(bytes, Base64Alphabet.standard, padded: true)
    }

    /// RFC 4648 §5, without padding.
    public static func encodeURL(_ bytes: [UInt8]) -> String {
        encode(bytes, Base64Alphabet.url, padded: false)
    }

    /// Nil when refused.
    public static func decode(_ text: String) -> [UInt8]? {
        var text = text
        return text.withUTF8 { decode($0, Base64Alphabet.standardValues, padded: true) }
    }

    /// Nil when refused.
    public static func decodeURL(_ text: String) -> [UInt8]? {
        var text = text
        return text.withUTF8 { decode($0, Base64Alphabet.urlValues, padded: false) }
    }

    /// The length of the standard encoding of `count` bytes.
    public static func encodedLength(of count: Int) -> Int { (count + 2) / 3 * 4 }

    private static func encode(_ bytes: [UInt8], _ alphabet: [UInt8], padded: Bool) -> String {
        let capacity = encodedLength(of: bytes.count)
        return String(unsafeUninitializedCapacity: capacity) { out in
            alphabet.withUnsafeBufferPointer { digits in
                bytes.withUnsafeBufferPointer { encode($0, into: out, digits, padded: padded) }
            }
        }
    }

    /// `out` has room for the padded text and `digits` 64 entries, so every index below is inside.
    private static func encode(
        _ bytes: UnsafeBufferPointer<UInt8>, into out: UnsafeMutableBufferPointer<UInt8>,
        _ digits: UnsafeBufferPointer<UInt8>, padded: Bool
    ) -> Int {
        var from = 0
        var to = 0
        while from + 3 <= bytes.count {
            let group = UInt32(bytes[from]) << 16 | UInt32(bytes[from + 1]) << 8 | UInt32(bytes[from + 2])
            out[to] = digits[Int(group >> 18)]
            out[to + 1] = digits[Int(group >> 12 & 63)]
            out[to + 2] = digits[Int(group >> 6 & 63)]
            out[to + 3] = digits[Int(group & 63)]
            from += 3
            to += 4
        }
        let left = bytes.count - from
        guard left > 0 else { return to }
        let group = UInt32(bytes[from]) << 16 | (left == 2 ? UInt32(bytes[from + 1]) << 8 : 0)
        let last = [digits[Int(group >> 18)], digits[Int(group >> 12 & 63)], digits[Int(group >> 6 & 63)]]
        for at in 0...left {
            out[to] = last[at]
            to += 1
        }
        guard padded else { return to }
        for _ in left..<3 {
            out[to] = UInt8(ascii: "=")
            to += 1
        }
        return to
    }

    private static func decode(_ text: UnsafeBufferPointer<UInt8>, _ values: [UInt8], padded: Bool) -> [UInt8]? {
        values.withUnsafeBufferPointer { values in
            var failed = false
            let bytes = [UInt8](unsafeUninitializedCapacity: text.count / 4 * 3 + 3) { out, count in
                var decoder = Base64Decoder(padded: padded)
                failed = !decoder.decode(text, values, into: out)
                count = decoder.written
            }
            return failed ? nil : bytes
        }
    }
}

/// The digits, and their values by byte (`invalid` for what is none).
enum Base64Alphabet {
    static let invalid: UInt8 = 0xFF
    static let standard = letters + Array("+/".utf8)
    static let url = letters + Array("-_".utf8)
    static let standardValues = values(of: standard)
    static let urlValues = values(of: url)

    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)

    private static func values(of alphabet: [UInt8]) -> [UInt8] {
        var values = [UInt8](repeating: invalid, count: 256)
        for (value, digit) in alphabet.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }
}

/// One decoding: whole groups of four digits at a time, digit by digit where newlines, padding or the end come in.
struct Base64Decoder {
    let padded: Bool
    private(set) var written = 0
    private var group: UInt32 = 0
    private var digits = 0

    init(padded: Bool) { self.padded = padded }

    /// False when refused. `out` has room for three bytes of every four of the text, and three more;
    /// `values` has 256 entries.
    mutating func decode(
        _ text: UnsafeBufferPointer<UInt8>, _ values: UnsafeBufferPointer<UInt8>,
        into out: UnsafeMutableBufferPointer<UInt8>
    ) -> Bool {
        var at = 0
        while at < text.count {
            if digits == 0, at + 4 <= text.count {
                let a = values[Int(text[at])], b = values[Int(text[at + 1])]
                let c = values[Int(text[at + 2])], d = values[Int(text[at + 3])]
                if (a | b | c | d) < 64 {
                    emit(UInt32(a) << 18 | UInt32(b) << 12 | UInt32(c) << 6 | UInt32(d), 3, out)
                    at += 4
                    continue
                }
            }
            let byte = text[at]
            at += 1
            if byte == 0x0A || byte == 0x0D { continue }
            if byte == UInt8(ascii: "=") { return padded && finishPadding(text, from: at, out) }
            let value = values[Int(byte)]
            guard value < 64 else { return false }
            group = group << 6 | UInt32(value)
            digits += 1
            if digits == 4 {
                emit(group, 3, out)
                group = 0
                digits = 0
            }
        }
        return digits == 0 || (!padded && finish(out))
    }

    private mutating func emit(_ group: UInt32, _ count: Int, _ out: UnsafeMutableBufferPointer<UInt8>) {
        for at in 0..<count { out[written + at] = UInt8(truncatingIfNeeded: group >> (16 - 8 * UInt32(at))) }
        written += count
    }

    /// The bytes of an unfinished last group.
    private mutating func finish(_ out: UnsafeMutableBufferPointer<UInt8>) -> Bool {
        guard digits >= 2 else { return false }
        emit(group << (6 * UInt32(4 - digits)), digits - 1, out)
        return true
    }

    /// Behind the first `=`: the rest of the padding, then newlines only.
    private mutating func finishPadding(
        _ text: UnsafeBufferPointer<UInt8>, from start: Int, _ out: UnsafeMutableBufferPointer<UInt8>
    ) -> Bool {
        var missing = 4 - digits - 1
        guard missing <= 1 else { return false }
        for at in start..<text.count where text[at] != 0x0A && text[at] != 0x0D {
            guard text[at] == UInt8(ascii: "="), missing > 0 else { return false }
            missing -= 1
        }
        return missing == 0 && finish(out)
    }
}
