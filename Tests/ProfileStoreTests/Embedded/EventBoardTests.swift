import APIMachinery
import TestSupport
import Testing

@testable import ProfileStore

/// Who is told what, and when: the hub's state, without tasks and with a time that the test says.
struct EventBoardTests {
    private static let start = ResourceVersion(1000)

    private static func board(maximumCount: Int = 1000, rest: Duration = .milliseconds(10)) -> EventBoard {
        EventBoard(origin: start, maximumBytes: 64 << 20, maximumCount: maximumCount, rest: rest)
    }

    private static func event(_ version: UInt64, _ namespace: String = "a", bytes: Int = 0) -> StoreEvent {
        let object = EncodedObject(
            json: Array(repeating: 0x20, count: bytes), metadata: 0..<0, cells: [], createdAt: 0,
            resourceVersion: ResourceVersion(version))
        let stored = StoredObject(
            resource: "things", key: ObjectKey(namespace: namespace, name: "n\(version)"), uid: "u", labels: Labels(),
            fields: [:], object: object)
        return StoreEvent(type: .added, object: stored, previous: nil)
    }

    private static func subscribe(
        _ board: inout EventBoard, _ namespace: String? = nil, _ pace: WatchScope.Pace = .gathered,
        after version: ResourceVersion = start
    ) throws -> UInt64 {
        try #require(try board.subscribe("things", WatchScope(namespace: namespace, pace: pace), after: version))
    }

    /// The versions that a subscriber is told now; nil if it would wait.
    private static func told(_ board: inout EventBoard, _ id: UInt64) -> [UInt64]? {
        guard case .batch(let batch)? = board.take(id) else { return nil }
        return batch.events.map(\.resourceVersion.rawValue)
    }

    private static func batch(_ outcome: EventBoard.Outcome?) throws -> EventBatch {
        switch outcome {
        case .batch(let batch): batch
        case .failed(let error): throw error
        case .end, nil: throw StoreError(.unavailable, "no batch")
        }
    }

    private static func isOver(_ outcome: EventBoard.Outcome?) -> Bool {
        if case .end? = outcome { true } else { false }
    }

    private static func hasOverflowed(_ outcome: EventBoard.Outcome?) -> Bool {
        if case .failed(let error)? = outcome { error.code == .watchOverflow } else { false }
    }

    // MARK: rest

    @Test func aLoneEventGoesOutAtOnceWhatFollowsGoesOutTogetherAtOneTick() throws {
        var board = Self.board()
        let id = try Self.subscribe(&board)
        _ = board.publish([Self.event(1001)], at: .zero)
        #expect(Self.told(&board, id) == [1001])
        #expect(board.nextTick(at: .zero) == nil)
        _ = board.publish([Self.event(1002)], at: .milliseconds(1))
        #expect(Self.told(&board, id) == nil)
        #expect(board.nextTick(at: .milliseconds(1)) == .milliseconds(9))
        _ = board.publish([Self.event(1003), Self.event(1004)], at: .milliseconds(5))
        #expect(Self.told(&board, id) == nil)
        #expect(board.nextTick(at: .milliseconds(5)) == nil, "one tick is enough")
        _ = board.tick(at: .milliseconds(10))
        #expect(Self.told(&board, id) == [1002, 1003, 1004])
        #expect(Self.told(&board, id) == nil)
        // The tick told something, so it rests again.
        _ = board.publish([Self.event(1005)], at: .milliseconds(12))
        #expect(Self.told(&board, id) == nil)
        #expect(board.nextTick(at: .milliseconds(12)) == .milliseconds(8))
        _ = board.tick(at: .milliseconds(20))
        #expect(Self.told(&board, id) == [1005])
        _ = board.publish([Self.event(1006)], at: .milliseconds(31))
        #expect(Self.told(&board, id) == [1006])
    }

    @Test(arguments: [WatchScope.Pace.prompt, .gathered])
    func nothingIsHeldBackFromAPromptWatchNorWithoutARest(_ pace: WatchScope.Pace) throws {
        var board = Self.board(rest: pace == .prompt ? .seconds(1) : .zero)
        let id = try Self.subscribe(&board, nil, pace)
        for version in UInt64(1001)...1010 {
            _ = board.publish([Self.event(version)], at: .zero)
            #expect(Self.told(&board, id) == [version])
        }
        #expect(board.nextTick(at: .zero) == nil)
    }

    @Test(arguments: [(0, 10), (499, 10), (500, 20), (1000, 30), (1999, 40), (2000, 50), (1_000_000, 50)])
    func theRestGrowsWithThoseWhoAreWokenUpToFivefold(_ watches: Int, _ milliseconds: Int) {
        #expect(Self.board().rest(of: watches) == .milliseconds(milliseconds))
    }

