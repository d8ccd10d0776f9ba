internal import COpenSSL
import NIOCore

/// The bytes between one TLS session and its channel.
final class TLSBytes {
    /// Ciphertext that came and was not yet read by OpenSSL.
    var input = ByteBuffer()
    /// The loop's buffers: `cipher` is where OpenSSL writes.
    let loop: LoopBuffers
    /// What is left of the room that ``fill(_:_:)`` gives to OpenSSL.
    private var room = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    /// DER, leaf first; filled when the peer's certificates arrive.
    var presented: [[UInt8]] = []
    /// A client's side of the handshake; nil for a server.
    let client: TLSClientHandshake?

    init(loop: LoopBuffers, client: TLSClientHandshake? = nil) {
        self.loop = loop
        self.client = client
    }

    /// Lets OpenSSL write some `count` bytes straight behind what `cipher` has; what is more than fits is added to it.
    func fill(_ count: Int, _ body: () -> Void) {
        // Taken out: `put` changes the loop's.
        var cipher = loop.cipher
        loop.cipher = ByteBuffer()
        cipher.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { target in
            room = target
            body()
            defer { room = UnsafeMutableRawBufferPointer(start: nil, count: 0) }
            return target.count - room.count
        }
        if loop.cipher.readableBytes > 0 { cipher.writeBuffer(&loop.cipher) }
        loop.cipher = cipher
    }

    /// Takes what OpenSSL wrote.
    func put(_ record: UnsafeRawBufferPointer) {
        // Once something found no room, all that comes is behind it.
        guard record.count <= room.count, loop.cipher.readableBytes == 0 else {
            loop.cipher.writeBytes(record)
            return
        }
        room.copyMemory(from: record)
        room = UnsafeMutableRawBufferPointer(rebasing: room[record.count...])
    }
}

/// OpenSSL's input and output as ByteBuffers: reads from ``TLSBytes/input``, appends to ``LoopBuffers/cipher``.
///
/// Reading an empty buffer says "retry"; writing always succeeds, so `SSL_write` never leaves a rest.
final class BufferBIO: @unchecked Sendable {  // C wrapper: stays on its event loop
    // Immutable after init; OpenSSL only reads it.
    private let method: OpaquePointer

    init() throws(TransportError) {
        guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "ByteBuffer") else {
            throw TransportError(.configuration, "out of memory for a BIO method")
        }
        self.method = method
        BIO_meth_set_write(method) { bio, bytes, count in
            guard let bytes, count > 0, let data = BIO_get_data(bio) else { return 0 }
            Unmanaged<TLSBytes>.fromOpaque(data)._withUnsafeGuaranteedRef {
                $0.put(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
            }
            return count
        }
        BIO_meth_set_read(method) { bio, bytes, count in
            guard let bytes, count > 0, let data = BIO_get_data(bio) else { return 0 }
            let io = Unmanaged<TLSBytes>.fromOpaque(data).takeUnretainedValue()
            shim_BIO_clear_retry_flags(bio)
            let length = min(Int(count), io.input.readableBytes)
            guard length > 0 else {
                shim_BIO_set_retry_read(bio)
                return -1
            }
            io.input.readWithUnsafeReadableBytes { source in
                UnsafeMutableRawPointer(bytes).copyMemory(
                    from: source.baseAddress ?? UnsafeRawPointer(bytes), byteCount: length)
                return length
            }
            return Int32(truncatingIfNeeded: length)
        }
        BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
        BIO_meth_set_create(method) { bio in
            BIO_set_init(bio, 1)
            return 1
        }
    }

    deinit { BIO_meth_free(method) }

    /// A BIO over `io`, which must outlive it. Owned by the caller (+1).
    func make(over io: TLSBytes) -> OpaquePointer? {
        guard let bio = BIO_new(method) else { return nil }
        BIO_set_data(bio, Unmanaged.passUnretained(io).toOpaque())
        return bio
    }
}
