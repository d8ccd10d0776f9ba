public import ArgumentParser

/// Where profiles are kept and what the server captures.
public struct StoreOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Directory of the embedded store; made if it does not exist. One process at a time.", valueName: "dir"))
    var dataDir: String?

    @Option(
        help: ArgumentHelp(
            "File with Pod manifests: the pods that captures may name in standalone mode; may be repeated.",
            valueName: "file"))
    var podManifests: [String] = []

    @Option(help: ArgumentHelp("Captures that run at a time.", valueName: "int"))
    var maxRunningCaptures = "16"

    @Option(help: ArgumentHelp("Captures that wait; beyond it 429.", valueName: "int"))
    var maxQueuedCaptures = "256"

    @Flag(
        help:
            "Advertise the verb watch of profiles in discovery (it is served in any case). Garbage collector and quota controller then cache the metadata of every profile."
    )
    var advertiseProfileWatch = false

    /// The defaults, or what the command line says.
    public init() {}

    /// The options as values.
    struct Completed: Sendable {
        var directory: String
        var podManifests: [String]
        var runningCaptures: Int
        var queuedCaptures: Int
        var advertiseProfileWatch: Bool
    }

    func complete(_ faults: inout Faults) -> Completed {
        Completed(
            directory: faults.required("--data-dir", dataDir, "profiles are kept there"),
            podManifests: podManifests.map { faults.readable("--pod-manifests", $0) },
            runningCaptures: faults.integer("--max-running-captures", maxRunningCaptures, in: 1...10_000),
            queuedCaptures: faults.integer("--max-queued-captures", maxQueuedCaptures, in: 1...100_000),
            advertiseProfileWatch: advertiseProfileWatch)
    }
}
