import APIMachinery
import NIOCore
import Testing

@testable import ProfilesAPI

struct HotProfilesTests {
    private func key(_ name: Int) -> ObjectKey { ObjectKey(namespace: "shop", name: "p\(name)") }
    private let version = ResourceVersion(7)

    @Test func whatIsKeptIsFoundAtItsVersionOnly() {
        let hot = HotProfiles()
        hot.keep(ByteBuffer(string: "bytes"), key(1), at: version)
        #expect(hot.bytes(key(1), at: version) == ByteBuffer(string: "bytes"))
        #expect(hot.bytes(key(1), at: ResourceVersion(8)) == nil)
        #expect(hot.bytes(key(2), at: version) == nil)
        #expect(hot.bytes(ObjectKey(namespace: "bank", name: "p1"), at: version) == nil)
    }

    @Test func noMoreIsKeptThanTheBound() {
        let hot = HotProfiles(limit: 16_000)
        for name in 0..<100 { hot.keep(ByteBuffer(repeating: 1, count: 1000), key(name), at: version) }
        let kept = (0..<100).filter { hot.bytes(key($0), at: version) != nil }
        #expect(kept.count <= 16)
        #expect(kept.contains(99))
    }

    @Test func whatIsAskedForStays() {
        let hot = HotProfiles(limit: 16_000)
        hot.keep(ByteBuffer(repeating: 7, count: 1000), key(0), at: version)
        for name in 1..<100 {
            hot.keep(ByteBuffer(repeating: 1, count: 1000), key(name), at: version)
            #expect(hot.bytes(key(0), at: version) != nil)
        }
    }

    @Test func largeOnesAreNotKept() {
        let hot = HotProfiles(limit: 16_000)
        hot.keep(ByteBuffer(repeating: 1, count: 1001), key(1), at: version)
        #expect(hot.bytes(key(1), at: version) == nil)
    }
}
