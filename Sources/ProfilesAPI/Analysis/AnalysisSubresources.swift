internal import APIMachinery
internal import APIServer
internal import ProfileStore

/// The connectors of the analyses that a resource offers.
enum AnalysisSubresources {
    /// `top`, `flamegraph`, `graph`, `diff` of one profile.
    static func ofProfile(_ source: any AnalysisSource, _ gate: AnalysisGate) -> [any Connector] {
        reports(source, gate) + [
            connector("graph", ProfilesGroup.profileKind, .graph, source, gate),
            connector("diff", ProfilesGroup.profileKind, .difference, source, gate, isDifference: true),
        ]
    }

    /// `merge`, `top`, `flamegraph` of many.
    static func ofMany(_ source: any AnalysisSource, _ gate: AnalysisGate) -> [any Connector] {
        reports(source, gate) + [connector("merge", ProfilesGroup.profileKind, .merge, source, gate)]
    }

    /// Those of a service: of many, and `diff` of two times, `pgo`, `series`.
    static func ofService(
        _ source: ServiceProfileSource, _ gate: AnalysisGate, now: @escaping @Sendable () -> Timestamp
    ) -> [any Connector] {
        var processor = source
        processor.type = .cpu
        let series = ProfilesGroup.groupVersion.kind("ProfileSeries")
        return ofMany(source, gate) + [
            connector("diff", ProfilesGroup.profileKind, .difference, source, gate, isDifference: true),
            connector("pgo", ProfilesGroup.profileKind, .merge, processor, gate),
            SeriesConnector(
                profiles: source.profiles, gate: gate,
                subresource: SubresourceDescription(name: "series", kind: series, verbs: ["get"]), now: now),
        ]
    }

    private static func reports(_ source: any AnalysisSource, _ gate: AnalysisGate) -> [any Connector] {
        [
            connector("top", ProfilesGroup.topKind, .top, source, gate),
            connector("flamegraph", ProfilesGroup.profileKind, .flameGraph, source, gate),
        ]
    }

    static func connector(
        _ name: String, _ kind: String, _ forms: AnalysisForms, _ source: any AnalysisSource, _ gate: AnalysisGate,
        isDifference: Bool = false
    ) -> any Connector {
        AnalysisConnector(
            source: source, gate: gate,
            subresource: SubresourceDescription(
                name: name, kind: ProfilesGroup.groupVersion.kind(kind), verbs: ["get"]),
            forms: forms, isDifference: isDifference)
    }
}
