internal import APIMachinery

/// What a query asks for, taken apart into what the indexes can answer and what must be compared row by row.
struct Selection: Sendable {
    let resource: String
    /// Only this namespace.
    let namespace: String?
    /// Only this name.
    let name: String?
    /// Each of these must be among an object's terms: one of the alternatives of each.
    let terms: [[Term]]
    /// Where the value of the range label must lie; nil if it isn't bounded.
    private(set) var range: RangeBounds?
    /// Whether no object can match.
    let isEmpty: Bool
    /// What has to be read to compare and to answer.
    let parts: ObjectRow.Parts
    private let labels: LabelSelector
    private let fields: FieldSelector

    init(_ query: ObjectQuery, rangeLabel: String) {
        resource = query.resource
        labels = query.labelSelector
        fields = query.fieldSelector
        parts = ObjectRow.Parts(
            encoded: query.parts ?? .all, index: query.parts == nil || !labels.isEmpty || !fields.isEmpty)
        let namespaces = Self.exact("metadata.namespace", fields).union(query.namespace.map { [$0] } ?? [])
        let names = Self.exact("metadata.name", fields)
        namespace = namespaces.first
        name = names.first
        isEmpty = namespaces.count > 1 || names.count > 1
        let bounds = RangeBounds(labels, label: rangeLabel)
        range = bounds.isUnbounded ? nil : bounds
        let all = Self.labelTerms(labels, query.resource) + Self.fieldTerms(fields, query.resource)
        terms = Array(all.filter { $0.count <= Self.maximumAlternatives }.prefix(Self.maximumTerms))
    }

    /// Selectors come from outside, statements have limits: conditions beyond these are only compared, not looked up.
    private static let maximumTerms = 12
    private static let maximumAlternatives = 32

    /// The same without its range, for tables that don't carry the value.
    var withoutRange: Selection {
        var selection = self
        selection.range = nil
        return selection
    }

    /// Whether nothing is asked beyond the namespace.
    var isUnconditional: Bool { labels.isEmpty && fields.isEmpty }

    /// Whether an object of the namespace asked for satisfies both selectors. The final word: the indexes only propose.
    func matches(_ object: StoredObject) -> Bool {
        if !fields.isEmpty, !fields.matches({ object.value(of: $0) }) { return false }
        return labels.isEmpty || labels.matches(object.labels)
    }

    /// The values that a field is required to have.
    private static func exact(_ field: String, _ selector: FieldSelector) -> Set<String> {
        Set(selector.requirements.filter { $0.field == field && $0.operator == .equals }.map(\.value))
    }

    private static func labelTerms(_ selector: LabelSelector, _ resource: String) -> [[Term]] {
        selector.requirements.filter { $0.operator == .isIn }.map { requirement in
            requirement.values.map { Term(.label, resource: resource, key: requirement.key, value: $0) }
        }
    }

    /// An empty value also matches objects without the field, so only others are found by term.
    private static func fieldTerms(_ selector: FieldSelector, _ resource: String) -> [[Term]] {
        selector.requirements.filter {
            $0.operator == .equals && !$0.value.isEmpty && !FieldSelector.commonFields.contains($0.field)
        }.map { [Term(.field, resource: resource, key: $0.field, value: $0.value)] }
    }
}

extension StoredObject {
    /// The value of a selectable field.
    func value(of field: String) -> String? {
        switch field {
        case "metadata.name": key.name
        case "metadata.namespace": key.namespace
        default: packedFields[field]
        }
    }
}