    @Test func aTickThatIsLateTellsAllThatCameUntilThen() throws {
        var board = Self.board()
        let id = try Self.subscribe(&board)
        _ = board.publish([Self.event(1001)], at: .zero)
        _ = board.publish([Self.event(1002)], at: .milliseconds(1))
        _ = board.publish([Self.event(1003)], at: .milliseconds(15))
        #expect(Self.told(&board, id) == [1001])
        #expect(Self.told(&board, id) == nil)
        _ = board.tick(at: .milliseconds(16))
        #expect(Self.told(&board, id) == [1002, 1003])
    }

    @Test func allWhoStandAtTheSamePlaceAreToldTheSameBatchAlsoALittleLater() throws {
        var board = Self.board()
        let ids = try (0..<3).map { _ in try Self.subscribe(&board, "a") }
        for version in UInt64(1001)...1006 { _ = board.publish([Self.event(version)], at: .zero) }
        _ = board.tick(at: .milliseconds(10))
        var batches: [[ObjectIdentifier]] = []
        for id in ids {
            var mine: [ObjectIdentifier] = []
            while case .batch(let batch)? = board.take(id) { mine.append(ObjectIdentifier(batch)) }
            batches.append(mine)
        }
        #expect(batches[0].count == 2)
        #expect(batches == Array(repeating: batches[0], count: 3))
    }

    @Test func whatIsOnlyHeldBackIsNotForgotten() async throws {
        var board = Self.board(maximumCount: 2)
        let id = try Self.subscribe(&board)
        _ = board.publish([Self.event(1001)], at: .zero)
        #expect(Self.told(&board, id) == [1001])
        let outcome = await withCheckedContinuation { waiter in
            #expect(board.wait(id, waiter) == nil)
            #expect(board.publish([Self.event(1002)], at: .milliseconds(1)).isEmpty)
            #expect(board.publish([Self.event(1003)], at: .milliseconds(2)).isEmpty)
            // The log has no room for another, so the two go out before their time.
            for wake in board.publish([Self.event(1004)], at: .milliseconds(3)) { wake() }
        }
        let batch = try Self.batch(outcome)
        #expect(batch.events.map(\.resourceVersion.rawValue) == [1002, 1003, 1004])
    }

    @Test func piecesThatNobodyCameForTakeLittleMemoryAndAreReadFromTheLog() throws {
        var board = Self.board()
        let late = try Self.subscribe(&board)
        for version in UInt64(1001)...1100 {
            _ = board.publish([Self.event(version, bytes: 100_000)], at: .seconds(Int(version)))
        }
        #expect(board.keptBytes > 0 && board.keptBytes <= 1 << 20)
        var all: [UInt64] = []
        while let more = Self.told(&board, late) {
            #expect(more.count <= 3)
            all += more
        }
        #expect(all == Array(1001...1100))
    }

    // MARK: namespaces

    @Test func aWatchOfASilentNamespaceIsNeitherWokenNorCutOff() async throws {
        var board = Self.board(maximumCount: 100)
        let silent = try Self.subscribe(&board, "silent")
        let outcome = await withCheckedContinuation { waiter in
            #expect(board.wait(silent, waiter) == nil)
            for version in UInt64(1001)...101_000 {
                let woken = board.publish([Self.event(version, "loud")], at: .milliseconds(Int(version)))
                if !woken.isEmpty { return waiter.resume(returning: .end) }
            }
            #expect(board.history.count == 100)
            #expect(board.nextTick(at: .zero) == nil)
            for wake in board.publish([Self.event(101_001, "silent")], at: .zero) { wake() }
        }
        let batch = try Self.batch(outcome)
        #expect(batch.events.map(\.resourceVersion.rawValue) == [101_001])
        // What it says of its place is the newest there is.
        _ = board.publish([Self.event(101_002, "loud")], at: .zero)
        #expect(board.interrupt(silent) == nil)
        let nothing = try Self.batch(board.take(silent))
        #expect(nothing.events.isEmpty && nothing.through == ResourceVersion(101_002))
        #expect(board.interrupt(silent) == nil)
        _ = board.publish([Self.event(101_003, "silent"), Self.event(101_004, "loud")], at: .zero)
        let held = try Self.batch(board.take(silent))
        #expect(held.events.map(\.resourceVersion.rawValue) == [101_003], "an interruption gives what is held back")
    }

    @Test func aWatchOfANamespaceIsCutOffWhenItsOwnNextEventIsForgotten() throws {
        var board = Self.board(maximumCount: 100)
        let (reader, idler) = (try Self.subscribe(&board, "a"), try Self.subscribe(&board, "a"))
        _ = board.publish([Self.event(1001), Self.event(1002, "b")], at: .zero)
        #expect(Self.told(&board, reader) == [1001])
        for version in UInt64(1003)...1101 { _ = board.publish([Self.event(version, "b")], at: .zero) }
        #expect(board.history.count == 100)
        #expect(Self.hasOverflowed(board.take(idler)))
        #expect(board.take(reader) == nil)
    }

