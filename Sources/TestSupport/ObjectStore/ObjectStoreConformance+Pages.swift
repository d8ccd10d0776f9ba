import APIMachinery
import ProfileStore

extension ObjectStoreConformance {
    static let pages: [Case] = [
        Case("L01 L08: a list of nothing has the current version, whatever its resource and namespace", emptyLists),
        Case("L01: a list is ordered by the bytes of namespace, then name", order),
        Case("L02: pages tell how much remains, exactly, and only without selectors", remainingCounts),
        Case("a query for parts finds the same objects, with what it asked for", partsOfObjects),
        Case("every query finds what brute force finds, in every page size", everyQueryFindsWhatBruteForceFinds),
    ]

    static let snapshots: [Case] = [
        Case(
            "L02: the pages of a list show the first page's state while objects come, change and go",
            pagesKeepTheirSnapshot),
        Case("any state that is kept can be read again, with any selector, exactly", keptStatesReadAgain),
        Case("a snapshot that isn't reached yet is refused", futureSnapshot),
        Case(
            "L04: a snapshot whose states were forgotten is refused; the current one and those unharmed are not",
            forgottenSnapshot),
        Case("snapshots survive opening the store again", snapshotsSurviveReopening),
    ]

    private static func emptyLists(_ subject: StoreUnderTest) async throws {
        let store = subject.store
        let created = try await store.create(SampleObject("shop", "p1").draft)
        for query in [
            ObjectQuery(resource: "captures"), ObjectQuery(resource: "profiles", namespace: "@fake:svm_ns!", limit: 1),
            ObjectQuery(resource: "profiles", namespace: ""), ObjectQuery(resource: "profiles", after: created.key),
        ] {
            let page = try await store.page(query)
            try expectEqual(page.items, [])
            try expectEqual(page.snapshot, created.resourceVersion)
            try expectEqual(page.more, false)
            try expectEqual(page.remaining, 0)
        }
    }

    private static func order(_ subject: StoreUnderTest) async throws {
        let store = subject.store
        let keys = [
            ("a", "z"), ("a-b", "a"), ("a.b", "a"), ("ab", "B"), ("ab", "a"), ("ab", "a-1"), ("ab", "a1"),
            ("b", "é"), ("b", "ｅ"), ("b", "😀"),
        ]
        for (namespace, name) in keys.reversed() { _ = try await store.create(SampleObject(namespace, name).draft) }
        let seen = try await store.page(ObjectQuery(resource: "profiles")).items.map {
            [$0.key.namespace, $0.key.name]
        }
        try expectEqual(seen, keys.map { [$0.0, $0.1] })
        let paged = try await store.all(ObjectQuery(resource: "profiles", limit: 1))
        try expectEqual(paged.items.map { [$0.key.namespace, $0.key.name] }, seen)
        try expectEqual(paged.pages, keys.count)
    }

    private static func partsOfObjects(_ subject: StoreUnderTest) async throws {
        let store = subject.store
        for index in 0..<6 {
            let sample = SampleObject("a", "p\(index)").with { $0.labels = ["odd": "\(index % 2)"] }
            _ = try await store.create(sample.draft)
        }
        for selector in [LabelSelector.everything, try LabelSelector(parsing: "odd=1")] {
            let whole = try await store.page(ObjectQuery(resource: "profiles", labelSelector: selector)).items
            for parts in [EncodedObject.Parts.all, .json, .cells, []] {
                let query = ObjectQuery(resource: "profiles", labelSelector: selector, parts: parts)
                let items = try await store.page(query).items
                try expectEqual(items.map(\.key), whole.map(\.key))
                try expectEqual(items.map(\.resourceVersion), whole.map(\.resourceVersion))
                try expectEqual(
                    items.map { Array($0.object.metadataJSON) }, whole.map { Array($0.object.metadataJSON) })
                if parts.contains(.json) { try expectEqual(items.map(\.object.json), whole.map(\.object.json)) }
                if parts.contains(.cells) { try expectEqual(items.map(\.object.cells), whole.map(\.object.cells)) }
            }
        }
    }

