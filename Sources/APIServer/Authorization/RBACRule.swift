internal import APIMachinery

/// A rule of a role, ready to be asked: sets instead of lists.
///
/// Matches exactly as Kubernetes' RBAC (`pkg/apis/rbac/v1/evaluation_helpers.go`):
///
/// | in the rule | matches |
/// |---|---|
/// | verb, apiGroup `*` | every one |
/// | resource `*` | every resource and subresource |
/// | resource `things`, `things/status` | that, exactly: `things` doesn't include its subresources |
/// | resource `*/status` | that subresource of every resource |
/// | resource `things/*` | nothing: it is no wildcard in Kubernetes either |
/// | resourceNames absent | every name, and collections; given: these names only, so no create and no unnamed list |
/// | nonResourceURL `*`, `/a`, `/a/*` | every path; that one; every path that begins with `/a/` |
struct RBACRule: Sendable, Hashable {
    private enum Words: Sendable, Hashable {
        case all
        case some(Set<ExactText>)

        init(_ words: [String]) { self = words.contains("*") ? .all : .some(Set(words.map(ExactText.init))) }

        func contains(_ word: ExactText) -> Bool {
            switch self {
            case .all: true
            case .some(let words): words.contains(word)
            }
        }
    }
    private let verbs: Words
    private let groups: Words
    private let resources: Words
    /// The subresources of `*/sub`.
    private let subresources: Set<ExactText>
    private let names: Set<ExactText>
    private let paths: Words
    private let pathPrefixes: [String]

    init(_ rule: RBACObjects.Rule) {
        verbs = Words(rule.verbs)
        groups = Words(rule.groups)
        resources = Words(rule.resources)
        subresources = Set(rule.resources.filter { $0.hasPrefix("*/") }.map { ExactText(String($0.dropFirst(2))) })
        names = Set(rule.names.map(ExactText.init))
        paths = Words(rule.paths)
        pathPrefixes = rule.paths.filter { $0.hasSuffix("*") }.map { path in
            String(path.reversed().drop { $0 == "*" }.reversed())
        }
    }

    /// Whether the rule names objects.
    var isNamed: Bool { !names.isEmpty }

    /// Whether it allows the verb on the resource, names aside.
    func matches(_ request: RBACRequest) -> Bool {
        verbs.contains(request.verb) && groups.contains(request.group)
            && (resources.contains(request.combinedResource)
                || !request.subresource.text.isEmpty && subresources.contains(request.subresource))
    }

    /// Whether it allows it for the object of this name; "" is a collection's.
    func allows(name: String) -> Bool { names.isEmpty || names.contains(ExactText(name)) }

    /// Whether it allows the verb on the path.
    func matches(verb: String, path: String) -> Bool {
        guard verbs.contains(ExactText(verb)) else { return false }
        return paths.contains(ExactText(path))
            || pathPrefixes.contains { prefix in path.utf8.starts(with: prefix.utf8) }
    }
}

/// What is asked of RBAC about a resource, the object's name aside.
struct RBACRequest: Hashable, Sendable {
    let verb: ExactText
    let namespace: ExactText
    let group: ExactText
    /// `things`, or `things/status`.
    let combinedResource: ExactText
    let subresource: ExactText

    init(_ attributes: Attributes) {
        verb = ExactText(attributes.verb)
        namespace = ExactText(attributes.namespace)
        group = ExactText(attributes.group)
        subresource = ExactText(attributes.subresource)
        combinedResource = ExactText(
            attributes.subresource.isEmpty ? attributes.resource : "\(attributes.resource)/\(attributes.subresource)")
    }
}
