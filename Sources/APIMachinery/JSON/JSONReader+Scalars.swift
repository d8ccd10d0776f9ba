// Numbers and strings.

extension JSONReader {
    /// RFC 8259 §6. Up to 18 digits are added up on the way; longer ones go through the standard library.
    mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        let negative = takes(UInt8(ascii: "-"))
        let digitsStart = position
        var sum: Int64 = 0
        while position < bytes.count, bytes[position].isDigit {
            // Wraps beyond 18 digits, where the sum isn't used.
            sum = sum &* 10 &+ Int64(bytes[position] &- UInt8(ascii: "0"))
            position += 1
        }
        let digits = position - digitsStart
        guard digits > 0 else { throw unexpected("a digit") }
        if digits > 1, bytes[digitsStart] == UInt8(ascii: "0") {
            position = digitsStart + 1
            throw unexpected("no digit after a leading zero")
        }
        var isInteger = true
        if takes(UInt8(ascii: ".")) {
            isInteger = false
            try skipDigits(after: "the decimal point")
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            position += 1
            if !takes(UInt8(ascii: "-")) { _ = takes(UInt8(ascii: "+")) }
            try skipDigits(after: "the exponent")
        }
        if isInteger, digits <= 18 { return .integer(negative ? -sum : sum) }
        let literal = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let exact = Int64(literal) { return .integer(exact) }
        return .number(JSONNumber(checked: literal))
    }

    private mutating func skipDigits(after what: String) throws(JSONError) {
        let start = position
        while position < bytes.count, bytes[position].isDigit { position += 1 }
        guard position > start else { throw unexpected("a digit after \(what)") }
    }

    /// A string; the position is at its opening quote. Without escapes the bytes are taken as they are.
    mutating func string() throws(JSONError) -> String {
        let start = position + 1
        var at = start
        var seen: UInt8 = 0  // All bits of all bytes: below 0x80 when the string is ASCII.
        while at < bytes.count {
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") {
                position = at + 1
                return text(start..<at, isASCII: seen < 0x80)
            }
            if byte == UInt8(ascii: "\\") || byte < 0x20 { break }
            seen |= byte
            at += 1
        }
        position = at
        if at < bytes.count, bytes[at] == UInt8(ascii: "\\") { return try escapedString(from: start) }
        throw unexpected(at < bytes.count ? "no control character inside a string" : "'\"' at the end of a string")
    }

    /// `String(validating:)` is generic and slow in the standard library (a third of a parse), so ASCII goes past it.
    private func text(_ range: Range<Int>, isASCII: Bool) -> String {
        if isASCII {
            return bytes.withUnsafeBufferPointer {
                String(decoding: UnsafeBufferPointer(rebasing: $0[range]), as: UTF8.self)
            }
        }
        return String(validating: bytes[range], as: UTF8.self) ?? JSONReader.replacingInvalid(bytes[range])
    }

    /// The rest of a string whose first escape is at the position.
    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var text = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                position += 1
                return String(validating: text, as: UTF8.self) ?? JSONReader.replacingInvalid(text[...])
            }
            if byte == UInt8(ascii: "\\") {
                position += 1
                try escape(into: &text)
                continue
            }
            if byte < 0x20 { throw unexpected("no control character inside a string") }
            text.append(byte)
            position += 1
        }
        throw unexpected("'\"' at the end of a string")
    }

    /// What follows a backslash.
    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        guard position < bytes.count else { throw unexpected("an escape") }
        let plain: UInt8
        switch bytes[position] {
        case UInt8(ascii: "\""): plain = UInt8(ascii: "\"")
        case UInt8(ascii: "\\"): plain = UInt8(ascii: "\\")
        case UInt8(ascii: "/"): plain = UInt8(ascii: "/")
        case UInt8(ascii: "b"): plain = 0x08
        case UInt8(ascii: "f"): plain = 0x0C
        case UInt8(ascii: "n"): plain = 0x0A
        case UInt8(ascii: "r"): plain = 0x0D
        case UInt8(ascii: "t"): plain = 0x09
        case UInt8(ascii: "u"):
            position += 1
            return try unicodeEscape(into: &text)
        default: throw unexpected("one of \" \\ / b f n r t u after a backslash")
        }
        position += 1
        text.append(plain)
    }

    private mutating func unicodeEscape(into text: inout [UInt8]) throws(JSONError) {
        var scalar = Unicode.Scalar(0xFFFD as UInt16)
        let first = try hexUnit()
        if let plain = Unicode.Scalar(first) {
            scalar = plain
        } else if first < 0xDC00, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        {
            let secondStart = position
            position += 2
            let second = try hexUnit()
            if (0xDC00...0xDFFF).contains(second) {
                scalar = Unicode.Scalar(0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
            } else {
                position = secondStart  // The first stands alone; the second is read for itself.
            }
        }
        text.append(contentsOf: UTF8.encode(scalar ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter)
    }

    private mutating func hexUnit() throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard position < bytes.count, let digit = bytes[position].hexDigit else {
                throw unexpected("four hexadecimal digits after \\u")
            }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }

    /// As Go does it: one U+FFFD for each byte that isn't part of a valid sequence.
    static func replacingInvalid(_ bytes: ArraySlice<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count + 8)
        var at = bytes.startIndex
        while at < bytes.endIndex {
            let length = (1...4).first { length in
                at + length <= bytes.endIndex && String(validating: bytes[at..<at + length], as: UTF8.self) != nil
            }
            if let length {
                text.append(contentsOf: bytes[at..<at + length])
            } else {
                text.append(contentsOf: [0xEF, 0xBF, 0xBD])
            }
            at += length ?? 1
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension UInt8 {
    /// The value of an ASCII hexadecimal digit of either case.
    var hexDigit: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
