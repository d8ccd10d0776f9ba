public import ArgumentParser
internal import ProfilesAPI

/// How much of the server the analyses of profiles may take: `top`, `flamegraph`, `graph`, `diff`, `merge`, `pgo`, `series`.
public struct AnalysisOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Analyses at a time; beyond it 429.", valueName: "int"))
    var maxRunningAnalyses = "4"

    @Option(
        help: ArgumentHelp(
            "How long profiles are found, read and merged; then the answer is of those merged so far, with a Warning, or 504 for strict=true.",
            valueName: "duration"))
    var analysisTimeout = "50s"

    @Option(
        help: ArgumentHelp(
            "Memory of each of the three that an analysis holds at most: a profile's columns, the sum of a merge, the tree of its stacks; beyond it 413.",
            valueName: "bytes"))
    var maxAnalysisMemory = "268435456"

    @Option(help: ArgumentHelp("A profile's size as received, to be analysed; beyond it 413.", valueName: "bytes"))
    var maxAnalysisProfileBytes = "67108864"

    @Option(help: ArgumentHelp("Size of an analysis' answer; beyond it 413.", valueName: "bytes"))
    var maxAnalysisAnswerBytes = "67108864"

    @Option(help: ArgumentHelp("What maxProfiles of a merge may say; beyond it 400.", valueName: "int"))
    var maxAnalysisProfiles = "5000"

    @Option(
        help: ArgumentHelp(
            "Profiles of a range that are looked at to choose from; beyond it 413.", valueName: "int"))
    var maxAnalysisMatches = "100000"

    @Option(help: ArgumentHelp("What maxNodes of a flame graph may say; beyond it 400.", valueName: "int"))
    var maxFlamegraphNodes = "100000"

    /// The defaults, or what the command line says.
    public init() {}

    func complete(_ faults: inout Faults) -> AnalysisLimits {
        let bytes = 1 << 20...1 << 34
        var limits = AnalysisLimits()
        limits.concurrent = faults.integer("--max-running-analyses", maxRunningAnalyses, in: 1...1000)
        limits.mergeTime = faults.duration(
            "--analysis-timeout", analysisTimeout, in: .seconds(1)...Duration.seconds(3600))
        limits.memoryBytes = faults.integer("--max-analysis-memory", maxAnalysisMemory, in: bytes)
        limits.profileBytes = faults.integer("--max-analysis-profile-bytes", maxAnalysisProfileBytes, in: bytes)
        limits.answerBytes = faults.integer("--max-analysis-answer-bytes", maxAnalysisAnswerBytes, in: bytes)
        limits.mostProfiles = faults.integer("--max-analysis-profiles", maxAnalysisProfiles, in: 1...1_000_000)
        limits.mostMatches = faults.integer("--max-analysis-matches", maxAnalysisMatches, in: 1...10_000_000)
        limits.mostNodes = faults.integer("--max-flamegraph-nodes", maxFlamegraphNodes, in: 1...1_000_000)
        return limits
    }
}
