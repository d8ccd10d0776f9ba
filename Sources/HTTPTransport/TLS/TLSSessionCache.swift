internal import COpenSSL
import NIOConcurrencyHelpers

/// A session that a later handshake may resume.
final class TLSResumption: @unchecked Sendable {  // C wrapper: never changed, its references are counted atomically
    let pointer: OpaquePointer

    /// Takes over the caller's reference.
    init(owning session: OpaquePointer) { pointer = session }

    deinit { SSL_SESSION_free(pointer) }

    /// TLS 1.3 wants a ticket used once (RFC 8446 §C.4).
    var isForOneUse: Bool { SSL_SESSION_get_protocol_version(pointer) >= TLS1_3_VERSION }
}

/// The newest sessions of a client by server, at most ``capacity``.
final class TLSSessionCache: Sendable {
    static let capacity = 256
    private let sessions = NIOLockedValueBox<[String: TLSResumption]>([:])

    func put(_ session: TLSResumption, _ place: String) {
        sessions.withLockedValue { sessions in
            if sessions.count >= Self.capacity, sessions[place] == nil, let other = sessions.keys.first {
                sessions[other] = nil
            }
            sessions[place] = session
        }
    }

    func take(_ place: String) -> TLSResumption? {
        sessions.withLockedValue { sessions in
            guard let session = sessions[place] else { return nil }
            if session.isForOneUse { sessions[place] = nil }
            return session
        }
    }
}
