internal import APIMachinery
internal import KubeClient

extension AccessReviewSpec {
    /// The question in kube-apiserver's form (conformance 3.3).
    init(_ attributes: Attributes) {
        self.init(user: attributes.user, action: Self.action(attributes))
    }

    private static func action(_ attributes: Attributes) -> Action {
        guard attributes.isResourceRequest else {
            return .nonResource(path: attributes.path, verb: attributes.verb)
        }
        return .resource(
            ResourceAccess(
                namespace: attributes.namespace, verb: attributes.verb, group: attributes.group,
                version: attributes.version, resource: attributes.resource, subresource: attributes.subresource,
                name: attributes.name, fieldSelector: fields(attributes.fieldSelectorText),
                labelSelector: labels(attributes.labelSelectorText)))
    }

    /// Nil for a selector that can't be read: the question is then about all objects, which is allowed to no more people.
    private static func fields(_ text: String) -> AccessSelector? {
        guard !text.isEmpty, let selector = try? FieldSelector(parsing: text) else { return nil }
        return all(
            selector.requirements.map { requirement in
                AccessRequirement(
                    key: requirement.field, operator: requirement.operator == .equals ? .isIn : .isNotIn,
                    values: [requirement.value])
            })
    }

    /// `>` and `<` can't be said in a review and are left out, with the same effect.
    private static func labels(_ text: String) -> AccessSelector? {
        guard !text.isEmpty, let selector = try? LabelSelector(parsing: text) else { return nil }
        return all(
            selector.requirements.compactMap { requirement in
                operators[requirement.operator].map {
                    AccessRequirement(key: requirement.key, operator: $0, values: requirement.values)
                }
            })
    }

    private static let operators: [Requirement.Operator: AccessRequirement.Operator] = [
        .isIn: .isIn, .notIn: .isNotIn, .exists: .exists, .doesNotExist: .doesNotExist,
    ]

    private static func all(_ requirements: [AccessRequirement]) -> AccessSelector? {
        requirements.isEmpty ? nil : .requirements(requirements)
    }
}
