import APIMachinery
import ProfileStore

extension ObjectStoreConformance {
    static let timelines: [Case] = [
        Case("a timeline of nothing is empty", emptyTimelines),
        Case("a timeline goes from the newest back, equal moments by name, whatever its pages", timelineOrder),
        Case("both ends of a timeline count, to the nanosecond", timelineEnds),
        Case("what has no service or no moment stands in no timeline", timelineMembers),
        Case(
            "every timeline tells what brute force finds, through changes and opening again", timelinesOfRandomObjects),
    ]

    private static func emptyTimelines(_ subject: StoreUnderTest) async throws {
        for query in [
            TimelineQuery(resource: "profiles", namespace: "a", service: "front"),
            TimelineQuery(resource: "unheard", namespace: "a", service: "front", type: "cpu", limit: 1),
        ] {
            let page = try await subject.store.page(query)
            try expectEqual(page.items, [])
            try expectEqual(page.more, false)
        }
    }

    private static func placed(_ name: String, _ moment: String?, _ type: String? = "cpu") -> SampleObject {
        SampleObject("a", name).with { object in
            object.moment = moment
            object.fields = ["spec.service": "front"]
            object.fields["spec.type"] = type
        }
    }

    private static func timelineOrder(_ subject: StoreUnderTest) async throws {
        let moments = [
            ("b", "2026-11-22T08:00:05Z"), ("z", "2026-11-22T08:00:04.999999999Z"), ("a", "2026-11-22T08:00:05Z"),
            ("é", "2026-11-22T08:00:05Z"), ("c", "2026-11-22T08:00:05.5Z"), ("d", "1969-12-31T23:59:59.25Z"),
            ("e", "2026-11-22T10:00:05.25+02:00"),
        ]
        for (name, moment) in moments { _ = try await subject.store.create(placed(name, moment).draft) }
        for limit in 0...moments.count {
            var query = TimelineQuery(resource: "profiles", namespace: "a", service: "front", limit: limit)
            for type in [nil, "cpu"] {
                query.type = type
                try expectEqual(
                    try await subject.store.names(query), ["c", "e", "é", "b", "a", "z", "d"], "pages of \(limit)")
            }
        }
    }

    private static func timelineEnds(_ subject: StoreUnderTest) async throws {
        let moments = ["05Z", "05.000000001Z", "05.25Z", "05.999999999Z", "06Z"].map { "2026-11-22T08:00:\($0)" }
        for (index, moment) in moments.enumerated() {
            _ = try await subject.store.create(placed("p\(index)", moment).draft)
        }
        let times = moments.compactMap { Timestamp(rfc3339: $0) }
        try expectEqual(times.count, moments.count)
        for (first, from) in times.enumerated() {
            for (last, to) in times.enumerated() where first <= last {
                for limit in [0, 1, 2] {
                    let query = TimelineQuery(
                        resource: "profiles", namespace: "a", service: "front", range: from...to, limit: limit)
                    try expectEqual(
                        try await subject.store.names(query), (first...last).reversed().map { "p\($0)" },
                        "\(moments[first]) to \(moments[last])")
                }
            }
        }
    }

    private static func timelineMembers(_ subject: StoreUnderTest) async throws {
        let store = subject.store
        let time = "2026-11-22T08:00:05Z"
        let whole = try await store.create(placed("whole", time).draft)
        _ = try await store.create(placed("typeless", time, nil).draft)
        _ = try await store.create(placed("timeless", nil).draft)
        _ = try await store.create(placed("senseless", "yesterday").draft)
        _ = try await store.create(placed("unserved", time).with { $0.fields["spec.service"] = "" }.draft)
        _ = try await store.create(placed("elsewhere", time).with { $0.resource = "captures" }.draft)
        var query = TimelineQuery(resource: "profiles", namespace: "a", service: "front")
        try expectEqual(try await store.names(query), ["whole", "typeless"])
        query.type = "cpu"
        let page = try await store.page(query)
        try expectEqual(page.items.map(\.place.name), ["whole"])
        try expectEqual(
            page.items.first?.members, Array(whole.object.json[whole.object.metadata.upperBound...]))
        query.resource = "captures"
        try expectEqual(try await store.names(query), ["elsewhere"])
        // What moves is where it is then, and what goes is nowhere.
        _ = try await store.update("profiles", whole.key) { _ in .replace(placed("whole", time, "heap").draft) }
        query.resource = "profiles"
        try expectEqual(try await store.names(query), [])
        query.type = "heap"
        try expectEqual(try await store.names(query), ["whole"])
        _ = try await store.delete("profiles", whole.key)
        try expectEqual(try await store.names(query), [])
    }

