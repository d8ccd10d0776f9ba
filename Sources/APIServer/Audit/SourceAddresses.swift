internal import NIOCore
internal import NIOHTTP1

/// Where a request comes from, as its headers and its connection say (apimachinery `net.SourceIPs`): the addresses of
/// `X-Forwarded-For` in order, `X-Real-Ip` unless it is among them, the peer unless it is the last.
///
/// All but the last may be the client's invention. Texts that are no address are left out, as are those behind the 32nd.
enum SourceAddresses {
    private static let most = 32

    static func of(_ headers: HTTPHeaders, peer: SocketAddress?) -> [String] {
        var addresses: [String] = []
        if let forwarded = headers.first(name: "x-forwarded-for") {
            for part in forwarded.split(separator: ",", maxSplits: most, omittingEmptySubsequences: true).prefix(most) {
                if let address = canonical(part) { addresses.append(address) }
            }
        }
        if let real = headers.first(name: "x-real-ip").flatMap({ canonical($0[...]) }), !addresses.contains(real) {
            addresses.append(real)
        }
        if let address = peer?.ipAddress.flatMap({ canonical($0[...]) }), addresses.last != address {
            addresses.append(address)
        }
        return addresses
    }

    /// The address as it is usually written (`::ffff:1.2.3.4` as `1.2.3.4`); nil if it is none.
    private static func canonical(_ text: Substring) -> String? {
        let word = text.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" && $0 != "%" }
        guard word.utf8.count <= 45, let address = try? SocketAddress(ipAddress: String(word), port: 0) else {
            return nil
        }
        guard let written = address.ipAddress else { return nil }
        let mapped = "::ffff:"
        return written.hasPrefix(mapped) && written.contains(".") ? String(written.dropFirst(mapped.count)) : written
    }
}
