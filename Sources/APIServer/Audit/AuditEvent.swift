internal import APIMachinery
internal import HTTPTransport
internal import NIOCore

/// What is recorded of a request from its beginning: the same in all its events.
struct AuditFacts: Sendable {
    let level: AuditLevel
    let auditID: String
    /// Path and query as sent, values of parameters that may be credentials replaced.
    let requestURI: String
    let verb: String
    /// Nil if the request couldn't be authenticated.
    let user: UserInfo?
    /// As whom the user acts, if as another.
    var impersonatedUser: UserInfo? = nil
    let sourceIPs: [String]
    let userAgent: String
    let object: ObjectReference?
    let receivedAt: Timestamp

    /// The resource that the request names.
    struct ObjectReference: Sendable, Equatable {
        var resource: String
        var namespace = ""
        var name = ""
        var uid = ""
        var group: String
        var version: String
        var resourceVersion = ""
        var subresource: String
    }
}

/// One event of audit.k8s.io/v1, not yet encoded.
struct AuditEvent: Sendable {
    let facts: AuditFacts
    let stage: AuditStage
    let stageTime: Timestamp
    let omitsManagedFields: Bool
    var status: Status?
    var annotations: [String: String]
    var requestBody: AuditBody?
    var responseBody: AuditBody?

    /// The key of the annotation of an event that lost its objects, as k8s.io/apiserver's truncating backend sets it.
    static let truncatedKey = "audit.k8s.io/truncated"

    /// What the event holds of memory beyond its facts, about.
    var weight: Int { 1024 + (requestBody?.count ?? 0) + (responseBody?.count ?? 0) }
}

/// The body of a request or an answer, as it was on the wire.
struct AuditBody: Sendable {
    private enum Bytes: Sendable {
        case array([UInt8])
        case buffer(ByteBuffer)
    }
    private let bytes: Bytes
    private let isYAML: Bool

    init(_ bytes: [UInt8], contentType: String?) {
        self.bytes = .array(bytes)
        isYAML = Self.saysYAML(contentType)
    }

    init(_ buffer: ByteBuffer, contentType: String?) {
        bytes = .buffer(buffer)
        isYAML = Self.saysYAML(contentType)
    }

    var count: Int {
        switch bytes {
        case .array(let bytes): bytes.count
        case .buffer(let buffer): buffer.readableBytes
        }
    }

    /// The value; nil if it is none, then there is no object to record.
    func value() -> JSONValue? {
        let array =
            switch bytes {
            case .array(let bytes): bytes
            case .buffer(let buffer): Array(buffer.readableBytesView)
            }
        return isYAML ? (try? YAML.parse(array))?.value : try? JSONValue.parse(array)
    }

    private static func saysYAML(_ contentType: String?) -> Bool {
        guard let type = contentType?.prefix(while: { $0 != ";" }) else { return false }
        return type.lowercased().contains("yaml")
    }
}
