import NIOCore

/// Buffers that all connections of an event loop share, so that an idle connection holds none.
///
/// Each is empty again, or given away, before its user returns to the loop.
package final class LoopBuffers {
    /// Ciphertext on its way out.
    var cipher = ByteBuffer()
    /// Plaintext just decrypted.
    var plain = ByteBuffer()
    /// Small writes on their way into one TLS record.
    var gather = ByteBuffer()
    /// HTTP/2 frames on their way out.
    var frames = ByteBuffer()

    package init() {}
}
