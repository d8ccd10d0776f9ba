internal import NIOHTTP1

/// The headers of requests that say who a user is: the front proxy's, under the names that its configuration gives them.
public struct IdentityHeaders: Sendable, Equatable {
    /// Whole names, in lower case.
    let names: [String]
    /// How names begin, in lower case.
    let prefixes: [String]

    /// Headers of these names, and those whose names begin so; letter case doesn't count.
    public init(names: [String], prefixes: [String]) {
        self.names = names.map { $0.lowercased() }
        self.prefixes = prefixes.map { $0.lowercased() }
    }

    /// `Authorization`, and what kube-apiserver calls the headers unless told otherwise. Taken out of every request, whoever sent it.
    static let usual = IdentityHeaders(
        names: ["authorization", "x-remote-user", "x-remote-group", "x-remote-uid"], prefixes: ["x-remote-extra-"])

    func contains(_ name: String) -> Bool {
        names.contains { HeaderName.equal(name, $0) } || prefixes.contains { HeaderName.hasPrefix(name, $0) }
    }

    /// `headers` without these; nil if none of them is there.
    func removed(from headers: HTTPHeaders) -> HTTPHeaders? {
        var kept: [(String, String)] = []
        kept.reserveCapacity(headers.count)
        for header in headers where !contains(header.name) { kept.append(header) }
        return kept.count == headers.count ? nil : HTTPHeaders(kept)
    }
}

/// Names of headers are compared as ASCII without letter case (RFC 9110 §5.1).
enum HeaderName {
    /// Whether `name` is `lowercased`, which has no upper-case letters.
    static func equal(_ name: String, _ lowercased: String) -> Bool {
        name.utf8.count == lowercased.utf8.count && hasPrefix(name, lowercased)
    }

    /// Whether `name` begins with `lowercased`, which has no upper-case letters.
    static func hasPrefix(_ name: String, _ lowercased: String) -> Bool {
        let count = lowercased.utf8.count
        guard name.utf8.count >= count else { return false }
        // The bytes are there to be read at once in every string but a bridged one.
        let answer = name.utf8.withContiguousStorageIfAvailable { name in
            lowercased.utf8.withContiguousStorageIfAvailable { lowercased in
                (0..<count).allSatisfy { lower(name[$0]) == lowercased[$0] }
            }
        }
        return (answer ?? nil) ?? zip(name.utf8, lowercased.utf8).allSatisfy { lower($0) == $1 }
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
