internal import APIMachinery

/// What is allowed before anybody else is asked (conformance 3.2): everything to `system:masters`, and some paths to everybody.
public struct AlwaysAllowedAuthorizer: ImmediateAuthorizer {
    private let paths: [String]
    private let prefixes: [String]

    /// Exactly `/healthz`, `/livez` and `/readyz`.
    public init() {
        paths = HealthPaths.all
        prefixes = []
    }

    /// Paths of `--authorization-always-allow-paths`: one that ends in `*` stands for all that begin so.
    ///
    /// - Throws: a sentence about a `*` elsewhere.
    public init(paths: [String]) throws(InvalidPath) {
        for path in paths where path.dropLast().contains("*") || path.isEmpty { throw InvalidPath(path: path) }
        func rooted(_ path: some StringProtocol) -> String { path.hasPrefix("/") ? String(path) : "/\(path)" }
        self.paths = paths.filter { !$0.hasSuffix("*") }.map { rooted($0) }
        prefixes = paths.filter { $0.hasSuffix("*") }.map { rooted($0.dropLast()) }
    }

    /// A path that can't be allowed.
    public struct InvalidPath: Error, Sendable, Equatable, CustomStringConvertible {
        let path: String
        /// What is wrong.
        public var description: String {
            path.isEmpty ? "a path is empty" : "\"\(path)\" has a * elsewhere than at its end"
        }
    }

    /// Allows those, has no opinion on the rest.
    public func decide(_ attributes: Attributes) -> Decision {
        if attributes.user.isMember(of: UserInfo.mastersGroup) { return .allow(reason: "") }
        if !attributes.isResourceRequest, isAllowed(attributes.path) { return .allow(reason: "") }
        return .noOpinion(reason: "")
    }

    /// It never changes.
    public func lasting(_ attributes: Attributes) -> Lasting<Decision>? { Lasting(decide(attributes)) }

    private func isAllowed(_ path: String) -> Bool {
        paths.contains { path.isEqualByBytes(to: $0) } || prefixes.contains { path.utf8.starts(with: $0.utf8) }
    }
}
