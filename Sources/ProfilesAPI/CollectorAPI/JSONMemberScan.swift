/// Walks the members of an object in JSON that was written here, without decoding anything: a search tells of thousands of profiles.
///
/// Of anything else than compact, valid JSON it makes nil or nonsense, never a trap.
struct JSONMemberScan {
    private let bytes: [UInt8]
    private var at: Int

    /// - Parameter start: where the `{` of the object is.
    init?(_ bytes: [UInt8], at start: Int = 0) {
        guard bytes.indices.contains(start), bytes[start] == UInt8(ascii: "{") else { return nil }
        self.bytes = bytes
        at = start + 1
    }

    /// Where the next member is: its name without the quotes, and its value as written; nil behind the last one.
    mutating func next() -> (name: Range<Int>, value: Range<Int>)? {
        if at < bytes.endIndex, bytes[at] == UInt8(ascii: ",") { at += 1 }
        guard at < bytes.endIndex, bytes[at] == UInt8(ascii: "\"") else { return nil }
        let name = at + 1
        guard let nameEnd = stringEnd(at), nameEnd < bytes.endIndex, bytes[nameEnd] == UInt8(ascii: ":"),
            let end = valueEnd(nameEnd + 1)
        else { return nil }
        at = end
        return (name..<(nameEnd - 1), (nameEnd + 1)..<end)
    }

    /// Behind the closing quote of the string that begins at `start`.
    private func stringEnd(_ start: Int) -> Int? {
        var at = start + 1
        while at < bytes.endIndex {
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
        while at < bytes.endIndex {
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
