public import APIMachinery

/// The question of a SubjectAccessReview: who, and what (`spec` of authorization.k8s.io/v1).
public struct AccessReviewSpec: Sendable, Hashable {
    /// What is to be done.
    public enum Action: Sendable, Hashable {
        /// Something with objects.
        case resource(ResourceAccess)
        /// A path outside of the resources; the verb is the method in lower case.
        case nonResource(path: String, verb: String)
    }

    /// Who; empty parts are left out, keys of `extra` are sent as they are.
    public var user: UserInfo
    /// What the user wants to do.
    public var action: Action

    /// A question of its parts.
    public init(user: UserInfo, action: Action) {
        self.user = user
        self.action = action
    }
}

/// What is to be done with which objects (`resourceAttributes`). Empty texts are left out.
public struct ResourceAccess: Sendable, Hashable {
    /// Empty is the scope of the cluster, or all namespaces.
    public var namespace: String
    /// `get`, `list`, `deletecollection`, …
    public var verb: String
    /// The API group.
    public var group: String
    /// The API version.
    public var version: String
    /// The plural.
    public var resource: String
    /// Below the object.
    public var subresource: String
    /// The object; empty is all of them.
    public var name: String
    /// For list, watch and deletecollection: which objects, by their fields.
    public var fieldSelector: AccessSelector?
    /// For list, watch and deletecollection: which objects, by their labels.
    public var labelSelector: AccessSelector?

    /// An access of its parts.
    public init(
        namespace: String = "", verb: String, group: String = "", version: String = "", resource: String,
        subresource: String = "", name: String = "", fieldSelector: AccessSelector? = nil,
        labelSelector: AccessSelector? = nil
    ) {
        self.namespace = namespace
        self.verb = verb
        self.group = group
        self.version = version
        self.resource = resource
        self.subresource = subresource
        self.name = name
        self.fieldSelector = fieldSelector
        self.labelSelector = labelSelector
    }
}

/// A selector in a question: its text, or its requirements; kube-apiserver refuses both at once.
public enum AccessSelector: Sendable, Hashable {
    /// The text of the query parameter, read by kube-apiserver. Kubernetes' own clients don't send it.
    case raw(String)
    /// All of them must hold.
    case requirements([AccessRequirement])
}

/// One requirement of a selector (metav1.FieldSelectorRequirement and LabelSelectorRequirement).
public struct AccessRequirement: Sendable, Hashable {
    /// `In` and `NotIn`; of labels `Exists` and `DoesNotExist` too.
    public enum Operator: String, Sendable, Hashable {
        /// The value is one of those.
        case isIn = "In"
        /// It is none of those.
        case isNotIn = "NotIn"
        /// There is a value.
        case exists = "Exists"
        /// There is none.
        case doesNotExist = "DoesNotExist"
    }

    /// The label or field.
    public var key: String
    /// How it is compared.
    public var `operator`: Operator
    /// With what; empty for `Exists` and `DoesNotExist`.
    public var values: [String]

    /// A requirement of its parts.
    public init(key: String, operator: Operator, values: [String] = []) {
        self.key = key
        self.operator = `operator`
        self.values = values
    }
}

extension AccessReviewSpec {
    /// The whole question as the object to be posted.
    public var json: JSONValue {
        var spec = JSONObject([("user", .string(user.name))])
        if !user.uid.isEmpty { spec["uid"] = .string(user.uid) }
        if !user.groups.isEmpty { spec["groups"] = .strings(user.groups) }
        if !user.extra.isEmpty { spec["extra"] = .object(user.extra.sortedJSON) }
        switch action {
        case .resource(let access): spec["resourceAttributes"] = .object(access.json)
        case .nonResource(let path, let verb):
            spec["nonResourceAttributes"] = ["path": .string(path), "verb": .string(verb)]
        }
        return [
            "kind": "SubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "spec": .object(spec),
        ]
    }
}

extension ResourceAccess {
    fileprivate var json: JSONObject {
        var json = JSONObject()
        let texts = [
            ("namespace", namespace), ("verb", verb), ("group", group), ("version", version), ("resource", resource),
            ("subresource", subresource), ("name", name),
        ]
        for (key, text) in texts where !text.isEmpty { json[key] = .string(text) }
        if let fieldSelector { json["fieldSelector"] = fieldSelector.json }
        if let labelSelector { json["labelSelector"] = labelSelector.json }
        return json
    }
}

extension AccessSelector {
    fileprivate var json: JSONValue {
        switch self {
        case .raw(let text): ["rawSelector": .string(text)]
        case .requirements(let requirements): ["requirements": .array(requirements.map(\.json))]
        }
    }
}

extension AccessRequirement {
    fileprivate var json: JSONValue {
        var json = JSONObject([("key", .string(key)), ("operator", .string(`operator`.rawValue))])
        if !values.isEmpty { json["values"] = .strings(values) }
        return .object(json)
    }
}

extension JSONValue {
    static func strings(_ texts: [String]) -> JSONValue { .array(texts.map(JSONValue.string)) }
}

extension [String: [String]] {
    /// In the order of the keys, so that equal questions are equal bytes.
    var sortedJSON: JSONObject { JSONObject(sorted { $0.key < $1.key }.map { ($0.key, .strings($0.value)) }) }
}
