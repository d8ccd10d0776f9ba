import APIMachinery
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import KubeClient

struct ObjectCacheTests {
    private func key(_ name: String, _ namespace: String = "") -> ObjectKey {
        ObjectKey(namespace: namespace, name: name)
    }

    @Test func objectsAreFoundByKeyAndNamespace() {
        let cache = ObjectCache<Int>()
        #expect(!cache.synced && cache.sinceContact == nil)
        cache.replace([(key("a", "x"), 1), (key("b", "x"), 2), (key("a", "y"), 3), (key("a"), 4)])
        #expect(cache.synced && cache.count == 4)
        #expect(cache[key("a", "x")] == 1 && cache[key("a")] == 4 && cache[key("b", "y")] == nil)
        #expect(cache.elements(inNamespace: "x").sorted() == [1, 2])
        #expect(cache.elements(inNamespace: "z") == [])
        #expect(cache.elements.sorted() == [1, 2, 3, 4])
        cache.replace([])
        #expect(cache.synced && cache.count == 0 && cache.elements == [])
    }

    @Test func theCountIsThatOfTheObjects() {
        let cache = ObjectCache<Int>()
        cache.set(key("a"), 1)
        cache.set(key("a"), 2)
        cache.set(key("b"), 1)
        #expect(cache.count == 2)
        cache.remove(key("a"))
        cache.remove(key("a"))
        #expect(cache.count == 1 && cache.elements == [1])
    }

    @Test func changesAreToldInOrder() {
        let told = NIOLockedValueBox<[String]>([])
        let cache = ObjectCache<Int> { change in
            let text =
                switch change {
                case .replaced: "replaced"
                case .set(let key, let element): "set \(key) \(element)"
                case .removed(let key, let element): "removed \(key) \(element)"
                }
            told.withLockedValue { $0.append(text) }
        }
        cache.replace([])
        cache.set(key("a", "x"), 1)
        cache.set(key("a", "x"), 2)
        cache.remove(key("a", "x"))
        cache.remove(key("a", "x"))
        #expect(told.withLockedValue { $0 } == ["replaced", "set x/a 1", "set x/a 2", "removed x/a 2"])
    }

    @Test func theAgeIsThatOfTheLastContact() {
        let clock = ManualClock()
        let cache = ObjectCache<Int>(clock: SteadyClock(clock))
        cache.touch()
        clock.advance(by: .seconds(5))
        #expect(cache.sinceContact == .seconds(5))
        cache.touch()
        #expect(cache.sinceContact == .zero)
    }
}