    private static func remainingCounts(_ subject: StoreUnderTest) async throws {
        let store = subject.store
        for index in 0..<25 {
            _ = try await store.create(SampleObject(index % 5 == 0 ? "b" : "a", "p\(100 + index)").draft)
        }
        for (namespace, total) in [(nil, 25), ("a", 20), ("b", 5)] as [(String?, Int)] {
            for isRemembered in [true, false] {
                var query = ObjectQuery(resource: "profiles", namespace: namespace, limit: 3)
                var seen = 0
                while true {
                    let page = try await store.page(query)
                    seen += page.items.count
                    try expectEqual(page.remaining, total - seen, "after \(seen) of \(total):")
                    try expectEqual(page.more, seen < total)
                    guard page.more else { break }
                    query.after = page.items.last?.key
                    query.snapshot = page.snapshot
                    query.remainingBefore = isRemembered ? page.remaining : nil
                    // Changes behind the list's back don't count.
                    _ = try await store.create(SampleObject("a", "zz-\(namespace ?? "")-\(isRemembered)-\(seen)").draft)
                    _ = try await store.delete(
                        "profiles", ObjectKey(namespace: "a", name: "zz-\(namespace ?? "")-\(isRemembered)-\(seen)"))
                }
            }
        }
        let selected = try await store.page(
            ObjectQuery(resource: "profiles", labelSelector: try LabelSelector(parsing: "!x"), limit: 3))
        try expectEqual(selected.remaining, nil)
        try expectEqual(selected.more, true)
    }

    private static func everyQueryFindsWhatBruteForceFinds(_ subject: StoreUnderTest) async throws {
        try await compareQueries(subject.store, seed: 1, writes: 400, queries: 150)
    }

    private static func pagesKeepTheirSnapshot(_ subject: StoreUnderTest) async throws {
        let store = subject.store
        var random = SeededRandom(seed: 2)
        var model = StoreModel()
        for index in 0..<200 { try await write(SampleObject("n\(index % 3)", "p\(1000 + index)"), store, &model) }
        var query = ObjectQuery(resource: "profiles", limit: 7)
        let expected = model.answer(query, at: store.currentVersion)
        var items: [StoredObject] = []
        repeat {
            let page = try await store.page(query)
            items += page.items
            query.snapshot = page.snapshot
            query.after = page.more ? page.items.last?.key : nil
            for _ in 0..<10 { try await mutate(store, &model, &random) }
        } while query.after != nil
        try expectEqual(items.map(\.key), expected.map(\.key))
        try expectEqual(items, expected)
    }

    private static func keptStatesReadAgain(_ subject: StoreUnderTest) async throws {
        try await compareSnapshots(subject.store, seed: 3)
    }

    private static func futureSnapshot(_ subject: StoreUnderTest) async throws {
        let future = ResourceVersion(subject.store.currentVersion.rawValue + 5)
        try await expectError(.futureVersion) {
            _ = try await subject.store.page(ObjectQuery(resource: "profiles", snapshot: future))
        }
    }

    private static func forgottenSnapshot(_ subject: StoreUnderTest) async throws {
        let store = subject.store
        let first = try await store.create(SampleObject("shop", "p1").draft)
        let second = try await store.create(SampleObject("shop", "p2").draft)
        _ = try await store.delete("profiles", first.key)
        let after = try await store.create(SampleObject("shop", "p3").draft)
        try await subject.forgetHistory()
        try await expectError(.snapshotExpired) {
            _ = try await store.page(ObjectQuery(resource: "profiles", snapshot: second.resourceVersion))
        }
        let kept = try await store.page(ObjectQuery(resource: "profiles", snapshot: after.resourceVersion))
        try expectEqual(kept.items, [second, after])
    }

    private static func snapshotsSurviveReopening(_ subject: StoreUnderTest) async throws {
        let first = try await subject.store.create(SampleObject("shop", "p1").draft)
        _ = try await subject.store.delete("profiles", first.key)
        let store = try await subject.reopen()
        let page = try await store.page(ObjectQuery(resource: "profiles", snapshot: first.resourceVersion))
        try expectEqual(page.items, [first])
    }

    // MARK: random objects, queries and changes

    private static let namespaces = ["a", "b", "b-c", "prod"]

    private static func randomObject(_ random: inout SeededRandom) -> SampleObject {
        let name = "p\(Int.random(in: 0..<120, using: &random))"
        return SampleObject(namespaces.randomElement(using: &random) ?? "a", name).with { object in
            object.uid = "uid-\(random.next())"
            object.counter = Int.random(in: 0..<9, using: &random)
            for key in ["app", "tier", "profefe.io/type"] where Bool.random(using: &random) {
                object.labels[key] = ["x", "y", "", "5", "web-1"].randomElement(using: &random)
            }
            if Int.random(in: 0..<10, using: &random) < 8 {
                let time = [
                    "9", "17", "0", "-4", "abc", "9223372036854775807", "\(Int.random(in: 0..<60, using: &random))",
                ]
                object.labels["profefe.io/created-at"] = time.randomElement(using: &random)
            }
            for field in ["spec.service", "spec.type"] where Bool.random(using: &random) {
                object.fields[field] = ["front", "back", ""].randomElement(using: &random)
            }
        }
    }

