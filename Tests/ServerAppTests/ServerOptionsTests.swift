import ArgumentParser
import HTTPTransport
import Logging
import Testing

@testable import ServerApp

struct ServerOptionsTests {
    @Test func whatIsRequiredIsEnough() throws {
        let files = try Files()
        defer { files.remove() }
        let flags = try files.flags()
        #expect(try commandLineFaults(flags) == [])
        let options = try ServerOptions.parse(["--standalone"] + flags.map { "\($0.key)=\($0.value)" })
        let configuration = try options.complete()
        #expect(configuration.server.bindAddress == "0.0.0.0" && configuration.server.port == 6443)
        // Each flag's own default is the limit's documented one: dumps tell every field.
        #expect("\(configuration.server.limits)" == "\(ServerLimits())")
        #expect(configuration.server.tls?.minimumVersion == .tls12)
        #expect(configuration.requests.readOnlyInFlight == 400 && configuration.requests.mutatingInFlight == 200)
        #expect(configuration.requests.timeout == .seconds(60))
        #expect(configuration.shutdownDelay == .zero && configuration.shutdownDrain == .seconds(60))
        #expect(configuration.store.runningCaptures == 16 && configuration.store.queuedCaptures == 256)
        #expect(!configuration.store.advertiseProfileWatch && configuration.store.podManifests.isEmpty)
        #expect(configuration.logs.level == .info && "\(configuration.logs.format)" == "text")
    }

    @Test func aCertDirStandsForBothFiles() throws {
        let files = try Files()
        defer { files.remove() }
        var flags = try files.flags()
        flags["--tls-cert-file"] = nil
        flags["--tls-private-key-file"] = nil
        flags["--cert-dir"] = files.directory
        #expect(try commandLineFaults(flags) == [])
        flags["--cert-dir"] = "\(files.directory)/nowhere"
        #expect(try commandLineFaults(flags).count == 2)
    }

    @Test func everyFaultIsToldAtOnce() throws {
        let told = try commandLineFaults(
            ["--secure-port": "x", "--request-timeout": "1", "--log-level": "loud"], standalone: false)
        for flag in [
            "--kubeconfig", "--secure-port", "--tls-cert-file", "--tls-private-key-file", "--request-timeout",
            "--data-dir", "--log-level",
        ] {
            #expect(told.filter { $0.hasPrefix("\(flag):") }.count == 1, "\(flag)")
        }
        #expect(told.count == 7)
    }

    @Test(arguments: [
        "--tls-cert-file", "--tls-private-key-file", "--authorization-rbac-file", "--data-dir",
    ])
    func requires(_ flag: String) throws {
        let told = try commandLineFaults(changing: flag, to: nil)
        #expect(told.count == 1)
        #expect(told.first?.hasPrefix("\(flag): is required") == true)
    }

    @Test func somebodyMustBeAbleToComeIn() throws {
        #expect(try commandLineFaults(changing: "--token-auth-file", to: nil).count == 1)
    }

    @Test(arguments: [
        "--tls-cert-file", "--tls-private-key-file", "--client-ca-file", "--token-auth-file",
        "--authorization-rbac-file",
        "--pod-manifests", "--capture-ca-file", "--retention-file",
    ])
    func aFileThatIsNotThereIsNamed(_ flag: String) throws {
        let told = try commandLineFaults(changing: flag, to: "/nowhere/file")
        #expect(told == ["\(flag): \"/nowhere/file\" does not exist"])
    }

    /// The flags of numbers with the bounds inside which they are taken.
    private static let numbers: [(String, Int, Int)] = [
        ("--secure-port", 0, 65_535), ("--event-loops", 0, 1024), ("--max-requests-inflight", 0, 1_000_000),
        ("--max-mutating-requests-inflight", 0, 1_000_000), ("--http2-max-streams-per-connection", 1, 100_000),
        ("--max-connections", 1, 1_000_000), ("--max-header-bytes", 4096, 16 << 20),
        ("--http2-stream-window-bytes", 65_535, 1 << 30), ("--http2-max-resets-per-second", 1, 1_000_000),
        ("--http2-max-control-frames-per-second", 1, 1_000_000), ("--max-running-captures", 1, 10_000),
        ("--max-queued-captures", 1, 100_000), ("--http2-connection-window-bytes", 65_535, 1 << 30),
        ("--http2-max-frame-bytes", 16_384, 16_777_215), ("--response-buffer-bytes", 16_384, 64 << 20),
        ("--http2-max-reset-burst", 1, 1_000_000), ("--http2-max-control-frame-burst", 1, 1_000_000),
    ]

    /// All of them in one command line, since parsing one takes long.
    private func faults(changing flags: [(name: String, value: String)]) throws -> [String] {
        let files = try Files()
        defer { files.remove() }
        var all = try files.flags()
        for (name, value) in flags { all[name] = value }
        return try commandLineFaults(all)
    }