    // MARK: random objects

    private static func timelinesOfRandomObjects(_ subject: StoreUnderTest) async throws {
        var random = SeededRandom(seed: 4)
        var objects: [ObjectKey: SampleObject] = [:]
        for _ in 0..<300 { try await change(subject.store, &objects, &random) }
        for _ in 0..<100 { try await compareTimeline(subject.store, objects, &random) }
        let store = try await subject.reopen()
        for _ in 0..<50 { try await change(store, &objects, &random) }
        for _ in 0..<50 { try await compareTimeline(store, objects, &random) }
    }

    private static func pick(_ texts: [String], _ random: inout SeededRandom) -> String {
        texts.randomElement(using: &random) ?? ""
    }

    private static func randomMoment(_ random: inout SeededRandom) -> String {
        let fraction = pick(["", ".5", ".000000001", ".999999999", ".25"], &random)
        return "2026-11-22T08:00:0\(Int.random(in: 0..<6, using: &random))\(fraction)Z"
    }

    private static func change(
        _ store: any ObjectStore, _ objects: inout [ObjectKey: SampleObject], _ random: inout SeededRandom
    ) async throws {
        let name = "p\(Int.random(in: 0..<80, using: &random))"
        let object = SampleObject(pick(["a", "b"], &random), name).with { object in
            object.fields = [
                "spec.service": pick(["front", "back", ""], &random), "spec.type": pick(["cpu", "heap"], &random),
            ]
            if Int.random(in: 0..<8, using: &random) > 0 { object.moment = randomMoment(&random) }
        }
        if objects[object.key] == nil {
            _ = try await store.create(object.draft)
            objects[object.key] = object
        } else if Int.random(in: 0..<3, using: &random) == 0 {
            _ = try await store.delete("profiles", object.key)
            objects[object.key] = nil
        } else {
            _ = try await store.update("profiles", object.key) { _ in .replace(object.draft) }
            objects[object.key] = object
        }
    }

    private static func compareTimeline(
        _ store: any ObjectStore, _ objects: [ObjectKey: SampleObject], _ random: inout SeededRandom
    ) async throws {
        let times = try [randomMoment(&random), randomMoment(&random)].map {
            try require(Timestamp(rfc3339: $0), "the time of \($0)")
        }.sorted()
        let query = TimelineQuery(
            resource: "profiles", namespace: pick(["a", "b"], &random), service: pick(["front", "back"], &random),
            type: [nil, "cpu", "heap"].randomElement(using: &random) ?? nil, range: times[0]...times[1],
            limit: [0, 1, 3, 100].randomElement(using: &random) ?? 0)
        let expected = objects.values.compactMap { object -> TimelinePlace? in
            guard object.key.namespace == query.namespace, object.fields["spec.service"] == query.service,
                query.type.map({ $0 == object.fields["spec.type"] }) ?? true,
                let moment = object.moment.flatMap({ Timestamp(rfc3339: $0) }), query.range.contains(moment)
            else { return nil }
            return TimelinePlace(moment, object.key.name)
        }.sorted { left, right in
            left.moment == right.moment ? left.name > right.name : left.moment > right.moment
        }
        try expectEqual(try await store.names(query), expected.map(\.name), "\(query)")
    }
}

extension ObjectStore {
    /// The names of a timeline, read in pages of the query's limit.
    fileprivate func names(_ query: TimelineQuery) async throws -> [String] {
        var query = query
        var names: [String] = []
        while true {
            let page = try await self.page(query)
            names += page.items.map(\.place.name)
            if query.limit > 0 { try expect(page.items.count <= query.limit, "a page is larger than its limit") }
            guard page.more else { return names }
            query.after = try require(page.items.last?.place, "the last item of a page that isn't the last")
        }
    }
}
