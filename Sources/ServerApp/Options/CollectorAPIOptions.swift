public import ArgumentParser
internal import HTTPTransport

/// profefe's own API, where clients of a collector are served.
public struct CollectorAPIOptions: ParsableArguments {
    @Option(
        name: .customLong("collector-api-address"),
        help: ArgumentHelp(
            "Serve profefe's own HTTP API here, for its agents, kprofefe, kubectl-profefe and scripts; plain HTTP as a collector does. Without a host on all addresses. Default: not served.",
            valueName: "host:port"))
    var collectorAPIAddress: String?

    @Option(
        name: .customLong("collector-api-tls"), defaultAsFlag: "true", parsing: .next,
        help: ArgumentHelp(
            "Serve --collector-api-address by TLS, with the certificate of --secure-port (default: false).",
            valueName: "bool"))
    var collectorAPITLS: String?

    @Option(
        name: .customLong("collector-api-anonymous"), defaultAsFlag: "true", parsing: .next,
        help: ArgumentHelp(
            "Let everybody who reaches --collector-api-address send and read all profiles, as a collector does. Otherwise a bearer token with the rights is needed, which profefe's own clients can't send (default: false).",
            valueName: "bool"))
    var collectorAPIAnonymous: String?

    /// The defaults, or what the command line says.
    public init() {}

    /// The options as values.
    struct Completed: Sendable {
        var host: String
        var port: Int
        var hasTLS: Bool
        var isAnonymous: Bool

        /// Where and how it listens: like the main server, whose certificate and limits it shares.
        func serving(like server: ServerConfiguration) -> ServerConfiguration {
            var configuration = server
            configuration.bindAddress = host
            configuration.port = port
            if !hasTLS { configuration.tls = nil }
            return configuration
        }
    }

    /// Nil where it isn't served.
    func complete(_ faults: inout Faults) -> Completed? {
        let hasTLS = faults.boolean("--collector-api-tls", collectorAPITLS)
        let isAnonymous = faults.boolean("--collector-api-anonymous", collectorAPIAnonymous)
        guard let collectorAPIAddress else {
            for (flag, isOn) in [("--collector-api-tls", hasTLS), ("--collector-api-anonymous", isAnonymous)] where isOn
            {
                faults.add(flag, "makes no sense without --collector-api-address")
            }
            return nil
        }
        guard let (host, port) = Self.split(collectorAPIAddress) else {
            faults.add(
                "--collector-api-address",
                "\"\(collectorAPIAddress)\" is not host:port, as 127.0.0.1:10100, :10100 or [::1]:10100")
            return nil
        }
        return Completed(host: host, port: port, hasTLS: hasTLS, isAnonymous: isAnonymous)
    }

    /// An empty host is every address.
    private static func split(_ text: String) -> (host: String, port: Int)? {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.isEmpty { return ("0.0.0.0", port) }
        if host.first == "[", host.last == "]", host.count > 2 {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") || host.contains("[") || host.contains("]") {
            return nil
        }
        return (String(host), port)
    }
}
