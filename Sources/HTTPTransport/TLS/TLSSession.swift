internal import COpenSSL
import NIOCore

/// One TLS connection's state: an `SSL` over ByteBuffers. Does no I/O; used on one event loop.
final class TLSSession {
    /// What a step came to.
    enum Step {
        case done
        /// All input is used up.
        case needsInput
        /// The peer sent close_notify.
        case closed
        case failed(TransportError)
    }

    private let ssl: OpaquePointer
    private let context: TLSContext
    let bytes: TLSBytes
    /// Who is at the other end, for messages.
    var peerName: String { bytes.client == nil ? "client" : "server" }
    var isClient: Bool { bytes.client != nil }

    /// An end of a new connection: the server's, or that of `client`.
    init(_ context: TLSContext, loop: LoopBuffers, client: TLSClientHandshake? = nil) throws(TransportError) {
        OpenSSLError.clear()
        let bytes = TLSBytes(loop: loop, client: client)
        guard let ssl = SSL_new(context.pointer) else {
            throw TransportError(.handshakeFailed, "OpenSSL gives no session: \(OpenSSLError.take())")
        }
        self.ssl = ssl
        self.context = context
        self.bytes = bytes
        guard let bio = context.bio.make(over: bytes) else {
            throw TransportError(.handshakeFailed, "OpenSSL gives no BIO: \(OpenSSLError.take())")
        }
        // The SSL owns the BIO from here on; `bytes` outlives both, since deinit frees the SSL first.
        SSL_set_bio(ssl, bio, bio)
        SSL_set_ex_data(ssl, 0, Unmanaged.passUnretained(bytes).toOpaque())
        if let client {
            SSL_set_connect_state(ssl)
            try client.prepare(ssl)
        } else {
            SSL_set_accept_state(ssl)
        }
    }

    deinit { SSL_free(ssl) }

    /// Adds ciphertext.
    func receive(_ buffer: consuming ByteBuffer) {
        if bytes.input.readableBytes == 0 {
            bytes.input = buffer
        } else {
            bytes.input.writeBuffer(&buffer)
        }
    }

    /// Goes on with the handshake.
    func handshake() -> Step {
        OpenSSLError.clear()
        let result = SSL_do_handshake(ssl)
        return result == 1 ? .done : step(result, .handshakeFailed)
    }

    /// Decrypts into `buffer` until the input is used up or `buffer` is full; the last step is never `.done` with nothing read.
    func read(into buffer: inout ByteBuffer) -> Step {
        OpenSSLError.clear()
        while buffer.writableBytes > 0 {
            var count: Int32 = 0
            buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 0) { target in
                count = SSL_read(ssl, target.baseAddress, Int32(clamping: target.count))
                return Int(max(count, 0))
            }
            if count <= 0 {
                let step = step(count, .protocolViolation)
                if bytes.input.readableBytes == 0 { bytes.input = ByteBuffer() }
                return step
            }
        }
        return .done
    }

    /// Encrypts all of `plain`.
    func write(_ plain: UnsafeRawBufferPointer) -> Step {
        guard plain.count > 0 else { return .done }
        OpenSSLError.clear()
        var count: Int32 = 0
        // Room for the records' heads and tags too, so that the buffer grows once.
        bytes.fill(plain.count + 64 * (plain.count / 16_384 + 1)) {
            count = SSL_write(ssl, plain.baseAddress, Int32(clamping: plain.count))
        }
        if count > 0 { return .done }
        return step(count, .connectionClosed)
    }

    /// Writes close_notify.
    func shutdown() {
        OpenSSLError.clear()
        SSL_shutdown(ssl)
        OpenSSLError.clear()
    }

    private func step(_ result: Int32, _ code: TransportError.Code) -> Step {
        let reason = SSL_get_error(ssl, result)
        switch reason {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .needsInput
        case SSL_ERROR_ZERO_RETURN: return .closed
        default:
            let last = shim_ERR_reason(ERR_peek_last_error())
            var text = OpenSSLError.take()
            if text.isEmpty { text = "it failed with OpenSSL's code \(reason)" }
            return .failed(
                bytes.client?.failure(code, reason: last, text) ?? TransportError(code, "TLS: \(text)"))
        }
    }
}

/// What the handshake came to.
extension TLSSession {
    /// The other side, after the handshake.
    func peer() -> TLSPeer {
        var alpn: UnsafePointer<UInt8>?
        var length: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &alpn, &length)
        let chosen = alpn.map { String(decoding: UnsafeBufferPointer(start: $0, count: Int(length)), as: UTF8.self) }
        return TLSPeer(
            version: String(cString: SSL_get_version(ssl)),
            cipherSuite: SSL_get_current_cipher(ssl).flatMap { SSL_CIPHER_get_name($0) }.map { String(cString: $0) }
                ?? "",
            applicationProtocol: chosen?.isEmpty == false ? chosen : nil,
            serverName: SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name).map { String(cString: $0) },
            certificates: certificates())
    }

    /// Whether an earlier session was resumed.
    var isResumed: Bool { SSL_session_reused(ssl) == 1 }

    private func certificates() -> [[UInt8]] {
        if !bytes.presented.isEmpty { return bytes.presented }
        // A resumed session has its leaf in the ticket; one with more never gets a ticket, see `keepPresentedChain`.
        guard let leaf = SSL_get1_peer_certificate(ssl) else { return [] }
        defer { X509_free(leaf) }
        return DER.encode(leaf).map { [$0] } ?? []
    }

    /// Called by OpenSSL when the peer's certificates are there, in place of verifying them.
    static func keepPresentedChain(ssl: OpaquePointer, store: OpaquePointer) {
        guard let data = SSL_get_ex_data(ssl, 0) else { return }
        let bytes = Unmanaged<TLSBytes>.fromOpaque(data).takeUnretainedValue()
        guard let chain = X509_STORE_CTX_get0_untrusted(store) else { return }
        bytes.presented = (0..<shim_sk_X509_num(chain)).compactMap { index in
            shim_sk_X509_value(chain, index).flatMap { DER.encode($0) }
        }
        guard bytes.presented.count > 1 else { return }
        // A ticket keeps the leaf only: a resumed connection would lack the intermediates it needs for verification.
        shim_SSL_set_no_ticket(ssl)
        SSL_set_num_tickets(ssl, 0)
    }
}

/// Certificates as bytes.
enum DER {
    /// The certificate's DER; nil if OpenSSL can't write it.
    static func encode(_ certificate: OpaquePointer) -> [UInt8]? {
        var start: UnsafeMutablePointer<UInt8>?
        let count = i2d_X509(certificate, &start)
        guard count > 0, let start else { return nil }
        defer { shim_OPENSSL_free(start) }
        return Array(UnsafeBufferPointer(start: start, count: Int(count)))
    }

    /// A certificate from DER that ends where the bytes end; freed by the caller.
    static func decode(_ der: [UInt8]) -> OpaquePointer? {
        der.withUnsafeBufferPointer { buffer in
            var position = buffer.baseAddress
            guard let end = buffer.baseAddress.map({ $0 + buffer.count }),
                let certificate = d2i_X509(nil, &position, buffer.count)
            else { return nil }
            guard position == end else {
                X509_free(certificate)
                return nil
            }
            return certificate
        }
    }
}
