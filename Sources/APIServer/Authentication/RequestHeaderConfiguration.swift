internal import APIMachinery

/// Who the front proxy is and by which headers it says who a user is (conformance 2.1).
public final class RequestHeaderConfiguration: Sendable {
    /// The CAs of its certificate.
    public let authorities: ClientAuthorities
    /// The CNs it may have; empty is any that those CAs sign.
    public let allowedNames: [String]
    /// Which headers have which part of a user.
    public let names: Names

    /// The names of the headers. Letter case doesn't count.
    public struct Names: Sendable, Equatable {
        /// The user's name: the first of these that isn't empty.
        public var user: [String]
        /// The user's uid, likewise; none where it isn't to be taken from headers.
        public var uid: [String]
        /// The groups: all values of all of these.
        public var group: [String]
        /// How the names of headers begin that have more of a user; what follows is the key.
        public var extraPrefix: [String]

        /// As given. kube-apiserver's are the defaults, the uid's left out as it does.
        public init(
            user: [String] = ["X-Remote-User"], uid: [String] = [], group: [String] = ["X-Remote-Group"],
            extraPrefix: [String] = ["X-Remote-Extra-"]
        ) {
            self.user = user
            self.uid = uid
            self.group = group
            self.extraPrefix = extraPrefix
        }
    }

    /// The same names in lower case, in which headers are looked for.
    let lowercased: Names
    /// What handlers must not see; nil if these are the usual ones.
    let identityHeaders: IdentityHeaders?

    /// A configuration of its parts, or a sentence that says what can't be so.
    public init(
        authorities: ClientAuthorities, allowedNames: [String], names: Names
    ) throws(RequestHeaderFault) {
        guard !names.user.isEmpty else {
            throw RequestHeaderFault(
                field: "requestheader-username-headers", message: "names no header, so that nobody could be known")
        }
        let lists = [
            ("requestheader-username-headers", names.user), ("requestheader-uid-headers", names.uid),
            ("requestheader-group-headers", names.group), ("requestheader-extra-headers-prefix", names.extraPrefix),
        ]
        for (field, list) in lists {
            for name in list where !Self.isToken(name) {
                throw RequestHeaderFault(
                    field: field, message: "\(name.quoted) is no name of a header (RFC 9110 §5.6.2)")
            }
        }
        self.authorities = authorities
        self.allowedNames = allowedNames
        self.names = names
        lowercased = Names(
            user: names.user.map { $0.lowercased() }, uid: names.uid.map { $0.lowercased() },
            group: names.group.map { $0.lowercased() }, extraPrefix: names.extraPrefix.map { $0.lowercased() })
        let used = IdentityHeaders(
            names: names.user + names.uid + names.group, prefixes: names.extraPrefix)
        let areUsual =
            used.names.allSatisfy(IdentityHeaders.usual.names.contains)
            && used.prefixes.allSatisfy(IdentityHeaders.usual.prefixes.contains)
        identityHeaders = areUsual ? nil : used
    }

    private static func isToken(_ name: String) -> Bool {
        let others = Set("!#$%&'*+-.^_`|~".utf8)
        return !name.isEmpty
            && name.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || others.contains(byte)
            }
    }
}

/// Why the configuration of the front proxy is refused.
public struct RequestHeaderFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// The key of the ConfigMap; the flag has the same name.
    public let field: String
    /// What is wrong with its value.
    public let message: String

    /// A fault of its parts.
    public init(field: String, message: String) {
        self.field = field
        self.message = message
    }

    /// Key and message.
    public var description: String { "\(field): \(message)" }
}
