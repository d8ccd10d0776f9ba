internal import APIMachinery

/// A write that waits for the writer.
enum WriteOperation: Sendable {
    /// With the file that has the payload; the draft has none then.
    case create(ObjectDraft, PayloadFile?)
    case update(String, ObjectKey, @Sendable (StoredObject) throws(StoreError) -> ObjectChange)
    case delete(String, ObjectKey, Preconditions)

    var isCreate: Bool {
        if case .create = self { true } else { false }
    }

    /// The payload bytes it brings along, as far as they are known.
    var payloadBytes: Int {
        guard case .create(let draft, _) = self else { return 0 }
        return draft.payload?.count ?? 0
    }
}

/// What came of one operation of a commit; nil: there is no such object.
typealias WriteResult = Result<StoredObject?, StoreError>

/// A write and who waits for its answer.
struct WriteRequest: Sendable {
    let operation: WriteOperation
    let answer: @Sendable (WriteResult) -> Void
}
