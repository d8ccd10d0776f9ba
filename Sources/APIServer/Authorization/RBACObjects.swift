internal import APIMachinery

/// The objects of `rbac.authorization.k8s.io/v1`, as read from manifests.
struct RBACObjects: Sendable {
    static let group = "rbac.authorization.k8s.io"

    var roles: [Role] = []
    var bindings: [Binding] = []

    /// A Role (in a namespace) or ClusterRole.
    struct Role: Sendable {
        /// Nil for a ClusterRole.
        let namespace: String?
        let name: String
        let labels: Labels
        var rules: [Rule]
        /// A ClusterRole's `aggregationRule`: its rules are those of the ClusterRoles any of these selects.
        let aggregates: [LabelSelector]?
        let place: Place
    }

    /// A RoleBinding (in a namespace) or ClusterRoleBinding.
    struct Binding: Sendable {
        /// Nil for a ClusterRoleBinding.
        let namespace: String?
        let name: String
        let role: RoleRef
        let subjects: [Subject]
        let place: Place
    }

    struct RoleRef: Sendable, Equatable {
        /// `Role` or `ClusterRole`.
        let kind: String
        let name: String
    }

    /// Who: User, Group or ServiceAccount.
    struct Subject: Sendable, Equatable {
        let kind: String
        let name: String
        /// Of a ServiceAccount; empty means the binding's own.
        let namespace: String
    }

    /// What may be done: verbs on resources, or verbs on paths.
    struct Rule: Sendable, Hashable {
        var verbs: [String] = []
        var groups: [String] = []
        var resources: [String] = []
        var names: [String] = []
        var paths: [String] = []
    }

    /// Where an object stands.
    struct Place: Sendable, Hashable, CustomStringConvertible {
        let path: String
        /// From 1, where its document begins.
        let line: Int
        var description: String { "\(path): line \(line)" }
    }
}

/// Why a manifest was refused.
struct RBACError: Error, Equatable, CustomStringConvertible {
    /// The kind of fault.
    enum Code: Sendable {
        /// No YAML, or a key twice.
        case syntax
        /// Not an object, no kind, a kind of the group that doesn't exist, another version.
        case kind
        /// A field that doesn't exist or has the wrong type: never ignored, for a misspelt `resourceNames` grants more.
        case field
        /// A value that isn't allowed.
        case value
        /// The same object twice.
        case duplicate
    }
    let code: Code
    let place: RBACObjects.Place
    let message: String

    var description: String { "\(place): \(message)" }
    static func == (left: RBACError, right: RBACError) -> Bool { left.code == right.code && left.place == right.place }
}
