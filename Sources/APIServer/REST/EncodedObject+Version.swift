public import APIMachinery

extension EncodedObject {
    /// The object under another version: what a watch sends when an object stops matching its selectors — the state that
    /// last matched, with the version of the change that ended it.
    ///
    /// Rewrites the value of `metadata.resourceVersion` in the bytes, without decoding. Unchanged where there is none.
    public func versioned(_ version: ResourceVersion) -> EncodedObject {
        guard let value = MetadataMembers(json, metadata).value(of: "resourceVersion") else { return self }
        let text = Array("\"\(version)\"".utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(json.count + text.count)
        bytes.append(contentsOf: json[..<value.lowerBound])
        bytes.append(contentsOf: text)
        bytes.append(contentsOf: json[value.upperBound...])
        let grown = text.count - value.count
        return EncodedObject(
            json: bytes, metadata: metadata.lowerBound..<(metadata.upperBound + grown), cells: cells,
            createdAt: createdAt, resourceVersion: version)
    }
}

/// Finds members of one JSON object by its bytes, at that object's own level only.
///
/// The object is ours (compact and valid); of anything else the answer is nil or wrong, never a trap.
struct MetadataMembers {
    private let bytes: [UInt8]
    private let range: Range<Int>

    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        self.range = range.clamped(to: 0..<bytes.count)
    }

    /// Where the string value of the member is, quotes included; nil if there is no such member or it is no string.
    func value(of name: String) -> Range<Int>? {
        let name = Array(name.utf8)
        var depth = 0
        var at = range.lowerBound
        while at < range.upperBound {
            switch bytes[at] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "\""):
                let end = stringEnd(from: at)
                if depth == 1, end + 1 < range.upperBound, bytes[end] == UInt8(ascii: ":"),
                    bytes[(at + 1)..<(end - 1)].elementsEqual(name)
                {
                    guard bytes[end + 1] == UInt8(ascii: "\"") else { return nil }
                    return (end + 1)..<stringEnd(from: end + 1)
                }
                at = end
                continue
            default: break
            }
            at += 1
        }
        return nil
    }

    /// Behind the closing quote of the string that opens at `start`; the end of the range if it never closes.
    private func stringEnd(from start: Int) -> Int {
        var at = start + 1
        while at < range.upperBound {
            if bytes[at] == UInt8(ascii: "\\") {
                at += 2
            } else if bytes[at] == UInt8(ascii: "\"") {
                return at + 1
            } else {
                at += 1
            }
        }
        return range.upperBound
    }
}