    @Test func aNamespaceThatIsFirstWatchedLaterFindsItsEventsInTheLog() throws {
        var board = Self.board()
        for version in UInt64(1001)...1300 {
            _ = board.publish([Self.event(version, version % 3 == 0 ? "a" : "b")], at: .zero)
        }
        let id = try Self.subscribe(&board, "a", after: ResourceVersion(1100))
        var all: [UInt64] = []
        while let more = Self.told(&board, id) { all += more }
        #expect(all == (1101...1300).filter { $0 % 3 == 0 })
        #expect(board.cancel(id) == nil)
        #expect(board.subscribers.isEmpty)
        #expect(Self.isOver(board.take(id)))
    }

    @Test func aWatchFromTheFutureIsToldWhatLiesAboveIt() throws {
        var board = Self.board()
        let id = try Self.subscribe(&board, after: ResourceVersion(1003))
        for version in UInt64(1001)...1002 { _ = board.publish([Self.event(version)], at: .seconds(Int(version))) }
        #expect(board.take(id) == nil)
        _ = board.publish([Self.event(1003), Self.event(1004)], at: .seconds(1003))
        #expect(Self.told(&board, id) == [1004])
    }

    // MARK: model

    /// One watch as it should be: the events of its scope, one after the other.
    private struct Reader {
        let id: UInt64
        let namespace: String?
        var told: ResourceVersion
        var isLost = false
    }

    @Test(arguments: UInt64(1)...40)
    func w01EveryWatchIsToldItsEventsOnceInOrderOrIsCutOff(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let capacity = [3, 20, 300].randomElement(using: &random) ?? 20
        var board = Self.board(maximumCount: capacity)
        var events: [StoreEvent] = []
        var readers: [Reader] = []
        var now = Duration.zero
        for _ in 0..<600 {
            now += .milliseconds(Int.random(in: 0..<6, using: &random))
            switch Int.random(in: 0..<12, using: &random) {
            case 0...4:
                let commit = (0..<Int.random(in: 1..<4, using: &random)).map { index in
                    Self.event(
                        Self.start.rawValue + UInt64(events.count + index + 1),
                        ["a", "a", "b", "c"].randomElement(using: &random) ?? "a")
                }
                events += commit
                _ = board.publish(commit, at: now)
            case 5:
                let namespace = [nil, "a", "c"].randomElement(using: &random) ?? nil
                let newest = events.last?.resourceVersion ?? Self.start
                let behind = Int.random(in: 0...min(capacity, events.count), using: &random)
                let version = ResourceVersion(newest.rawValue - UInt64(behind))
                let id = try Self.subscribe(
                    &board, namespace, Bool.random(using: &random) ? .gathered : .prompt, after: version)
                readers.append(Reader(id: id, namespace: namespace, told: version))
            case 6:
                if let index = readers.indices.randomElement(using: &random) {
                    _ = board.cancel(readers.remove(at: index).id)
                }
            case 7: _ = board.tick(at: now)
            case 8:
                if let reader = readers.randomElement(using: &random) { _ = board.interrupt(reader.id) }
            default:
                guard let index = readers.indices.randomElement(using: &random) else { continue }
                try Self.read(&readers[index], &board, events, capacity)
            }
        }
        _ = board.tick(at: now)
        for index in readers.indices {
            while try Self.read(&readers[index], &board, events, capacity) {}
            let namespace = readers[index].namespace
            let own = events.filter { namespace == nil || $0.object.key.namespace == namespace }
            let newest = own.last?.resourceVersion ?? Self.start
            #expect(readers[index].isLost || readers[index].told >= newest)
        }
    }

    /// Takes once and compares with all events; whether something came.
    @discardableResult
    private static func read(
        _ reader: inout Reader, _ board: inout EventBoard, _ events: [StoreEvent], _ capacity: Int
    ) throws -> Bool {
        let (told, namespace) = (reader.told, reader.namespace)
        let missing = events.enumerated().filter { _, event in
            event.resourceVersion > told && namespace.map { $0 == event.object.key.namespace } ?? true
        }
        let isForgotten = missing.first.map { $0.offset < events.count - capacity } ?? false
        guard case .batch(let batch)? = board.take(reader.id) else {
            reader.isLost = isForgotten
            return false
        }
        #expect(!isForgotten)
        #expect(
            batch.events.map(\.resourceVersion) == missing.prefix(batch.events.count).map(\.element.resourceVersion))
        let rest = missing.dropFirst(batch.events.count).first?.element.resourceVersion
        #expect(rest.map { $0 > batch.through } ?? true, "it says of what isn't told yet that it is")
        reader.told = max(told, batch.through)
        return true
    }
}
