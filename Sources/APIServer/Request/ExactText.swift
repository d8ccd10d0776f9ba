internal import Glibc

/// A text that equals another only byte for byte.
///
/// Swift's strings are equal when they are canonically equivalent (`é` in one scalar or two); for names of users and
/// resources and for tokens Kubernetes compares bytes, and so must whoever decides on rights.
struct ExactText: Hashable, Sendable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (left: ExactText, right: ExactText) -> Bool {
        left.text.isEqualByBytes(to: right.text)
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(0xFF as UInt8)
    }
}

extension String {
    /// Whether the UTF-8 bytes are the same; by memcmp, since a walk over two `UTF8View`s takes many times as long.
    func isEqualByBytes(to other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        let answer = utf8.withContiguousStorageIfAvailable { mine in
            other.utf8.withContiguousStorageIfAvailable { theirs in
                guard let left = mine.baseAddress, let right = theirs.baseAddress else { return mine.isEmpty }
                return memcmp(left, right, mine.count) == 0
            }
        }
        return (answer ?? nil) ?? utf8.elementsEqual(other.utf8)
    }
}
