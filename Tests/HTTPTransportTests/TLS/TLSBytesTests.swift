import NIOCore
import Testing

@testable import HTTPTransport

@Suite struct TLSBytesTests {
    /// Records of these sizes, the first of ones, the second of twos…, while there is room for `room` bytes.
    private static func written(_ sizes: [Int], room: Int) -> [UInt8] {
        let bytes = TLSBytes(loop: LoopBuffers())
        bytes.loop.cipher.writeInteger(UInt8(0))
        bytes.fill(room) {
            for (number, size) in sizes.enumerated() {
                [UInt8](repeating: UInt8(number + 1), count: size).withUnsafeBytes { bytes.put($0) }
            }
        }
        return Array(bytes.loop.cipher.readableBytesView)
    }

    /// The storage is larger than what was asked for, to a power of two.
    @Test(arguments: [[3, 5], [0], [], [5000], [40, 5000, 40, 40], [20_000, 1, 20_000]])
    func whatFindsNoRoomIsBehindWhatDidInOrder(sizes: [Int]) {
        var expected: [UInt8] = [0]
        for (number, size) in sizes.enumerated() { expected += [UInt8](repeating: UInt8(number + 1), count: size) }
        #expect(Self.written(sizes, room: 64) == expected)
    }

    @Test func whatIsWrittenWithoutRoomIsKeptToo() {
        let bytes = TLSBytes(loop: LoopBuffers())
        [UInt8](1...3).withUnsafeBytes { bytes.put($0) }
        #expect(Array(bytes.loop.cipher.readableBytesView) == [1, 2, 3])
    }
}
