import APIMachinery
import ProfileStore

/// A random life of a store and of those who follow it, told by a seed.
///
/// Objects come, change and go; followers read a random number of events, break off and resume at the last version they saw; lists
/// are read page by page while all this goes on; the store is opened anew and forgets its past at random moments. Each follower
/// checks every event against its copy of the state (no event lost, doubled, out of order or of another type than its own copy
/// demands), and its copy is compared with the model at that version. No page skips or repeats.
struct StoreStory {
    /// What happens, and how often out of a hundred steps.
    private enum Step: CaseIterable {
        case write, follow, breakOff, page, reopen, forget

        var weight: Int {
            switch self {
            case .write: 60
            case .follow: 22
            case .breakOff: 6
            case .page: 9
            case .reopen: 2
            case .forget: 1
            }
        }
    }

    private static let resources = ["profiles", "captures"]
    private static let deck = Step.allCases.flatMap { Array(repeating: $0, count: $0.weight) }

    private let subject: StoreUnderTest
    private var store: any ObjectStore
    private var random: SeededRandom
    private var model = StoreModel()
    private var followers: [StoreFollower] = []
    private var lists: [OpenList] = []
    /// Everything behind this version must be told.
    private var floor = ResourceVersion(0)
    /// How often something happened, for the proof that the story tells what it is meant to.
    private(set) var counts = Counts()

    struct Counts: Equatable {
        var replayed = 0
        var relisted = 0
        var expiredLists = 0
        var pages = 0
    }

    /// A list that is being read.
    private struct OpenList {
        var query: ObjectQuery
        var seen: [StoredObject] = []
    }

    init(_ subject: StoreUnderTest, seed: UInt64) {
        self.subject = subject
        store = subject.store
        random = SeededRandom(seed: seed)
    }

    mutating func run(steps: Int) async throws {
        let scopes = [WatchScope(), WatchScope(pace: .gathered), WatchScope(namespace: "n1", pace: .gathered)]
        for (resource, scope) in zip(Self.resources + ["profiles", "profiles"], [scopes[0]] + scopes) {
            followers.append(StoreFollower(resource, scope, at: store.currentVersion))
        }
        for _ in 0..<steps {
            switch Self.deck.randomElement(using: &random) ?? .write {
            case .write: try await write()
            case .follow: try await follow(upTo: nil)
            case .breakOff: followers[anyFollower()].breakOff()
            case .page: try await page()
            case .reopen: try await reopen()
            case .forget: try await forget()
            }
        }
        for index in followers.indices { try await follow(upTo: index) }
    }

    // MARK: steps

    private mutating func write() async throws {
        let resource = Self.resources.randomElement(using: &random) ?? "profiles"
        let present = model.present.filter { $0.resource == resource }
        if Int.random(in: 0..<3, using: &random) == 0, let victim = present.randomElement(using: &random) {
            let deleted = try require(try await store.delete(resource, victim.key), "an object to delete")
            return model.end(resource, victim.key, at: deleted.resourceVersion)
        }
        let number = Int.random(in: 0..<12, using: &random)
        let object = SampleObject("n\(number % 3)", "p\(number)", uid: "uid-\(random.next())").with {
            $0.resource = resource
            $0.counter = Int.random(in: 0..<1000, using: &random)
            $0.labels = Bool.random(using: &random) ? ["app": "x"] : [:]
        }
        if present.contains(where: { $0.key == object.key }) {
            let changed = try await store.update(resource, object.key) { _ in .replace(object.draft) }
            model.write(object, at: try require(changed, "an object to change").resourceVersion)
        } else {
            model.write(object, at: try await store.create(object.draft).resourceVersion)
        }
    }

    private mutating func anyFollower() -> Int { Int.random(in: 0..<followers.count, using: &random) }

    /// One follower reads on: some events, or (of that index) all there are.
    private mutating func follow(upTo index: Int?) async throws {
        let who = index ?? anyFollower()
        let newest = model.lastChange(followers[who].resource, followers[who].scope.namespace)
        let told = followers[who].version.rawValue
        guard let newest, newest.rawValue > told else { return }
        let goal = index == nil ? UInt64.random(in: told + 1...newest.rawValue, using: &random) : newest.rawValue
        let outcome = try await followers[who].read(to: ResourceVersion(goal), from: store, floor: floor)
        counts.replayed += outcome == .resumed ? 1 : 0
        counts.relisted += outcome == .relisted ? 1 : 0
        let follower = followers[who]
        let expected = model.answer(follower.query, at: follower.version)
        try expectEqual(
            follower.objects.values.sorted { $0.key < $1.key }, expected,
            "the copy of follower \(who) at \(follower.version)")
    }

