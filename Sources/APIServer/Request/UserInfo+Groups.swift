public import APIMachinery

extension UserInfo {
    /// Who nobody vouched for: `system:anonymous` in group `system:unauthenticated` (conformance 2.3).
    public static let anonymous = UserInfo(name: anonymousName, groups: [unauthenticatedGroup])

    static let anonymousName = "system:anonymous"
    static let unauthenticatedGroup = "system:unauthenticated"
    static let authenticatedGroup = "system:authenticated"
    /// The group that may do everything, everywhere, before any other rule is asked (conformance 3.2).
    static let mastersGroup = "system:masters"

    /// Whether the user is in `group`.
    public func isMember(of group: String) -> Bool { groups.contains { $0.isEqualByBytes(to: group) } }

    /// This user in `system:authenticated` too, unless it is anonymous or in one of the two groups already.
    ///
    /// Kubernetes' group adder (conformance 2.3): the aggregator's discovery requests carry a user without groups and are
    /// allowed by this group only.
    func addingAuthenticatedGroup() -> UserInfo {
        guard name != Self.anonymousName, !isMember(of: Self.authenticatedGroup),
            !isMember(of: Self.unauthenticatedGroup)
        else { return self }
        var copy = self
        copy.groups.append(Self.authenticatedGroup)
        return copy
    }
}
