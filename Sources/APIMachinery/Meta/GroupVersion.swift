/// A group and a version of an API: `profefe.io/v1`, or `v1` for the core group.
public struct GroupVersion: Sendable, Hashable, CustomStringConvertible {
    /// The group; empty for the core group.
    public let group: String
    /// The version, such as `v1`.
    public let version: String

    /// A group version of its two parts.
    public init(group: String, version: String) {
        self.group = group
        self.version = version
    }

    /// Reads an `apiVersion`: `v1` or `group/v1`. Refused: empty, more than one `/`, an empty part beside a `/`.
    public init?(_ apiVersion: String) {
        let parts = apiVersion.split(separator: "/", omittingEmptySubsequences: false)
        switch parts.count {
        case 1 where !parts[0].isEmpty: self.init(group: "", version: apiVersion)
        case 2 where !parts[0].isEmpty && !parts[1].isEmpty:
            self.init(group: String(parts[0]), version: String(parts[1]))
        default: return nil
        }
    }

    /// The text used as `apiVersion`.
    public var description: String { group.isEmpty ? version : "\(group)/\(version)" }

    /// The kind of this name in this group version.
    public func kind(_ kind: String) -> GroupVersionKind {
        GroupVersionKind(group: group, version: version, kind: kind)
    }

    /// The resource of this plural name in this group version.
    public func resource(_ resource: String) -> GroupVersionResource {
        GroupVersionResource(group: group, version: version, resource: resource)
    }
}

/// A kind in a group and version: `profefe.io/v1, Kind=Profile`.
public struct GroupVersionKind: Sendable, Hashable, CustomStringConvertible {
    /// The group; empty for the core group.
    public let group: String
    /// The version.
    public let version: String
    /// The kind, such as `Profile`.
    public let kind: String

    /// A kind of its three parts.
    public init(group: String, version: String, kind: String) {
        self.group = group
        self.version = version
        self.kind = kind
    }

    /// Group and version alone.
    public var groupVersion: GroupVersion { GroupVersion(group: group, version: version) }
    /// Group and kind alone.
    public var groupKind: GroupKind { GroupKind(group: group, kind: kind) }
    /// As Kubernetes prints it: `profefe.io/v1, Kind=Profile`; the `/` stays in the core group (`/v1, Kind=Event`).
    public var description: String { "\(group)/\(version), Kind=\(kind)" }
}

/// A kind in a group, of any version: `Profile.profefe.io`.
public struct GroupKind: Sendable, Hashable, CustomStringConvertible {
    /// The group; empty for the core group.
    public let group: String
    /// The kind.
    public let kind: String

    /// A kind of its two parts.
    public init(group: String, kind: String) {
        self.group = group
        self.kind = kind
    }

    /// As messages print it: `Profile.profefe.io`, or `Pod` in the core group.
    public var description: String { group.isEmpty ? kind : "\(kind).\(group)" }
}

/// A resource (plural name) in a group and version: `profefe.io/v1, Resource=profiles`.
public struct GroupVersionResource: Sendable, Hashable, CustomStringConvertible {
    /// The group; empty for the core group.
    public let group: String
    /// The version.
    public let version: String
    /// The plural name, such as `profiles`.
    public let resource: String

    /// A resource of its three parts.
    public init(group: String, version: String, resource: String) {
        self.group = group
        self.version = version
        self.resource = resource
    }

    /// Group and version alone.
    public var groupVersion: GroupVersion { GroupVersion(group: group, version: version) }
    /// Group and resource alone, as messages name it.
    public var groupResource: GroupResource { GroupResource(group: group, resource: resource) }
    /// As Kubernetes prints it: `profefe.io/v1, Resource=profiles`.
    public var description: String { "\(group)/\(version), Resource=\(resource)" }
}

/// A resource in a group, of any version, as error messages name it: `profiles.profefe.io`.
public struct GroupResource: Sendable, Hashable, CustomStringConvertible {
    /// The group; empty for the core group.
    public let group: String
    /// The plural name.
    public let resource: String

    /// A resource of its two parts.
    public init(group: String, resource: String) {
        self.group = group
        self.resource = resource
    }

    /// `profiles.profefe.io`, or `namespaces` in the core group.
    public var description: String { group.isEmpty ? resource : "\(resource).\(group)" }
}
