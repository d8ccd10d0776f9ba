/// A text that equals another only byte for byte.
///
/// Swift's strings are equal when they are canonically equivalent (`é` in one scalar or two); for names of users and
/// resources and for tokens Kubernetes compares bytes, and so must whoever decides on rights.
struct ExactText: Hashable, Sendable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (left: ExactText, right: ExactText) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(0xFF as UInt8)
    }
}