    @Test func numbersHaveBounds() throws {
        #expect(try faults(changing: Self.numbers.map { ($0.0, String($0.1)) }) == [])
        #expect(try faults(changing: Self.numbers.map { ($0.0, String($0.2)) }) == [])
        let bad: [(Int, Int) -> String] = [
            { least, _ in String(least - 1) }, { _, greatest in String(greatest + 1) }, { _, _ in "ten" },
            { _, _ in "99999999999999999999" },
        ]
        for value in bad {
            let told = try faults(changing: Self.numbers.map { ($0.0, value($0.1, $0.2)) })
            let expected = Self.numbers.map { flag, least, greatest in
                "\(flag): \"\(value(least, greatest))\" is not a number from \(least) to \(greatest)"
            }
            #expect(Set(told) == Set(expected))
        }
    }

    /// The flags of durations with their bounds.
    private static let durations: [(String, String, String)] = [
        ("--request-timeout", "1s", "1h0m0s"), ("--shutdown-delay-duration", "0s", "24h0m0s"),
        ("--shutdown-drain-duration", "0s", "24h0m0s"), ("--tls-handshake-timeout", "10ms", "24h0m0s"),
        ("--read-header-timeout", "10ms", "24h0m0s"), ("--read-progress-timeout", "10ms", "24h0m0s"),
        ("--write-progress-timeout", "10ms", "24h0m0s"), ("--idle-timeout", "10ms", "24h0m0s"),
    ]

    @Test func durationsHaveBounds() throws {
        #expect(try faults(changing: Self.durations.map { ($0.0, $0.1) }) == [])
        #expect(try faults(changing: Self.durations.map { ($0.0, $0.2) }) == [])
        for value in ["-1s", "24h0m1s", "30", "soon", "9999999999999h"] {
            let told = try faults(changing: Self.durations.map { ($0.0, value) })
            let expected = Self.durations.map { flag, least, greatest in
                "\(flag): \"\(value)\" is not a duration such as 30s or 1m30s from \(least) to \(greatest)"
            }
            #expect(Set(told) == Set(expected))
        }
    }

    @Test(arguments: [
        ("--tls-min-version", "VersionTLS13", "VersionTLS11"), ("--log-level", "debug", "verbose"),
        ("--log-format", "json", "xml"),
    ])
    func aChoiceTellsWhatThereIs(_ flag: String, _ good: String, _ bad: String) throws {
        #expect(try commandLineFaults(changing: flag, to: good) == [])
        let told = try commandLineFaults(changing: flag, to: bad)
        #expect(told.count == 1)
        #expect(told.first?.contains("\"\(bad)\" is not one of") == true && told.first?.contains(good) == true)
    }

    @Test func anUnknownFlagIsRefused() {
        #expect(throws: (any Error).self) { try ServerOptions.parse(["--standalone", "--insecure-port=8080"]) }
    }

