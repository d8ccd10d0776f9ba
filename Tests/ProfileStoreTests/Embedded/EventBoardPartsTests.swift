import APIMachinery
import Testing

@testable import ProfileStore

/// What the state of the hub is made of: where channels are, what they keep, what is remembered.
struct EventBoardPartsTests {
    private static func key(_ namespace: String?, _ pace: WatchScope.Pace = .prompt) -> EventChannel.Key {
        EventChannel.Key(resource: "things", scope: WatchScope(namespace: namespace, pace: pace))
    }

    @Test func anEventIsForTheChannelsOfItsLogAndOfItsNamespace() {
        var directory = ChannelDirectory()
        #expect(directory.channels(in: 1).isEmpty && directory.channels(of: "a", in: 1).isEmpty)
        let (all, a) = (directory.add(Self.key(nil), log: 1), directory.add(Self.key("a"), log: 1))
        let (gathered, b) = (directory.add(Self.key("a", .gathered), log: 1), directory.add(Self.key("b"), log: 1))
        #expect(directory.channels(in: 1) == [all])
        #expect(directory.channels(of: "a", in: 1) == [a, gathered] && directory.channels(of: "b", in: 1) == [b])
        #expect(directory.channels(in: 0).isEmpty && directory.channels(of: "c", in: 1).isEmpty)
        #expect(directory.place(of: Self.key("a")) == a && directory.place(of: Self.key("c")) == nil)
        #expect(Set([all, a, gathered, b]) == [0, 1, 2, 3])
    }

    @Test func thePlaceOfAChannelThatWentIsGivenToAnother() {
        var directory = ChannelDirectory()
        let (all, a) = (directory.add(Self.key(nil), log: 0), directory.add(Self.key("a"), log: 0))
        directory.remove(Self.key("a"), log: 0)
        #expect(directory.place(of: Self.key("a")) == nil && directory.channels(of: "a", in: 0).isEmpty)
        directory.remove(Self.key("a"), log: 0)
        #expect(directory.add(Self.key("b"), log: 0) == a && directory.channels(of: "b", in: 0) == [a])
        #expect(directory.add(Self.key("c"), log: 0) == 2)
        directory.remove(Self.key(nil), log: 0)
        #expect(directory.channels(in: 0).isEmpty && directory.add(Self.key(nil), log: 0) == all)
    }

    @Test func theOldestPiecesGoWhereTheyAreTooManyAndTheNewestStays() {
        var kept = KeptPieces()
        func add(_ serial: UInt64, _ bytes: Int) -> [UInt64] {
            kept.add(KeptPieces.Piece(channel: 0, serial: serial, bytes: bytes))
            var gone: [UInt64] = []
            while let piece = kept.popExcess() { gone.append(piece.serial) }
            return gone
        }
        #expect(add(1, 600 << 10).isEmpty && add(2, 400 << 10).isEmpty && add(3, 24 << 10).isEmpty)
        #expect(kept.bytes == 1 << 20)
        #expect(add(4, 1) == [1])
        #expect(add(5, 5 << 20) == [2, 3, 4])
        #expect(kept.bytes == 5 << 20)
        #expect(add(6, 10) == [5])
        #expect(kept.bytes == 10)
    }

    private static func event(_ resource: String, _ version: UInt64, bytes: Int = 0) -> StoreEvent {
        let object = EncodedObject(
            json: Array(repeating: 0x20, count: bytes), metadata: 0..<0, cells: [], createdAt: 0,
            resourceVersion: ResourceVersion(version))
        let stored = StoredObject(
            resource: resource, key: ObjectKey(namespace: "a", name: "n\(version)"), uid: "u", labels: Labels(),
            fields: [:], object: object)
        return StoreEvent(type: .added, object: stored, previous: nil)
    }

    @Test func eachLogIsBoundedInItsEvents() {
        var logs = EventLogs(origin: ResourceVersion(9), maximumBytes: 1 << 20, maximumCount: 2)
        let (a, b) = (logs.append(Self.event("a", 10)), logs.append(Self.event("b", 11)))
        #expect(a != b && logs.place(of: "a") == a && logs.append(Self.event("b", 12)) == b)
        #expect(logs.overfull == nil && logs.size.count == 3)
        #expect(logs.append(Self.event("b", 13)) == b && logs.overfull == b)
        logs.forgetOldest(of: b)
        #expect(logs.overfull == nil && logs[b].count == 2 && logs[b].forgotten == ResourceVersion(11))
        #expect(logs[a].count == 1 && logs[a].forgotten == ResourceVersion(9))
    }

    @Test func theLargestLogForgetsWhereAllTogetherAreTooLarge() {
        var logs = EventLogs(origin: ResourceVersion(9), maximumBytes: 10_000, maximumCount: 100)
        let small = logs.append(Self.event("small", 10, bytes: 1000))
        let large = logs.append(Self.event("large", 11, bytes: 5000))
        #expect(logs.overfull == nil)
        #expect(logs.append(Self.event("large", 12, bytes: 6000)) == large && logs.overfull == large)
        logs.forgetOldest(of: large)
        #expect(logs.overfull == nil && logs.size.count == 2 && logs[small].count == 1)
        logs.clear()
        #expect(logs.size == (0, 0) && logs.place(of: "large") == large && logs[large].forgotten == ResourceVersion(9))
    }
}
