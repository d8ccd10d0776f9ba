import HTTPTransport
import NIOCore
import Testing

struct AbuseMeterTests {
    static func at(_ milliseconds: Int64) -> NIODeadline { .uptimeNanoseconds(1) + .milliseconds(milliseconds) }

    @Test func `a burst passes, one more does not`() {
        var meter = AbuseMeter(burst: 3, perSecond: 1)
        let allowed = (0..<4).map { _ in meter.allows(at: Self.at(0)) }
        #expect(allowed == [true, true, true, false])
    }

    @Test func `time refills at the rate, up to the burst`() {
        var meter = AbuseMeter(burst: 2, perSecond: 10)
        let times: [Int64] = [0, 0, 99, 101, 10_000, 10_000, 10_000]
        let allowed = times.map { meter.allows(at: Self.at($0)) }
        #expect(allowed == [true, true, false, true, true, true, false])
    }

    @Test func `time that goes backwards refills nothing`() {
        var meter = AbuseMeter(burst: 1, perSecond: 1000)
        let allowed = [5000, 0].map { meter.allows(at: Self.at($0)) }
        #expect(allowed == [true, false])
    }
}
