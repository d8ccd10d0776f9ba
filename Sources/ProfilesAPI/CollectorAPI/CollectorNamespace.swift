internal import APIMachinery
internal import ProfefeCollector

/// The namespace that profefe's label `namespace` says.
enum CollectorNamespace {
    static let label = "namespace"

    /// Nil without the label, where it comes twice, and where its value can't be the name of a namespace.
    static func of(_ labels: CollectorLabels) -> String? {
        let values = labels.labels.filter { $0.key == label }.map(\.value)
        guard values.count == 1, let value = values.first, Names.dns1123Label(value).isEmpty else { return nil }
        return value
    }
}
