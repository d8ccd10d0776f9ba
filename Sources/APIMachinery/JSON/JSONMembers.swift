/// Finds members of one JSON object by its bytes, at that object's own level only; nothing is decoded.
///
/// The object is ours (compact and valid); of anything else the answer is nil or wrong, never a trap.
struct JSONMembers {
    private let bytes: [UInt8]
    private let range: Range<Int>

    /// The object at `range`, braces included.
    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        self.range = range.clamped(to: 0..<bytes.count)
    }

    /// Where the string value of the member is, quotes included; nil if there is no such member or it is no string.
    func string(of name: String) -> Range<Int>? {
        let name = name.utf8
        var depth = 0
        var at = range.lowerBound
        while at < range.upperBound {
            switch bytes[at] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth <= 0 { return nil }
            case UInt8(ascii: "\""):
                guard let end = stringEnd(from: at) else { return nil }
                if depth == 1, end + 1 < range.upperBound, bytes[end] == UInt8(ascii: ":"),
                    bytes[(at + 1)..<(end - 1)].elementsEqual(name)
                {
                    guard bytes[end + 1] == UInt8(ascii: "\""), let last = stringEnd(from: end + 1) else { return nil }
                    return (end + 1)..<last
                }
                at = end
                continue
            default: break
            }
            at += 1
        }
        return nil
    }

    /// Behind the closing quote of the string that opens at `start`; nil if it never closes.
    private func stringEnd(from start: Int) -> Int? {
        var at = start + 1
        while at < range.upperBound {
            switch bytes[at] {
            case UInt8(ascii: "\""): return at + 1
            case UInt8(ascii: "\\"): at += 2
            default: at += 1
            }
        }
        return nil
    }
}
