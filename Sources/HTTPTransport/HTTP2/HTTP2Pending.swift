import NIOCore

/// The bytes of an answer that wait to be framed: one buffer in nearly all answers, which then needs no storage beside it.
struct HTTP2Pending {
    private var first = ByteBuffer()
    private var rest: CircularBuffer<ByteBuffer>?
    /// All that wait.
    private(set) var count = 0

    mutating func append(_ buffer: ByteBuffer) {
        if count == 0 {
            first = buffer
        } else {
            if rest == nil { rest = CircularBuffer(initialCapacity: 4) }
            rest?.append(buffer)
        }
        count += buffer.readableBytes
    }

    /// Takes `wanted` bytes, or as many as there are, into `buffer`.
    mutating func take(_ wanted: Int, into buffer: inout ByteBuffer) {
        var left = min(wanted, count)
        count -= left
        while left > 0 {
            if first.readableBytes > left {
                if var part = first.readSlice(length: left) { buffer.writeBuffer(&part) }
                return
            }
            left -= first.readableBytes
            buffer.writeBuffer(&first)
            first = rest?.popFirst() ?? ByteBuffer()
        }
    }

    mutating func removeAll() {
        first = ByteBuffer()
        rest = nil
        count = 0
    }
}
