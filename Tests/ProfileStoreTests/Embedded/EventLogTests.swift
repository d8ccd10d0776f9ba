import APIMachinery
import Testing

@testable import ProfileStore

/// The log of recent events: what it gives back is what it was given, shared or packed.
struct EventLogTests {
    private static func object(_ number: Int, bytes: Int = 40, name: String = "n") -> StoredObject {
        let json = Array("{\"metadata\":{},\"n\":\"\(String(repeating: "x", count: bytes))\"}".utf8)
        return StoredObject(
            resource: "things", key: ObjectKey(namespace: "é", name: "\(name)\(number)"), uid: "uid-\(number)",
            labels: Labels([("app", "shop"), ("n", "\(number)")]), fields: ["spec.x": "", "spec.y": "\(number)"],
            object: EncodedObject(
                json: json, metadata: 12..<14, cells: [0x31, 0], createdAt: -Int64(number),
                resourceVersion: ResourceVersion(UInt64(1000 + number))))
    }

    private static func event(_ number: Int, bytes: Int = 40) -> StoreEvent {
        let object = object(number, bytes: bytes)
        return switch number % 3 {
        case 0: StoreEvent(type: .added, object: object, previous: nil)
        case 1: StoreEvent(type: .modified, object: object, previous: Self.object(number, name: "before"))
        default: StoreEvent(type: .deleted, object: object, previous: object)
        }
    }

    private static func areEqual(_ left: StoreEvent?, _ right: StoreEvent) -> Bool {
        left?.type == right.type && left?.object == right.object && left?.previous == right.previous
    }

    @Test func givesBackEveryEventHoweverOld() {
        var log = EventLog(forgotten: ResourceVersion(999))
        // Of many blocks, one event larger than a block.
        let events = (0..<3000).map { Self.event($0, bytes: $0 == 1500 ? 600_000 : $0 % 700) }
        for event in events { log.append(event) }
        #expect(log.count == events.count)
        #expect(log.end == events.count)
        #expect(events.indices.allSatisfy { Self.areEqual(log[$0], events[$0]) })
        #expect(log[-1] == nil && log[events.count] == nil)
    }

    @Test func forgetsTheOldestAndCountsItsBytes() {
        var log = EventLog(forgotten: ResourceVersion(999))
        for number in 0..<500 { log.append(Self.event(number)) }
        let all = log.bytes
        for number in 0..<490 {
            #expect(log.first == number)
            log.dropFirst()
        }
        #expect(log.bytes > 0 && log.bytes < all / 40)
        #expect(log.forgotten == ResourceVersion(1489))
        #expect((490..<500).allSatisfy { Self.areEqual(log[$0], Self.event($0)) })
        #expect(log[489] == nil)
        for _ in 0..<11 { log.dropFirst() }
        #expect(log.count == 0 && log.bytes == 0 && log[499] == nil)
        log.append(Self.event(500))
        #expect(Self.areEqual(log[500], Self.event(500)))
    }

    @Test(arguments: [(0, 0), (999, 0), (1000, 1), (1099, 100), (1199, 200), (5000, 200)])
    func findsTheFirstEventAboveAVersion(_ version: UInt64, _ number: Int) {
        var log = EventLog(forgotten: ResourceVersion(999))
        for number in 0..<200 { log.append(Self.event(number)) }
        #expect(log.number(after: ResourceVersion(version)) == number)
    }
}
