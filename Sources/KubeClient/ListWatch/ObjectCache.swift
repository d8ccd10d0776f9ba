public import APIMachinery
import NIOConcurrencyHelpers

/// What kube-apiserver last said about the objects of one list-watch, to be looked up without waiting.
///
/// Filled by a ``Reflector``; safe to read from any thread, on event loops too. What was once here stays through outages: ``synced`` says
/// whether it was ever complete, ``sinceContact`` how old it may be.
public final class ObjectCache<Element: Sendable>: ObjectSink, Sendable {
    /// What happened to the cache.
    public enum Change: Sendable {
        /// A list came: these are all there are.
        case replaced
        /// One object is new or other than it was.
        case set(ObjectKey, Element)
        /// One object is gone; what it was.
        case removed(ObjectKey, Element)
    }

    private struct State {
        var objects: [String: [String: Element]] = [:]
        var count = 0
        var synced = false
        var contact: Duration?
    }

    private let state = NIOLockedValueBox(State())
    private let clock: SteadyClock
    private let onChange: @Sendable (Change) -> Void

    /// An empty cache.
    ///
    /// - Parameter onChange: called after each change, in order, on the reflector's task: it must not block.
    public init(clock: SteadyClock = .continuous, onChange: @escaping @Sendable (Change) -> Void = { _ in }) {
        self.clock = clock
        self.onChange = onChange
    }

    // MARK: reading

    /// Whether a whole list has come at least once.
    public var synced: Bool { state.withLockedValue { $0.synced } }

    /// How long ago kube-apiserver last sent something of this list-watch, bookmarks included; nil before the first list.
    ///
    /// A quiet watch says something about every minute, so much more than that means an outage.
    public var sinceContact: Duration? { state.withLockedValue { $0.contact }.map { clock.now - $0 } }

    /// The object of that name; namespaces and other objects of the cluster's scope have an empty ``ObjectKey/namespace``.
    public subscript(key: ObjectKey) -> Element? { state.withLockedValue { $0.objects[key.namespace]?[key.name] } }

    /// All objects of a namespace, in no order.
    public func elements(inNamespace namespace: String) -> [Element] {
        state.withLockedValue { Array($0.objects[namespace, default: [:]].values) }
    }

    /// All objects, in no order.
    public var elements: [Element] { state.withLockedValue { $0.objects.values.flatMap(\.values) } }

    /// How many there are.
    public var count: Int { state.withLockedValue { $0.count } }

    // MARK: the reflector's side

    /// A whole list.
    public func replace(_ objects: [(key: ObjectKey, element: Element)]) {
        var all: [String: [String: Element]] = [:]
        for (key, element) in objects { all[key.namespace, default: [:]][key.name] = element }
        let count = all.values.reduce(0) { $0 + $1.count }
        state.withLockedValue { state in
            state.objects = all
            state.count = count
            state.synced = true
        }
        onChange(.replaced)
    }

    /// An object is new or other than it was.
    public func set(_ key: ObjectKey, _ element: Element) {
        state.withLockedValue { state in
            if state.objects[key.namespace, default: [:]].updateValue(element, forKey: key.name) == nil {
                state.count += 1
            }
        }
        onChange(.set(key, element))
    }

    /// An object is gone.
    public func remove(_ key: ObjectKey) {
        let removed = state.withLockedValue { state -> Element? in
            guard let removed = state.objects[key.namespace]?.removeValue(forKey: key.name) else { return nil }
            state.count -= 1
            if state.objects[key.namespace]?.isEmpty == true { state.objects[key.namespace] = nil }
            return removed
        }
        if let removed { onChange(.removed(key, removed)) }
    }

    /// kube-apiserver was heard of.
    public func touch() { state.withLockedValue { $0.contact = clock.now } }
}

/// Where a ``Reflector`` puts what it learns. Called from one task, in order; must not block.
public protocol ObjectSink<Element>: Sendable {
    /// What objects are decoded to.
    associatedtype Element: Sendable
    /// A whole list: what isn't in it is gone.
    func replace(_ objects: [(key: ObjectKey, element: Element)])
    /// An object is new or other than it was.
    func set(_ key: ObjectKey, _ element: Element)
    /// An object is gone, or no longer fits the selectors.
    func remove(_ key: ObjectKey)
    /// kube-apiserver answered, sent an event or a bookmark.
    func touch()
}