    private mutating func page() async throws {
        if lists.count < 3, Bool.random(using: &random) {
            let limit = [1, 2, 5].randomElement(using: &random) ?? 1
            lists.append(OpenList(query: ObjectQuery(resource: Self.resources[lists.count % 2], limit: limit)))
        }
        guard let index = lists.indices.randomElement(using: &random) else { return }
        var list = lists.remove(at: index)
        let page: ObjectPage
        do {
            page = try await store.page(list.query)
        } catch {
            let version = list.query.snapshot ?? ResourceVersion(.max)
            try expect(
                error.code == .snapshotExpired && version < floor,
                "the snapshot \(version) is refused by \(error), kept is \(floor) and newer")
            counts.expiredLists += 1
            return
        }
        counts.pages += 1
        list.seen += page.items
        list.query.snapshot = page.snapshot
        guard page.more else { return try check(list, at: page.snapshot) }
        list.query.after = page.items.last?.key
        lists.append(list)
    }

    private func check(_ list: OpenList, at snapshot: ResourceVersion) throws {
        let expected = model.answer(ObjectQuery(resource: list.query.resource), at: snapshot)
        guard list.seen == expected else {
            throw StoreError(
                .corrupt,
                "a list at \(snapshot) in pages of \(list.query.limit): \(list.seen.map(\.key)), "
                    + "expected \(expected.map(\.key))")
        }
    }

    private mutating func reopen() async throws {
        store = try await subject.reopen()
        for index in followers.indices { followers[index].breakOff() }
    }

    private mutating func forget() async throws {
        try await subject.forgetHistory()
        floor = model.lastEnd ?? floor
    }
}

/// One who keeps a copy of a resource by what the watch tells, as an informer does.
struct StoreFollower {
    /// How a reading went.
    enum Outcome: Equatable { case followed, resumed, relisted }

    let resource: String
    let scope: WatchScope
    private(set) var objects: [ObjectKey: StoredObject] = [:]
    private(set) var version: ResourceVersion
    private var watch: EventSubscription?

    /// What it keeps a copy of.
    var query: ObjectQuery { ObjectQuery(resource: resource, namespace: scope.namespace) }

    init(_ resource: String, _ scope: WatchScope, at version: ResourceVersion) {
        self.resource = resource
        self.scope = scope
        self.version = version
    }

    mutating func breakOff() {
        watch?.cancel()
        watch = nil
    }

    /// Reads events until the version of the last one is at least `goal`; lists anew where that is the only way.
    mutating func read(
        to goal: ResourceVersion, from store: any ObjectStore, floor: ResourceVersion
    ) async throws -> Outcome {
        var outcome = Outcome.followed
        while version < goal {
            if watch == nil, outcome == .followed { outcome = .resumed }
            do {
                try await readOne(from: store)
            } catch let error as StoreError where error.code == .watchOverflow {
                watch = nil
            } catch let error as StoreError where error.code == .snapshotExpired && version < floor {
                watch = nil
                let page = try await store.page(query)
                objects = Dictionary(uniqueKeysWithValues: page.items.map { ($0.key, $0) })
                version = page.snapshot
                outcome = .relisted
            }
        }
        return outcome
    }

    private mutating func readOne(from store: any ObjectStore) async throws {
        let source: EventSubscription
        if let watch { source = watch } else { source = try store.watch(resource, scope, after: version) }
        watch = source
        guard let event = try await source.next() else {
            watch = nil
            return
        }
        try take(event)
    }

    private mutating func take(_ event: StoreEvent) throws(StoreError) {
        let key = event.object.key
        let before = objects[key]
        let isOfTheCopy =
            event.resourceVersion > version && event.previous == before && event.object.resource == resource
            && (event.type == .added) == (before == nil)
            && (scope.namespace == nil || scope.namespace == key.namespace)
        guard isOfTheCopy else {
            throw StoreError(
                .corrupt,
                "\(event.type) of \(key) at \(event.resourceVersion) behind \(version): the state before is "
                    + "\(String(describing: event.previous?.resourceVersion)), "
                    + "the copy's \(String(describing: before?.resourceVersion))")
        }
        objects[key] = event.type == .deleted ? nil : event.object
        version = event.resourceVersion
    }
}
