public import APIMachinery

/// What the server needs to know of a Namespace.
public struct KubeNamespace: Sendable, Hashable {
    /// `metadata.name`.
    public var name: String
    /// `metadata.uid`.
    public var uid: String
    /// Being deleted: `status.phase` is `Terminating`, or there is a `metadata.deletionTimestamp`.
    public var isTerminating: Bool
    /// `metadata.annotations`; what is no text is left out.
    public var annotations: [String: String]

    /// A namespace of its parts.
    public init(
        name: String, uid: String = "", isTerminating: Bool = false, annotations: [String: String] = [:]
    ) {
        self.annotations = annotations
        self.name = name
        self.uid = uid
        self.isTerminating = isTerminating
    }

    /// Nil if it has no name.
    public init?(_ json: JSONValue) {
        guard let name = json["metadata"]?["name"]?.stringValue, !name.isEmpty else { return nil }
        let deletion = json["metadata"]?["deletionTimestamp"].map { !$0.isNull } ?? false
        self.init(
            name: name, uid: json["metadata"]?["uid"]?.stringValue ?? "",
            isTerminating: deletion || json["status"]?["phase"]?.stringValue == "Terminating",
            annotations: json["metadata"]?["annotations"].texts ?? [:])
    }
}

/// The texts of a ConfigMap.
public struct KubeConfigMap: Sendable, Hashable {
    /// `metadata.name`.
    public var name: String
    /// `metadata.resourceVersion`.
    public var resourceVersion: String
    /// `data`; what is no text is left out.
    public var data: [String: String]

    /// Nil if it has no name.
    public init?(_ json: JSONValue) {
        guard let name = json["metadata"]?["name"]?.stringValue, !name.isEmpty else { return nil }
        self.name = name
        resourceVersion = json["metadata"]?["resourceVersion"]?.stringValue ?? ""
        data = json["data"].texts
    }
}

/// A ResourceQuota: limits of a namespace and what is used of them.
public struct KubeResourceQuota: Sendable, Hashable {
    /// Namespace and name.
    public var key: ObjectKey
    /// For the precondition of an update.
    public var resourceVersion: String
    /// `spec.hard`, the quantities as written: `count/profiles.profefe.io` → `100`.
    public var hard: [String: String]
    /// `status.hard`: what kube-controller-manager has seen of the limits.
    public var statusHard: [String: String]
    /// `status.used`, the quantities as written.
    public var used: [String: String]
    /// `spec.scopes` or `spec.scopeSelector` is set: the quota counts only some pods and no objects of others.
    public var isScoped: Bool

    /// Nil if it has no name.
    public init?(_ json: JSONValue) {
        guard let name = json["metadata"]?["name"]?.stringValue, !name.isEmpty else { return nil }
        key = ObjectKey(namespace: json["metadata"]?["namespace"]?.stringValue ?? "", name: name)
        resourceVersion = json["metadata"]?["resourceVersion"]?.stringValue ?? ""
        hard = json["spec"]?["hard"].texts ?? [:]
        statusHard = json["status"]?["hard"].texts ?? [:]
        used = json["status"]?["used"].texts ?? [:]
        isScoped =
            !(json["spec"]?["scopes"]?.arrayValue ?? []).isEmpty || json["spec"]?["scopeSelector"]?.objectValue != nil
    }
}

extension JSONValue? {
    /// The members that are texts, or numbers, which quantities may be.
    var texts: [String: String] {
        var texts: [String: String] = [:]
        for (key, value) in self?.objectValue ?? [:] {
            switch value {
            case .string(let text): texts[key] = text
            case .integer(let number): texts[key] = String(number)
            case .number(let number): texts[key] = number.literal
            default: continue
            }
        }
        return texts
    }
}
