public import APIMachinery

/// A change of one object that a client asked for, ready to be computed from any state of it (conformance 8.5, 8.6).
///
/// A storage computes ``outcome(for:)`` from the state it has, and again from a newer one if another write came first. The
/// same state always gives the same outcome.
public struct ObjectUpdate: Sendable {
    /// What becomes of an object.
    public enum Outcome: Sendable {
        /// Nothing: no write, no event, the version stays.
        case unchanged
        /// This is to be stored.
        case replaced(DecodedObject)
        /// The object was marked for deletion and this takes away its last finalizer: it is to be removed, and this its last
        /// state to be answered.
        case removed(DecodedObject)
    }

    /// The state that a client wants.
    enum Proposal: Sendable {
        /// Exactly this (PUT).
        case replacement(DecodedObject)
        /// The present state with these changes (PATCH).
        case patch(ObjectPatch)
        /// The present state with what somebody applies (PATCH, server-side apply).
        case apply(AppliedObject)
    }

    let proposal: Proposal
    let key: ObjectKey
    let rules: UpdateRules

    /// Whether computing an outcome is so little work that a store may do it while its other writes wait.
    public let isLight: Bool

    /// - Parameter bytes: the size of the body.
    init(_ proposal: Proposal, bytes: Int, key: ObjectKey, rules: UpdateRules) {
        self.proposal = proposal
        self.key = key
        self.rules = rules
        isLight = bytes <= 64 << 10
    }

    /// What becomes of the object in this state.
    ///
    /// - Throws: 409 for a version or uid that isn't the object's, 422 for what can't be changed so, 413 for a result that is
    ///   too large, 400 for another name.
    public func outcome(for current: EncodedObject) throws(StatusError) -> Outcome {
        let stored = try rules.decode(current)
        let old = DecodedObject(metadata: stored.metadata, value: rules.normalized(stored.value))
        var new: DecodedObject
        switch proposal {
        case .replacement(let object):
            new = object
            try rules.checkIdentity(of: new, against: old)
        case .patch(let patch):
            new = try rules.decode(try patch.apply(to: stored.value), key)
        case .apply(let applied):
            let result = try rules.apply(applied, to: old, key)
            new = result.object
            return try rules.outcome(of: &new, replacing: old, owned: result.fields)
        }
        return try rules.outcome(of: &new, replacing: old)
    }
}
