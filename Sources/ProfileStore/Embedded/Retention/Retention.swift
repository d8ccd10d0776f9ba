internal import APIMachinery
internal import NIOConcurrencyHelpers

/// Judges retained objects: when they go, whether a new one has room. Changes nothing.
final class Retention: Sendable {
    let configuration: RetentionConfiguration
    let ledger: UsageLedger
    private let clock: @Sendable () -> Int64
    private let policy: NIOLockedValueBox<RetentionPolicy?>

    init(_ configuration: EmbeddedStoreConfiguration, ledger: UsageLedger) {
        self.configuration = configuration.retention
        self.ledger = ledger
        clock = configuration.clock
        policy = NIOLockedValueBox(configuration.retention.policy())
    }

    var limits: StoreLimits { configuration.limits }
    /// Unix seconds.
    var now: Int64 { clock() }
    /// Whether it is known how long objects are kept.
    var isPolicyKnown: Bool { policy.withLockedValue { $0 != nil } }

    /// Takes over the policy that is in force now; returns whether it is another.
    func refreshPolicy() -> Bool {
        let fresh = configuration.policy()
        return policy.withLockedValue { policy in
            // What was known stays in force while nothing is.
            guard let fresh, fresh != policy else { return false }
            policy = fresh
            return true
        }
    }

    /// Whether objects of that resource are retained.
    func isFor(_ resource: String) -> Bool { resource == configuration.resource }

    /// What is to be noted of a new object.
    func row(of object: StoredObject, id: Int64, payloadBytes: Int64, storedAt: Int64) -> RetainedRow {
        var row = RetainedRow(
            object: id, namespace: object.key.namespace, class: `class`(object), storedAt: storedAt,
            bytes: RetainedRow.bytes(of: object) + payloadBytes, hold: isPinned(object) ? .pinned : .free,
            expiresAt: nil)
        row.expiresAt = expiry(of: row)
        return row
    }

    /// What is to be noted of an object that was changed.
    func row(_ row: RetainedRow, of object: StoredObject, hold: RetainedRow.Hold? = nil) -> RetainedRow {
        var changed = row
        changed.class = `class`(object)
        changed.hold = hold ?? (row.hold == .leaving ? .leaving : isPinned(object) ? .pinned : .free)
        changed.expiresAt = expiry(of: changed)
        return changed
    }

    /// When an object goes; nil for never.
    func expiry(of row: RetainedRow) -> Int64? {
        guard row.hold == .free else { return nil }
        return policy.withLockedValue { policy in
            guard let policy else { return row.expiresAt }
            return policy.lifetime(namespace: row.namespace, class: row.class).end(from: row.storedAt)
        }
    }

    /// The object with what it is to say of its end. One that is leaving says what it said.
    func stamped(_ object: EncodedObject, _ row: RetainedRow) -> EncodedObject {
        row.hold == .leaving ? object : configuration.stamp(object, row.expiresAt)
    }

    private func isPinned(_ object: StoredObject) -> Bool {
        object.packedLabels[configuration.pinnedLabel] == "true"
    }

    private func `class`(_ object: StoredObject) -> String { object.packedFields[configuration.classField] ?? "" }

    // MARK: room

    /// Why an object can't be taken in; nil if it can, be it that others must go for it.
    func refusal(of row: RetainedRow, _ changes: UsageChanges) -> StoreError? {
        if let limit = limits.namespaceBytes {
            if row.bytes > limit { return Self.tooLarge(row, limit, "of its namespace (--max-namespace-bytes)") }
            let held = ledger.usage(of: row.namespace).heldBytes + changes.usage(of: row.namespace).heldBytes
            if held + row.bytes > limit {
                return StoreError(
                    .limitExceeded,
                    "namespace \(row.namespace.quoted) may keep \(limit) bytes of profiles and \(held) of them "
                        + "can't be removed to make room for \(row.bytes): unpin or delete profiles that are "
                        + "labelled \(configuration.pinnedLabel)=true")
            }
        }
        if let limit = limits.storeBytes {
            if row.bytes > limit { return Self.tooLarge(row, limit, "of the store (--max-store-bytes)") }
            let held = ledger.total.heldBytes + changes.total.heldBytes
            if held + row.bytes > limit {
                return StoreError(
                    .insufficientStorage,
                    "insufficient storage: the store may keep \(limit) bytes of profiles and \(held) of them can't be "
                        + "removed to make room for \(row.bytes): unpin or delete profiles that are labelled "
                        + "\(configuration.pinnedLabel)=true")
            }
        }
        return nil
    }

    private static func tooLarge(_ row: RetainedRow, _ limit: Int64, _ whose: String) -> StoreError {
        StoreError(
            .tooLarge, "the profile takes \(row.bytes) bytes, which is more than the limit of \(limit) bytes \(whose)")
    }

    /// Whether a namespace has more than it may, with what a transaction changes.
    func isOverLimit(_ namespace: String, _ changes: UsageChanges) -> Bool {
        guard let limit = limits.namespaceBytes else { return false }
        return ledger.usage(of: namespace).bytes + changes.usage(of: namespace).bytes > limit
    }

    /// Whether the store has more than it may, with what a transaction changes.
    func isOverLimit(_ changes: UsageChanges) -> Bool {
        guard let limit = limits.storeBytes else { return false }
        return ledger.total.bytes + changes.total.bytes > limit
    }
}
