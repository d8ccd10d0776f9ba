public import ArgumentParser
internal import HTTPTransport

/// Where profiles are kept and what the server captures.
public struct StoreOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Directory of the embedded store; made if it does not exist. One process at a time. Required.",
            valueName: "dir"))
    var dataDir: String?

    @Option(
        help: ArgumentHelp(
            "File with Pod manifests: captures may name these pods, and no others; may be repeated (default: captures find the pods of the cluster; with --standalone none).",
            valueName: "file"))
    var podManifests: [String] = []

    @Option(help: ArgumentHelp("Captures that run at a time.", valueName: "int"))
    var maxRunningCaptures = "16"

    @Option(help: ArgumentHelp("Captures that wait; beyond it 429.", valueName: "int"))
    var maxQueuedCaptures = "256"

    @Option(
        help: ArgumentHelp(
            "PEM file of the CAs that captures trust where a pod serves pprof by HTTPS; read again when it changes. Default: the system's roots.",
            valueName: "file"))
    var captureCaFile: String?

    @Option(
        name: .customLong("capture-insecure-skip-tls-verify"), defaultAsFlag: "true", parsing: .next,
        help: ArgumentHelp(
            "Capture from pods by HTTPS whatever certificate they have. Whoever can take over a pod's address can then answer in its place (default: false).",
            valueName: "bool"))
    var captureInsecure: String?

    @Option(
        defaultAsFlag: "true", parsing: .next,
        help: ArgumentHelp(
            "Advertise the verb watch of profiles in discovery (it is served in any case). Garbage collector and quota controller then cache the metadata of every profile (default: false).",
            valueName: "bool"))
    var advertiseProfileWatch: String?

    /// The defaults, or what the command line says.
    public init() {}

    /// The options as values.
    struct Completed: Sendable {
        var directory: String
        var podManifests: [String]
        var runningCaptures: Int
        var queuedCaptures: Int
        /// Whom captures believe.
        var captureTLS: ClientTLSConfiguration
        var advertiseProfileWatch: Bool
    }

    func complete(_ faults: inout Faults) -> Completed {
        Completed(
            directory: faults.required("--data-dir", dataDir, "profiles are kept there"),
            podManifests: podManifests.map { faults.readable("--pod-manifests", $0) },
            runningCaptures: faults.integer("--max-running-captures", maxRunningCaptures, in: 1...10_000),
            queuedCaptures: faults.integer("--max-queued-captures", maxQueuedCaptures, in: 1...100_000),
            captureTLS: captureTLS(&faults),
            advertiseProfileWatch: faults.boolean("--advertise-profile-watch", advertiseProfileWatch))
    }

    private func captureTLS(_ faults: inout Faults) -> ClientTLSConfiguration {
        let isInsecure = faults.boolean("--capture-insecure-skip-tls-verify", captureInsecure)
        guard let captureCaFile else {
            return ClientTLSConfiguration(trust: isInsecure ? .insecureSkipVerify : .system)
        }
        if isInsecure {
            faults.add("--capture-insecure-skip-tls-verify", "nothing is verified then: leave --capture-ca-file out")
        }
        return ClientTLSConfiguration(
            trust: .authorities(.file(faults.readable("--capture-ca-file", captureCaFile))))
    }
}
