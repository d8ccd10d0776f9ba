internal import ProfefeCollector
internal import ProfileStore

// profefe knows no `allocs`: there it is `other` with the label `profile=allocs` (`api.md` 7).

extension ProfileType {
    /// The label that makes `other` an `allocs`.
    static let allocsLabel = CollectorLabels.Label("profile", "allocs")

    /// The type of a profile that a client of profefe calls so.
    init(_ type: CollectorType, _ labels: CollectorLabels) {
        let isAllocs = type == .other && labels.includes(CollectorLabels([Self.allocsLabel]))
        self = isAllocs ? .allocs : ProfileType(rawValue: type.name) ?? .other
    }

    /// What clients of profefe call it.
    var collectorType: CollectorType {
        switch self {
        case .cpu: .cpu
        case .heap: .heap
        case .block: .block
        case .mutex: .mutex
        case .goroutine: .goroutine
        case .threadcreate: .threadcreate
        case .trace: .trace
        case .allocs, .other: .other
        }
    }
}
