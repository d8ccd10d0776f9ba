import APIMachinery
import Testing

@testable import APIServer
@testable import ProfilesAPI

/// What a deletion leaves to the garbage collector (conformance 8.11). R11 G02 G03.
struct DeletionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let present: [String]
        let policy: DeleteOptions.PropagationPolicy?
        var orphanDependents: Bool?
        /// The finalizers that are left; nil if the object goes at once.
        let left: [String]?
        var testDescription: String {
            "\(present) \(policy?.rawValue ?? "-") \(orphanDependents.map(String.init) ?? "-")"
        }
    }

    static let cases: [Case] = [
        Case(present: [], policy: nil, left: nil),
        Case(present: [], policy: .background, left: nil),
        Case(present: [], policy: .foreground, left: ["foregroundDeletion"]),
        Case(present: [], policy: .orphan, left: ["orphan"]),
        Case(present: [], policy: nil, orphanDependents: true, left: ["orphan"]),
        Case(present: [], policy: nil, orphanDependents: false, left: nil),
        Case(present: ["a.io/x"], policy: .foreground, left: ["a.io/x", "foregroundDeletion"]),
        Case(present: ["a.io/x"], policy: .background, left: ["a.io/x"]),
        Case(present: ["orphan"], policy: .foreground, left: ["foregroundDeletion"]),
        Case(present: ["foregroundDeletion", "a.io/x"], policy: .orphan, left: ["a.io/x", "orphan"]),
        Case(present: ["orphan"], policy: nil, left: ["orphan"]),
        Case(present: ["foregroundDeletion"], policy: nil, left: ["foregroundDeletion"]),
        Case(present: ["orphan"], policy: .background, left: nil),
        Case(present: ["foregroundDeletion"], policy: .foreground, left: ["foregroundDeletion"]),
    ]

    private static func finalizers(_ result: DeleteResult) throws -> [String]? {
        guard case .marked(let object) = result else { return nil }
        return try JSONValue.parse(Array(object.metadataJSON))["finalizers"]?.arrayValue?.compactMap(\.stringValue)
    }

    @Test(arguments: cases)
    func r11ThePolicyBecomesTheFinalizerThatTheGarbageCollectorTakesAway(_ entry: Case) async throws {
        try await Gadgets.with(collected: true) { gadgets, request in
            try await gadgets.put("g1", finalizers: entry.present)
            var options = DeleteOptions()
            options.propagationPolicy = entry.policy
            options.orphanDependents = entry.orphanDependents
            options.dryRun = true
            #expect(try Self.finalizers(try await gadgets.delete(Gadgets.key("g1"), options, request)) == entry.left)
            options.dryRun = false
            #expect(try Self.finalizers(try await gadgets.delete(Gadgets.key("g1"), options, request)) == entry.left)
            let again = try? await gadgets.delete(Gadgets.key("g1"), options, request)
            #expect(try again.flatMap(Self.finalizers) == entry.left, "repeated, it changes nothing")
        }
    }

    @Test func r11ASecondDeletionMayChooseAnotherPolicy() async throws {
        try await Gadgets.with(collected: true) { gadgets, request in
            try await gadgets.put("g1")
            var options = DeleteOptions()
            options.propagationPolicy = .foreground
            guard case .marked(let first) = try await gadgets.delete(Gadgets.key("g1"), options, request) else {
                Issue.record("it is gone")
                return
            }
            options.propagationPolicy = .orphan
            guard case .marked(let second) = try await gadgets.delete(Gadgets.key("g1"), options, request) else {
                Issue.record("it is gone")
                return
            }
            let (before, after) = (
                try JSONValue.parse(Array(first.metadataJSON)), try JSONValue.parse(Array(second.metadataJSON))
            )
            #expect(after["finalizers"] == ["orphan"])
            #expect(after["deletionTimestamp"] == before["deletionTimestamp"])
            #expect(after["generation"] == before["generation"])
            options.propagationPolicy = .background
            guard case .deleted(_, let last) = try await gadgets.delete(Gadgets.key("g1"), options, request) else {
                Issue.record("it stays")
                return
            }
            #expect(last.resourceVersion == gadgets.currentVersion)
        }
    }

    @Test func r11WithoutAGarbageCollectorNothingWaitsForOne() async throws {
        try await Gadgets.with { gadgets, request in
            for policy in [DeleteOptions.PropagationPolicy.foreground, .orphan] {
                try await gadgets.put("g1")
                var options = DeleteOptions()
                options.propagationPolicy = policy
                #expect(try Self.finalizers(try await gadgets.delete(Gadgets.key("g1"), options, request)) == nil)
            }
        }
    }
}
