internal import APIMachinery

/// A map of texts as one run of bytes: per pair the key's length, the key, the value's length, the value.
///
/// Lengths are unsigned LEB128. Pairs are ordered bytewise by key. What the store reads back may be damaged, so reading
/// stops at the first impossible length instead of trusting it.
struct PackedPairs: Sendable, Hashable {
    let bytes: [UInt8]

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    init(_ labels: Labels) {
        self.init(pairs: labels.pairs.lazy.map { ($0.key, $0.value) })
    }

    init(_ fields: [String: String]) {
        self.init(Labels(fields.lazy.map { ($0.key, $0.value) }))
    }

    private init(pairs: some Sequence<(String, String)>) {
        var bytes: [UInt8] = []
        for (key, value) in pairs {
            Self.append(key, to: &bytes)
            Self.append(value, to: &bytes)
        }
        self.bytes = bytes
    }

    var labels: Labels {
        var pairs: [(String, String)] = []
        forEach { pairs.append(($0, $1)) }
        return Labels(pairs)
    }

    var dictionary: [String: String] {
        var fields: [String: String] = [:]
        forEach { fields[$0] = $1 }
        return fields
    }

    func forEach(_ body: (String, String) -> Void) {
        var position = 0
        while let key = next(&position), let value = next(&position) {
            body(String(decoding: bytes[key], as: UTF8.self), String(decoding: bytes[value], as: UTF8.self))
        }
    }

    /// The value of a key, compared by bytes, without unpacking the rest.
    subscript(key: String) -> String? {
        var position = 0
        while let candidate = next(&position), let value = next(&position) {
            if bytes[candidate].elementsEqual(key.utf8) { return String(decoding: bytes[value], as: UTF8.self) }
        }
        return nil
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        var length = text.utf8.count
        while length > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: length) | 0x80)
            length >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: length))
        bytes.append(contentsOf: text.utf8)
    }

    /// The range of the next text, nil at the end or where the bytes make no sense.
    private func next(_ position: inout Int) -> Range<Int>? {
        var length = 0
        var shift = 0
        while position < bytes.count, shift <= 28 {
            let byte = bytes[position]
            position += 1
            length |= Int(byte & 0x7F) << shift
            shift += 7
            if byte & 0x80 == 0 {
                guard length <= bytes.count - position else { return nil }
                defer { position += length }
                return position..<(position + length)
            }
        }
        return nil
    }
}
