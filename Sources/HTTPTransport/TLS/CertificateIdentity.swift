/// Who a verified client certificate says it is.
public struct CertificateIdentity: Sendable, Hashable {
    /// The last CN of the subject: the user's name in Kubernetes; empty if there is none.
    public let commonName: String
    /// Every O of the subject, in order: the groups.
    public let organizations: [String]
    /// The subject's attribute 1.3.6.1.4.1.57683.2: the user's UID (Kubernetes 1.34).
    public let uid: String?
    /// SHA-256 of the DER in lower-case hexadecimal.
    public let sha256Hex: String
    /// The last valid second, Unix time.
    public let notAfter: Int64

    /// Makes an identity.
    public init(commonName: String, organizations: [String], uid: String?, sha256Hex: String, notAfter: Int64) {
        self.commonName = commonName
        self.organizations = organizations
        self.uid = uid
        self.sha256Hex = sha256Hex
        self.notAfter = notAfter
    }
}
