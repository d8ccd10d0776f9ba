internal import APIMachinery

extension EncodedObject {
    /// The same object at another version: `metadata.resourceVersion` replaced in the bytes.
    ///
    /// Deletions need it: their event carries the last state with the version of the deletion, and the draft that could
    /// encode it may be from before a restart. The bytes are those of our own encoder, compact JSON; an object without
    /// the field keeps its bytes.
    func atVersion(_ version: ResourceVersion) -> EncodedObject {
        guard let place = versionText else {
            return EncodedObject(
                json: json, metadata: metadata, cells: cells, createdAt: createdAt, resourceVersion: version)
        }
        var changed = json
        let text = Array(version.description.utf8)
        changed.replaceSubrange(place, with: text)
        let end = metadata.upperBound + text.count - place.count
        return EncodedObject(
            json: changed, metadata: metadata.lowerBound..<end, cells: cells, createdAt: createdAt,
            resourceVersion: version)
    }

    /// Where the text of `metadata.resourceVersion` is, without its quotes. Keys of inner maps (an annotation named
    /// `resourceVersion`) are passed over.
    private var versionText: Range<Int>? {
        let key = Array("resourceVersion".utf8)
        var depth = 0
        var position = metadata.lowerBound
        while position < metadata.upperBound {
            switch json[position] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "\""):
                guard let text = stringContent(at: position) else { return nil }
                position = text.upperBound
                let value = position + 2
                if depth == 1, value < metadata.upperBound, json[position + 1] == UInt8(ascii: ":"),
                    json[text].elementsEqual(key)
                {
                    return json[value] == UInt8(ascii: "\"") ? stringContent(at: value) : nil
                }
            default: break
            }
            position += 1
        }
        return nil
    }

    /// The bytes between the quote at a position and the one that closes it.
    private func stringContent(at quote: Int) -> Range<Int>? {
        var position = quote + 1
        while position < metadata.upperBound {
            switch json[position] {
            case UInt8(ascii: "\""): return (quote + 1)..<position
            case UInt8(ascii: "\\"): position += 2
            default: position += 1
            }
        }
        return nil
    }
}
