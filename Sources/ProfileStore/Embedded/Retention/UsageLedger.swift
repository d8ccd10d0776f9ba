internal import NIOConcurrencyHelpers

/// What a transaction changes of what is used.
struct UsageChanges: Sendable {
    struct Key: Hashable {
        let namespace: String
        let `class`: String
    }

    private(set) var changes: [Key: StoreUsage] = [:]
    private(set) var total = StoreUsage()

    var namespaces: Set<String> { Set(changes.keys.map(\.namespace)) }

    mutating func add(_ row: RetainedRow) { add(row.usage, row) }
    mutating func remove(_ row: RetainedRow) { add(-row.usage, row) }

    private mutating func add(_ usage: StoreUsage, _ row: RetainedRow) {
        changes[Key(namespace: row.namespace, class: row.class), default: StoreUsage()] += usage
        total += usage
    }

    func usage(of namespace: String) -> StoreUsage {
        changes.reduce(StoreUsage()) { $1.key.namespace == namespace ? $0 + $1.value : $0 }
    }
}

/// What is used by namespace and class, as of the last commit: what the table `usage` says, at hand.
final class UsageLedger: Sendable {
    private struct State {
        var namespaces: [String: [String: StoreUsage]] = [:]
        var total = StoreUsage()
    }

    private let state: NIOLockedValueBox<State>

    init(_ connection: SQLiteConnection) throws(StoreError) {
        var state = State()
        let statement = try connection.prepare("SELECT namespace, class, objects, bytes, held_bytes FROM usage")
        while try statement.step() {
            var usage = StoreUsage()
            usage.objects = statement.integer(2)
            usage.bytes = statement.integer(3)
            usage.heldBytes = statement.integer(4)
            guard !usage.isZero else { continue }
            state.namespaces[statement.text(0), default: [:]][statement.text(1)] = usage
            state.total += usage
        }
        self.state = NIOLockedValueBox(state)
    }

    var total: StoreUsage { state.withLockedValue { $0.total } }

    func usage(of namespace: String) -> StoreUsage {
        state.withLockedValue { $0.namespaces[namespace]?.values.reduce(StoreUsage(), +) ?? StoreUsage() }
    }

    /// The sums of all namespaces.
    var classes: [String: StoreUsage] {
        state.withLockedValue { state in
            var sums: [String: StoreUsage] = [:]
            for classes in state.namespaces.values { sums.merge(classes, uniquingKeysWith: +) }
            return sums
        }
    }

    /// The namespaces that use more than `bytes`.
    func namespaces(above bytes: Int64) -> [String] {
        state.withLockedValue { state in
            state.namespaces.filter { $0.value.values.reduce(0) { $0 + $1.bytes } > bytes }.map(\.key)
        }
    }

    /// Takes over what a commit changed.
    func publish(_ changes: UsageChanges) {
        state.withLockedValue { state in
            state.total += changes.total
            for (key, change) in changes.changes {
                let usage = (state.namespaces[key.namespace]?[key.class] ?? StoreUsage()) + change
                state.namespaces[key.namespace, default: [:]][key.class] = usage.isZero ? nil : usage
                if state.namespaces[key.namespace]?.isEmpty == true { state.namespaces[key.namespace] = nil }
            }
        }
    }
}
