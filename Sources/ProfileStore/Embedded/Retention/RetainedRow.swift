internal import APIMachinery

/// What the store knows of one retained object beside its state.
struct RetainedRow: Sendable, Equatable {
    /// Why retention leaves an object alone.
    enum Hold: Int64 {
        case free = 0
        /// It bears the label.
        case pinned = 1
        /// It is marked as deleted and waits for its finalizers.
        case leaving = 2
    }

    /// The index entries of an object: about.
    private static let indexBytes = 1024

    let object: Int64
    let namespace: String
    var `class`: String
    /// When the store took it in, unix seconds.
    let storedAt: Int64
    var bytes: Int64
    var hold: Hold
    /// When it goes, as the object says; nil for never.
    var expiresAt: Int64?

    /// What it adds to the sums.
    var usage: StoreUsage {
        var usage = StoreUsage()
        usage.objects = 1
        usage.bytes = bytes
        usage.heldBytes = hold == .free ? 0 : bytes
        return usage
    }

    /// What an object counts for, its payload apart.
    static func bytes(of object: StoredObject) -> Int64 {
        Int64(
            object.object.json.count + object.object.cells.count + object.packedLabels.bytes.count
                + object.packedFields.bytes.count + indexBytes)
    }
}
