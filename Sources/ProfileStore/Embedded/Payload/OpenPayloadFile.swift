internal import CGlibc
internal import Glibc
internal import NIOCore

/// A payload's file that is open: its bytes stay readable when its object goes.
///
/// Read by `pread`: a mapped file that is cut short would end the process.
final class OpenPayloadFile: Sendable {
    /// Its length.
    let bytes: Int64
    private let descriptor: Int32
    /// Its path, for messages.
    private let place: String

    /// Takes the descriptor, and closes it in the end.
    init(_ descriptor: Int32, bytes: Int64, place: String) {
        self.descriptor = descriptor
        self.bytes = bytes
        self.place = place
    }

    deinit { Glibc.close(descriptor) }

    /// At most `count` bytes from `offset` on, if they are in memory; nil where a disk would be waited for, and where the file system
    /// can't tell (preadv2(2), `RWF_NOWAIT`).
    func cached(from offset: Int64, atMost count: Int) -> ByteBuffer? {
        var buffer = ByteBufferAllocator().buffer(capacity: length(from: offset, atMost: count))
        let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 0) { target in
            max(0, shim_pread_nowait(descriptor, target.baseAddress, min(count, target.count), off_t(offset)))
        }
        return count > 0 ? buffer : nil
    }

    /// `count` bytes from `offset` on, or those up to the end.
    func read(from offset: Int64, atMost count: Int) throws(StoreError) -> ByteBuffer {
        let length = length(from: offset, atMost: count)
        var buffer = ByteBufferAllocator().buffer(capacity: length)
        var code: Int32 = 0
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: length) { target in
            code = read(into: UnsafeMutableRawBufferPointer(rebasing: target.prefix(length)), offset)
            return code == 0 ? length : 0
        }
        guard code == 0 else { throw failure(code) }
        return buffer
    }

    /// All of it.
    func readAll() throws(StoreError) -> [UInt8] {
        var code: Int32 = 0
        let all = [UInt8](unsafeUninitializedCapacity: length(from: 0, atMost: .max)) { target, count in
            code = read(into: UnsafeMutableRawBufferPointer(target), 0)
            count = code == 0 ? target.count : 0
        }
        guard code == 0 else { throw failure(code) }
        return all
    }

    private func length(from offset: Int64, atMost count: Int) -> Int {
        Int(clamping: max(0, min(Int64(count), bytes - offset)))
    }

    /// Fills `target`; the code of the failure, 0 if there was none.
    private func read(into target: UnsafeMutableRawBufferPointer, _ offset: Int64) -> Int32 {
        var done = 0
        while done < target.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: target[done...])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count == 0 ? EIO : errno }
            done += count
        }
        return 0
    }

    private func failure(_ code: Int32) -> StoreError { StoreDirectory.failure("reading", place, code) }
}
