import Digests
import Testing

struct DigestTests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ])
    func sha256GivesFIPS180Vectors(text: String, digest: String) {
        #expect(SHA256.hex(Array(text.utf8)) == digest)
    }

    @Test
    func sha1GivesFIPS180Vectors() {
        #expect(hex(SHA1.digest([])) == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
        #expect(hex(SHA1.digest(Array("abc".utf8))) == "a9993e364706816aba3e25717850c26c9cd0d89d")
    }

    /// RFC 4231 §4.3 and §4.7, and an empty key.
    @Test(arguments: [
        (
            Array("Jefe".utf8), "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        ([], "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ])
    func hmacGivesRFC4231Vectors(key: [UInt8], text: String, code: String) {
        let made = HMACSHA256.authenticationCode(for: Array(text.utf8), key: key)
        #expect(hex(made) == code)
        #expect(HMACSHA256.isValid(made, for: Array(text.utf8), key: key))
        #expect(!HMACSHA256.isValid(made, for: Array((text + "x").utf8), key: key))
        #expect(!HMACSHA256.isValid(Array(made.dropLast()), for: Array(text.utf8), key: key))
    }

    @Test
    func uuidsBearTheirVersion() {
        #expect(
            uuidV5(namespace: UUIDv5.Namespace.dns, name: "www.example.com") == "2ed6657d-e927-568b-95e1-2665a8aea6a2")
        let made = (0..<100).map { _ in Array(uuidV4().utf8) }
        #expect(Set(made).count == 100)
        for uuid in made {
            #expect(uuid.count == 36)
            #expect(uuid[14] == UInt8(ascii: "4"))
            #expect(Array("89ab".utf8).contains(uuid[19]))
        }
    }

    @Test
    func randomBytesAreNotTheSame() {
        #expect(RandomBytes.make(0).isEmpty)
        #expect(RandomBytes.make(-1).isEmpty)
        #expect(RandomBytes.make(33).count == 33)
        #expect(RandomBytes.make(16) != RandomBytes.make(16))
    }
}