    @Test(arguments: [("::", true), ("localhost", false), ("300.1.1.1", false)])
    func theAddressIsAnIPAddress(_ address: String, _ isTaken: Bool) throws {
        let told = try commandLineFaults(changing: "--bind-address", to: address)
        #expect(
            told
                == (isTaken
                    ? [] : ["--bind-address: \"\(address)\" is not an IP address such as 0.0.0.0, 127.0.0.1 or ::"]))
    }

    @Test func cipherSuitesAreThoseOfOpenSSL() throws {
        let known = "TLS_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
        #expect(try commandLineFaults(changing: "--tls-cipher-suites", to: known) == [])
        let told = try commandLineFaults(changing: "--tls-cipher-suites", to: "\(known),TLS_NO_SUCH,AES128-SHA")
        #expect(told == ["--tls-cipher-suites: unknown: TLS_NO_SUCH, AES128-SHA"])
    }

    @Test func aKeyMustBeThatOfItsCertificate() throws {
        let files = try Files()
        defer { files.remove() }
        let (flags, others) = (try files.flags(), try Files())
        defer { others.remove() }
        for key in [try others.flags()["--tls-private-key-file"], try files.write("no.key", "no PEM")] {
            let told = try commandLineFaults(flags.merging(["--tls-private-key-file": key ?? ""]) { $1 })
            #expect(
                told.count == 1 && told[0].hasPrefix("--tls-private-key-file: \"\(key ?? "")\" has no key"), "\(told)")
        }
        let told = try commandLineFaults(flags.merging(["--tls-cert-file": try files.write("no.crt", "no PEM")]) { $1 })
        #expect(told.count == 1 && told[0].hasPrefix("--tls-cert-file: \"") && told[0].contains("no.crt"), "\(told)")
        // The names of the pair are those of --cert-dir.
        try files.write("tls.key", "no PEM")
        #expect(
            try commandLineFaults([
                "--cert-dir": files.directory, "--token-auth-file": flags["--token-auth-file"] ?? "",
                "--authorization-rbac-file": flags["--authorization-rbac-file"] ?? "",
                "--data-dir": "\(files.directory)/data",
            ]).filter { $0.hasPrefix("--cert-dir: ") && $0.contains("tls.key") }.count == 1)
    }

    /// The flags of the transport's limits with a value that isn't the default.
    private static let limits = [
        "--max-connections": "7", "--tls-handshake-timeout": "7s", "--read-header-timeout": "7s",
        "--idle-timeout": "7s", "--read-progress-timeout": "7s", "--write-progress-timeout": "7s",
        "--max-header-bytes": "77777", "--response-buffer-bytes": "77777", "--http2-max-streams-per-connection": "7",
        "--http2-stream-window-bytes": "77777", "--http2-connection-window-bytes": "77777",
        "--http2-max-frame-bytes": "77777", "--http2-max-reset-burst": "7", "--http2-max-resets-per-second": "7",
        "--http2-max-control-frame-burst": "7", "--http2-max-control-frames-per-second": "7",
    ]

    @Test func everyLimitOfTheTransportIsAFlag() throws {
        let files = try Files()
        defer { files.remove() }
        let flags = try files.flags().merging(Self.limits) { $1 }
        let options = try ServerOptions.parse(["--standalone"] + flags.map { "\($0.key)=\($0.value)" })
        let limits = try options.complete().server.limits
        let fields = Array(zip(Mirror(reflecting: limits).children, Mirror(reflecting: ServerLimits()).children))
        #expect(fields.count == Self.limits.count)
        for (set, standard) in fields {
            #expect("\(set.value)" != "\(standard.value)", "\(set.label ?? "") has no flag")
            #expect(["7", "77777", "7.0 seconds"].contains("\(set.value)"), "\(set.label ?? "")")
        }
    }

    /// As kube-apiserver's switches are written.
    @Test(arguments: [
        ("--log-requests", true), ("--log-requests=true", true), ("--log-requests=T", true), ("--log-requests=1", true),
        ("--log-requests=false", false), ("--log-requests=0", false),
    ])
    func aSwitchMayHaveAValue(_ flag: String, _ isOn: Bool) throws {
        let files = try Files()
        defer { files.remove() }
        for place in [0, 1] {
            var arguments = ["--standalone=true"] + (try files.flags()).map { "\($0.key)=\($0.value)" }
            arguments.insert(flag, at: place * arguments.count)
            #expect(try ServerOptions.parse(arguments).complete().operation.logsRequests == isOn)
        }
    }

    @Test func whatASwitchIsNotIsToldWithTheOtherFaults() throws {
        let switches = [
            "--log-requests", "--advertise-profile-watch", "--capture-insecure-skip-tls-verify", "--collector-api-tls",
            "--collector-api-anonymous", "--shutdown-send-retry-after", "--authentication-skip-lookup",
            "--authentication-tolerate-lookup-failure",
        ]
        let told = try faults(changing: switches.map { ($0, "yes") })
        #expect(Set(told) == Set(switches.map { "\($0): \"yes\" is not true or false" }))
    }

    @Test func everyFlagTellsItsDefaultOrThatItIsRequired() {
        let help = ServerCommand.helpMessage(columns: 4000)
        let flags = help.split(separator: "\n  --").dropFirst().map { $0.split(separator: "\n\n")[0] }
            .filter { !$0.hasPrefix("version") }
        #expect(flags.count > 80)
        for flag in flags {
            #expect(
                flag.contains("(default: ") || flag.contains(" Default: ") || flag.contains("equired"), "--\(flag)")
        }
    }

    /// The flags that operators and scripts rely on (issue 2), with what `--help` tells as their default.
    @Test(
        arguments: [
            ("--standalone", nil), ("--bind-address", "0.0.0.0"), ("--secure-port", "6443"), ("--tls-cert-file", nil),
            ("--tls-private-key-file", nil), ("--cert-dir", nil), ("--tls-min-version", "VersionTLS12"),
            ("--tls-cipher-suites", nil),
            ("--client-ca-file", nil), ("--token-auth-file", nil), ("--authorization-rbac-file", nil),
            ("--pod-manifests", nil),
            ("--data-dir", nil), ("--max-requests-inflight", "400"), ("--max-mutating-requests-inflight", "200"),
            ("--request-timeout", "1m0s"), ("--shutdown-delay-duration", "0s"),
            ("--http2-max-streams-per-connection", "250"),
            ("--log-level", "info"), ("--log-format", "text"),
        ] as [(String, String?)])
    func helpNamesTheFlag(_ flag: String, _ standard: String?) throws {
        let help = ServerCommand.helpMessage(columns: 400)
        // The text of a long flag begins below it; the next flag begins with two blanks and a dash.
        let start = try #require(help.firstRange(of: "\n  \(flag) "))
        let rest = help[start.upperBound...]
        let text = rest.firstRange(of: "\n  -").map { rest[..<$0.lowerBound] } ?? rest
        #expect(text.count > 20)
        if let standard { #expect(text.contains("(default: \(standard))")) }
    }
}
