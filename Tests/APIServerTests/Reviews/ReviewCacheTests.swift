import NIOCore
import Testing

@testable import APIServer

struct ReviewCacheTests {
    static func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(1_000_000_000) + .seconds(seconds) }

    @Test func forgetsWhenTheTimeIsOver() {
        let cache = ReviewCache<String, Int>(limit: 10)
        cache.insert(1, for: "a", at: Self.at(0), for: .seconds(10))
        #expect(cache.value(of: "a", at: Self.at(0)) == 1)
        #expect(cache.value(of: "a", at: Self.at(0) + .nanoseconds(9_999_999_999)) == 1)
        #expect(cache.value(of: "a", at: Self.at(10)) == nil)
        #expect(cache.value(of: "b", at: Self.at(0)) == nil)
        cache.insert(2, for: "a", at: Self.at(10), for: .seconds(10))
        #expect(cache.value(of: "a", at: Self.at(19)) == 2)
    }

    @Test(arguments: [0, -1] as [Int64]) func remembersNothingForNoTime(_ seconds: Int64) {
        let cache = ReviewCache<String, Int>(limit: 10)
        cache.insert(1, for: "a", at: Self.at(0), for: .seconds(seconds))
        #expect(cache.count == 0)
    }

    /// Z06: bounded, and what is in use stays.
    @Test func isBoundedAndKeepsWhatIsAskedFor() {
        let cache = ReviewCache<Int, Int>(limit: 100)
        cache.insert(-1, for: -1, at: Self.at(0), for: .seconds(1000))
        for number in 0..<10_000 {
            cache.insert(number, for: number, at: Self.at(0), for: .seconds(1000))
            #expect(cache.count <= 100)
            #expect(cache.value(of: -1, at: Self.at(1)) == -1)
        }
        // At least the latest half of the limit.
        for number in 9_952..<10_000 { #expect(cache.value(of: number, at: Self.at(1)) == number) }
        #expect(cache.value(of: 0, at: Self.at(1)) == nil)
    }

    @Test func theLimitOfOneWorks() {
        let cache = ReviewCache<Int, Int>(limit: 0)
        for number in 0..<5 {
            cache.insert(number, for: number, at: Self.at(0), for: .seconds(1))
            #expect(cache.value(of: number, at: Self.at(0)) == number)
            #expect(cache.count <= 2)
        }
    }

    @Test func anAnswerIsReplacedWhereverItIs() {
        let cache = ReviewCache<Int, Int>(limit: 4)
        for number in 0..<4 { cache.insert(number, for: number, at: Self.at(0), for: .seconds(10)) }
        cache.insert(99, for: 0, at: Self.at(5), for: .seconds(10))
        #expect(cache.value(of: 0, at: Self.at(12)) == 99)
    }
}