    private static func randomQuery(_ random: inout SeededRandom) throws -> ObjectQuery {
        let labels = [
            "", "", "app=x", "app=", "app", "!app", "app!=x", "app in (x,y,none)", "tier notin (x)", "app=x,tier=y",
            "profefe.io/type=5", "app>3", "tier<6", "app=none", "app in (x),app in (x,y)", "app=x,app=y",
            "profefe.io/created-at>10", "profefe.io/created-at<18", "profefe.io/created-at>5,profefe.io/created-at<30",
            "profefe.io/created-at>16,app=x", "profefe.io/created-at<20,tier in (x,y)", "profefe.io/created-at=17",
            "profefe.io/created-at>9223372036854775806", "!profefe.io/created-at", "profefe.io/created-at>30,app,!tier",
        ]
        let fields = [
            "", "", "", "spec.service=front", "spec.service=", "spec.service!=front",
            "spec.type=back,spec.service=front",
            "metadata.name=p7", "metadata.namespace=b", "metadata.name!=p7", "metadata.namespace=b,metadata.name=p3",
            "metadata.namespace!=b", "spec.other=", "spec.other=x", "metadata.name=p1,metadata.name=p2",
        ]
        var query = ObjectQuery(
            resource: "profiles",
            namespace: Bool.random(using: &random) ? namespaces.randomElement(using: &random) : nil,
            labelSelector: try LabelSelector(parsing: labels.randomElement(using: &random) ?? ""),
            fieldSelector: try FieldSelector(parsing: fields.randomElement(using: &random) ?? ""),
            limit: [0, 1, 3, 10, 500].randomElement(using: &random) ?? 0)
        if Int.random(in: 0..<4, using: &random) == 0 { query.after = randomObject(&random).key }
        return query
    }

    private static func write(_ object: SampleObject, _ store: any ObjectStore, _ model: inout StoreModel) async throws
    {
        do throws(StoreError) {
            model.write(object, at: try await store.create(object.draft).resourceVersion)
        } catch  where error.code == .alreadyExists {
            let changed = try await store.update("profiles", object.key) { _ in .replace(object.draft) }
            model.write(object, at: try require(changed, "an object that is said to exist").resourceVersion)
        }
    }

    private static func mutate(
        _ store: any ObjectStore, _ model: inout StoreModel, _ random: inout SeededRandom
    ) async throws {
        if Int.random(in: 0..<3, using: &random) == 0, let victim = model.present.randomElement(using: &random) {
            let deleted = try require(try await store.delete("profiles", victim.key), "an object to delete")
            model.end("profiles", victim.key, at: deleted.resourceVersion)
        } else {
            try await write(randomObject(&random), store, &model)
        }
    }

    private static func compareQueries(
        _ store: any ObjectStore, seed: UInt64, writes: Int, queries: Int
    ) async throws {
        var random = SeededRandom(seed: seed)
        var model = StoreModel()
        for _ in 0..<writes { try await mutate(store, &model, &random) }
        for _ in 0..<queries { try await compare(try randomQuery(&random), store, model, at: store.currentVersion) }
    }

    private static func compareSnapshots(_ store: any ObjectStore, seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        var model = StoreModel()
        let start = store.currentVersion.rawValue
        for _ in 0..<300 { try await mutate(store, &model, &random) }
        for _ in 0..<150 {
            var query = try randomQuery(&random)
            let version = ResourceVersion(UInt64.random(in: start...store.currentVersion.rawValue, using: &random))
            query.snapshot = version
            try await compare(query, store, model, at: version)
        }
    }

    private static func compare(
        _ query: ObjectQuery, _ store: any ObjectStore, _ model: StoreModel, at version: ResourceVersion
    ) async throws {
        let what =
            "-l '\(query.labelSelector)' --field-selector '\(query.fieldSelector)' -n \(query.namespace ?? "*")"
            + " after \(query.after?.description ?? "-") at \(version)"
        let expected = model.answer(query, at: version)
        let (items, snapshot, _) = try await store.all(query)
        try expectEqual(items.map(\.key), expected.map(\.key), what)
        try expectEqual(items, expected, what)
        try expectEqual(snapshot, version, what)
    }
}
