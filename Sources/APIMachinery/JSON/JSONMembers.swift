/// Walks the members of one JSON object by its bytes, at that object's own level only; nothing is decoded.
///
/// The object is ours (compact and valid); of anything else it makes nil or nonsense, never a trap.
public struct JSONMembers: Sendable {
    private let bytes: [UInt8]
    private let end: Int
    private var at: Int

    /// The object at `range`, from its `{` on; what lies behind its `}` counts for nothing. Nil where no object begins.
    public init?(_ bytes: [UInt8], _ range: Range<Int>) {
        let range = range.clamped(to: 0..<bytes.count)
        guard let first = range.first, bytes[first] == UInt8(ascii: "{") else { return nil }
        self.bytes = bytes
        end = range.upperBound
        at = first + 1
    }

    /// Where the next member is: its name without the quotes, and its value as written; nil behind the last one.
    public mutating func next() -> (name: Range<Int>, value: Range<Int>)? {
        if at < end, bytes[at] == UInt8(ascii: ",") { at += 1 }
        guard at < end, bytes[at] == UInt8(ascii: "\"") else { return nil }
        let name = at + 1
        guard let nameEnd = stringEnd(at), nameEnd < end, bytes[nameEnd] == UInt8(ascii: ":"),
            let valueEnd = valueEnd(nameEnd + 1)
        else { return nil }
        at = valueEnd
        return (name..<(nameEnd - 1), (nameEnd + 1)..<valueEnd)
    }

    /// Where the string value of the member is, quotes included; nil if none of those to come has the name, or it is no string.
    public func string(of name: String) -> Range<Int>? {
        var members = self
        while let member = members.next() {
            guard bytes[member.name].elementsEqual(name.utf8) else { continue }
            guard let first = member.value.first, bytes[first] == UInt8(ascii: "\"") else { return nil }
            return member.value
        }
        return nil
    }

    /// Behind the closing quote of the string that begins at `start`; nil if it never closes.
    private func stringEnd(_ start: Int) -> Int? {
        var at = start + 1
        while at < end {
            switch bytes[at] {
            case UInt8(ascii: "\""): return at + 1
            case UInt8(ascii: "\\"): at += 2
            default: at += 1
            }
        }
        return nil
    }

    private func valueEnd(_ start: Int) -> Int? {
        var depth = 0
        var at = start
        while at < end {
            switch bytes[at] {
            case UInt8(ascii: "\""):
                guard let end = stringEnd(at) else { return nil }
                at = end
                if depth == 0 { return at }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth < 0 { return at }
                if depth == 0 { return at + 1 }
            case UInt8(ascii: ","):
                if depth == 0 { return at }
            default: break
            }
            at += 1
        }
        return nil
    }
}
