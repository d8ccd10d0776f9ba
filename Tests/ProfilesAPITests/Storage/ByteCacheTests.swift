import APIMachinery
import TestSupport
import Testing

@testable import ProfilesAPI

@Suite struct ByteCacheTests {
    private static func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "n", name: name) }

    private static func bytes(_ count: Int) -> [UInt8] { [UInt8](repeating: 1, count: count) }

    @Test func itHoldsWhatWasAskedForLastWithinItsLimit() {
        var cache = ByteCache<[UInt8]>(limit: 100)
        cache.put(Self.key("a"), Self.bytes(40))
        cache.put(Self.key("b"), Self.bytes(40))
        #expect(cache.get(Self.key("a"))?.count == 40)
        cache.put(Self.key("c"), Self.bytes(40))
        #expect(cache.get(Self.key("b")) == nil)
        #expect(cache.get(Self.key("a")) != nil && cache.get(Self.key("c")) != nil)
        cache.put(Self.key("d"), Self.bytes(51))
        #expect(cache.get(Self.key("d")) == nil)
        cache.put(Self.key("a"), [9])
        #expect(cache.bytes == 41)
        cache.remove(Self.key("c"))
        #expect(cache.bytes == 1)
    }

    @Test func aLargeOneTakesTheRoomOfSeveral() {
        var cache = ByteCache<[UInt8]>(limit: 100)
        for name in ["a", "b", "c", "d"] { cache.put(Self.key(name), Self.bytes(25)) }
        _ = cache.get(Self.key("a"))
        cache.put(Self.key("e"), Self.bytes(50))
        #expect(cache.bytes == 100)
        for (name, isThere) in [("a", true), ("b", false), ("c", false), ("d", true), ("e", true)] {
            #expect((cache.get(Self.key(name)) != nil) == isThere, "\(name)")
        }
    }

    @Test(arguments: [0, 1]) func withoutRoomNothingIsKept(_ limit: Int) {
        var cache = ByteCache<[UInt8]>(limit: limit)
        cache.put(Self.key("a"), [1])
        #expect(cache.get(Self.key("a")) == nil)
        #expect(cache.bytes == 0 && cache.count == 0)
        // What has no bytes needs none.
        cache.put(Self.key("b"), [])
        #expect(cache.get(Self.key("b")) == [])
    }

    @Test func placesAreUsedAgain() {
        var cache = ByteCache<[UInt8]>(limit: 10)
        for round in 0..<1000 {
            cache.put(Self.key("\(round)"), [1, 2])
            if round.isMultiple(of: 3) { cache.remove(Self.key("\(round)")) }
            #expect(cache.count <= 5 && cache.bytes == 2 * cache.count)
        }
        for round in 0..<1000 { cache.remove(Self.key("\(round)")) }
        #expect(cache.count == 0 && cache.bytes == 0)
    }

    /// Beside a list that is searched from end to end.
    @Test(arguments: [1, 2, 3] as [UInt64]) func itForgetsAsAListInTheOrderOfUseDoes(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var cache = ByteCache<[UInt8]>(limit: 64)
        /// The oldest first.
        var model: [(name: String, count: Int)] = []
        for step in 0..<3000 {
            let name = "\(Int.random(in: 0..<12, using: &random))"
            let place = model.firstIndex { $0.name == name }
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                cache.remove(Self.key(name))
                if let place { model.remove(at: place) }
            case 1:
                #expect(cache.get(Self.key(name))?.count == place.map { model[$0].count }, "step \(step)")
                if let place { model.append(model.remove(at: place)) }
            default:
                let count = Int.random(in: 0...40, using: &random)
                cache.put(Self.key(name), Self.bytes(count))
                if let place { model.remove(at: place) }
                guard count <= 32 else { continue }
                while model.reduce(count, { $0 + $1.count }) > 64 { model.removeFirst() }
                model.append((name, count))
            }
            #expect(cache.count == model.count && cache.bytes == model.reduce(0) { $0 + $1.count }, "step \(step)")
        }
        for one in model { #expect(cache.get(Self.key(one.name))?.count == one.count) }
    }
}
