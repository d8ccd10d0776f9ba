internal import APIMachinery

/// A question of authorization as bytes: two questions are equal if and only if their bytes are.
///
/// Texts are compared byte for byte, see ``ExactText``; each is written behind its length, so that none can pass for two.
struct AccessKey: Hashable, Sendable {
    let bytes: [UInt8]

    /// The whole question, selectors as sent.
    init(_ attributes: Attributes) {
        let user = attributes.user
        var writer = Writer()
        writer.bytes.reserveCapacity(384)
        writer.text(user.name)
        writer.text(user.uid)
        writer.texts(user.groups)
        writer.count(user.extra.count)
        if !user.extra.isEmpty {
            for (key, values) in user.extra.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
                writer.text(key)
                writer.texts(values)
            }
        }
        writer.text(attributes.verb)
        guard attributes.isResourceRequest else {
            writer.bytes.append(0)
            writer.text(attributes.path)
            bytes = writer.bytes
            return
        }
        writer.bytes.append(1)
        writer.text(attributes.namespace)
        writer.text(attributes.group)
        writer.text(attributes.version)
        writer.text(attributes.resource)
        writer.text(attributes.subresource)
        writer.text(attributes.name)
        writer.text(attributes.labelSelectorText)
        writer.text(attributes.fieldSelectorText)
        bytes = writer.bytes
    }

    private struct Writer {
        var bytes: [UInt8] = []

        mutating func count(_ count: Int) {
            // LEB128: one byte for nearly all.
            var rest = UInt64(count)
            while rest >= 0x80 {
                bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
            }
            bytes.append(UInt8(truncatingIfNeeded: rest))
        }

        mutating func text(_ text: String) {
            count(text.utf8.count)
            bytes.append(contentsOf: text.utf8)
        }

        mutating func texts(_ texts: [String]) {
            count(texts.count)
            for text in texts { self.text(text) }
        }
    }
}
