import APIMachinery
import ProfefeCollector
import ProfileStore
import TestSupport
import Testing

@testable import ProfilesAPI

@Suite struct MirrorIndexTests {
    private static let stream = MirrorStream(service: "web", type: .cpu)

    @Test func anEntryGivesItsNameBack() throws {
        var index = MirrorIndex()
        for (number, xid) in ["00000000000000000000", "vvvvvvvvvvvvvvvvvvvg", sampleXID].enumerated() {
            let made = index.entry(second: 5, xid: xid, namespace: "n\(number)")
            let entry = try #require(made)
            #expect(entry.xid == xid)
            #expect(index.namespace(of: entry) == "n\(number)")
        }
        for xid in ["short", "wwwwwwwwwwwwwwwwwwww"] {
            let made = index.entry(second: 5, xid: xid, namespace: "x")
            #expect(made == nil)
        }
    }

    @Test func itAgreesWithASetThroughARandomLife() throws {
        var random = SeededRandom(seed: 3)
        var index = MirrorIndex()
        var model: Set<MirrorEntry> = []
        for _ in 0..<300 {
            let fresh = (0..<Int.random(in: 0..<8, using: &random)).compactMap { _ in
                index.entry(
                    second: Int64.random(in: 0..<50, using: &random),
                    xid: ProfileID.make(at: Int64.random(in: 0..<3, using: &random)), namespace: "n")
            }
            index.insert(fresh + fresh.prefix(1), into: Self.stream)
            model.formUnion(fresh)
            let gone = Set(model.filter { _ in Int.random(in: 0..<20, using: &random) == 0 })
            index.remove(gone, from: Self.stream)
            model.subtract(gone)
            #expect(index.count == model.count)
            let first = Int64.random(in: 0..<50, using: &random)
            #expect(
                Array(index.entries(Self.stream, from: first, to: first + 10))
                    == model.filter { (first...first + 10).contains($0.second) }.sorted())
            for entry in fresh { #expect(index.contains(entry, in: Self.stream) == model.contains(entry)) }
        }
    }

    @Test func partsOfAStreamAreWholeSecondsAndReachItsEnd() throws {
        var index = MirrorIndex()
        let entries = (0..<1000).compactMap {
            index.entry(second: Int64($0 / 10), xid: ProfileID.make(at: 1), namespace: "n")
        }
        index.insert(entries, into: Self.stream)
        var (first, seen, parts): (Int64, Int, Int) = (0, 0, 0)
        while first <= 200 {
            let last = index.end(ofPart: Self.stream, from: first, size: 95, last: 200)
            #expect(last >= first)
            seen += index.entries(Self.stream, from: first, to: last).count
            parts += 1
            first = last + 1
        }
        #expect(seen == 1000)
        #expect(parts == 11)
    }
}
