import Digests
import Testing

struct Base64Tests {
    /// RFC 4648 §10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func givesRFC4648Vectors(text: String, base64: String) {
        let url = base64.filter { $0 != "=" }
        #expect(Base64.encode(Array(text.utf8)) == base64)
        #expect(Base64.decode(base64) == Array(text.utf8))
        #expect(Base64.encodeURL(Array(text.utf8)) == url)
        #expect(Base64.decodeURL(url) == Array(text.utf8))
    }

    @Test(arguments: [
        ("Zm9v\r\nYmFy\n", "foobar"), ("Z\nm9v", "foo"), ("Zg=\n=", "f"), ("Zg==\n", "f"), ("\n", ""), ("Zh==", "f"),
        ("Z\n\nm\r8\n=", "fo"),
    ])
    func skipsLineBreaksAsGoDoes(base64: String, text: String) {
        #expect(Base64.decode(base64) == Array(text.utf8))
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zm9", "Zg===", "=", "==", "====", "Z===", "Zm9v=", "Zg==Zg==", "Zg==x", "Zm 9v", "Zm9v\t",
        "Zm9_", "Zm-v", "Zm9v\u{0}",
        "Zm9é", "Z=g=", "Zg=a",
    ])
    func refusesTheRest(base64: String) {
        #expect(Base64.decode(base64) == nil)
    }

    @Test(arguments: ["Z", "Zg==", "Zm9v=", "Zm+v", "Zm/v", "Zm 9"])
    func refusesPaddingAndForeignLettersInURLs(base64: String) {
        #expect(Base64.decodeURL(base64) == nil)
    }

    @Test
    func givesBackEveryLength() {
        for length in 0..<300 {
            let bytes = RandomBytes.make(length)
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
            #expect(Base64.decodeURL(Base64.encodeURL(bytes)) == bytes)
            #expect(Base64.encode(bytes).utf8.count == Base64.encodedLength(of: length))
        }
    }

    @Test
    func survivesBytesOfEveryKind() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<3000 {
            var bytes = Array(Base64.encode(RandomBytes.make(Int.random(in: 0...20, using: &random))).utf8)
            if !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            bytes.append(contentsOf: Array("=\nA ".utf8).shuffled().prefix(1))
            let text = String(decoding: bytes, as: UTF8.self)
            if let decoded = Base64.decode(text) { #expect(decoded.count <= text.utf8.count / 4 * 3) }
        }
    }
}
