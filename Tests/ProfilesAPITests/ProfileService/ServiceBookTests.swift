import APIMachinery
import ProfileStore
import TestSupport
import Testing

@testable import ProfilesAPI

struct ServiceBookTests {
    private static func profile(_ number: Int, _ random: inout SeededRandom, version: UInt64) -> StoredObject {
        let service = ["web", "api", "a/b"][Int.random(in: 0..<3, using: &random)]
        let fields = [
            "spec.service": service, "spec.type": ["cpu", "heap"][Int.random(in: 0..<2, using: &random)],
            ProfileRecord.sizeField: String(Int.random(in: 1...1000, using: &random)),
        ]
        return StoredObject(
            resource: "profiles", key: ObjectKey(namespace: number % 2 == 0 ? "shop" : "prod", name: "p\(number)"),
            uid: "u\(number)", labels: Labels([("k\(Int.random(in: 0..<4, using: &random))", "v")]), fields: fields,
            object: EncodedObject(
                json: [], metadata: 0..<0, cells: [], createdAt: Int64.random(in: 0..<50, using: &random),
                resourceVersion: ResourceVersion(version)))
    }

    private static func versionless(_ services: [ServiceSummary]) -> [ServiceSummary] {
        services.map { $0.at(ResourceVersion(0)) }
    }

    /// Whatever comes and goes, the book is that of the profiles that there are; and every past state is had again.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func theBookIsThatOfTheLivingProfiles(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var living: [StoredObject] = []
        var book = ServiceBook(at: ResourceVersion(0))
        book.seal()
        var states = [book.services]
        for version in 1...400 as ClosedRange<UInt64> {
            let number = Int(version)
            if living.isEmpty || Int.random(in: 0..<5, using: &random) < 3 {
                let new = Self.profile(number, &random, version: version)
                living.append(new)
                _ = book.apply(StoreEvent(type: .added, object: new, previous: nil))
            } else {
                let gone = living.remove(at: Int.random(in: 0..<living.count, using: &random))
                let last = StoredObject(
                    resource: gone.resource, key: gone.key, uid: gone.uid, labels: gone.labels, fields: gone.fields,
                    object: gone.object.atVersion(ResourceVersion(version)))
                _ = book.apply(StoreEvent(type: .deleted, object: last, previous: gone))
            }
            states.append(book.services)
        }
        var fresh = ServiceBook(at: book.version)
        for profile in living { fresh.load(profile) }
        fresh.seal()
        #expect(Self.versionless(fresh.services) == Self.versionless(book.services))
        for (version, state) in states.enumerated() {
            #expect(book.services(at: ResourceVersion(UInt64(version))) == state)
        }
        #expect(book.services(at: ResourceVersion(401)) == nil)
    }

    @Test func whatIsForgottenIsNotTold() {
        var random = SeededRandom(seed: 9)
        var book = ServiceBook(at: ResourceVersion(10), capacity: 4)
        book.seal()
        #expect(book.changes(after: ResourceVersion(9)) == nil)
        for version in 11...40 as ClosedRange<UInt64> {
            let event = StoreEvent(
                type: .added, object: Self.profile(Int(version), &random, version: version), previous: nil)
            #expect(book.apply(event)?.version == ResourceVersion(version))
            #expect(book.apply(event) == nil)
        }
        #expect(book.changes(after: ResourceVersion(36))?.map(\.version) == (37...40).map { ResourceVersion($0) })
        #expect(book.services(at: ResourceVersion(36)) != nil)
        #expect(book.floor > ResourceVersion(10))
        #expect(book.changes(after: ResourceVersion(10)) == nil)
        #expect(book.services(at: ResourceVersion(10)) == nil)
    }
}
