import APIMachinery
import Foundation
import TestSupport
import Testing

@testable import ProfileStore

/// Pages of a large list are what a filter over all objects gives: selectors by label and field, ranges of time, namespaces, any
/// beginning, some objects changed and gone meanwhile.
struct ManyObjectsTests {
    private static let count = 100_000

    /// What selectors see of an object.
    private struct Row {
        var batch: Int
        /// None of every fifth.
        var app: Int?
        /// None of every eleventh.
        var time: Int?
        let service: Int
        var isThere = true

        init(_ number: Int) {
            batch = number * 31 % 50
            app = number % 5 == 0 ? nil : number * 7 % 13 % 3
            time = number % 11 == 0 ? nil : number * 7919 % 100_003
            service = number % 400
        }
    }

    private static let namespaces = ["a", "b", "b-c", "prod"]
    private static func namespace(_ number: Int) -> Int { number * namespaces.count / count }
    /// Keys have the order of the numbers.
    private static func key(_ number: Int) -> ObjectKey {
        ObjectKey(namespace: namespaces[namespace(number)], name: "p\(1_000_000 + number)")
    }

    private static func draft(_ number: Int, _ row: Row) -> ObjectDraft {
        var labels: Labels = ["batch": "\(row.batch)"]
        if let app = row.app { labels["app"] = "app-\(app)" }
        if let time = row.time { labels["profefe.io/created-at"] = "\(time)" }
        return ObjectDraft(
            resource: "things", key: key(number), uid: "u", labels: labels, fields: ["spec.service": "s\(row.service)"],
            createdAt: 0
        ) { EncodedObject(json: [0x7B, 0x7D], metadata: 0..<2, cells: [], createdAt: 0, resourceVersion: $0) }
    }

    private static func fill(_ store: EmbeddedStore) async throws -> [Row] {
        let rows = (0..<count).map(Row.init)
        for start in stride(from: 0, to: count, by: 4000) {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for number in start..<min(count, start + 4000) {
                    tasks.addTask { _ = try await store.create(draft(number, rows[number])) }
                }
                try await tasks.waitForAll()
            }
        }
        return rows
    }

    /// Some objects get other labels, some go.
    private static func change(_ rows: inout [Row], _ store: EmbeddedStore, _ random: inout SeededRandom) async throws {
        for turn in 0..<600 {
            let number = Int.random(in: 0..<count, using: &random)
            guard rows[number].isThere else { continue }
            if turn % 2 == 0 {
                rows[number].isThere = false
                _ = try await store.delete("things", key(number))
            } else {
                rows[number].app = Int.random(in: 0..<3, using: &random)
                rows[number].time = Int.random(in: 0..<100_003, using: &random)
                let draft = draft(number, rows[number])
                _ = try await store.update("things", key(number)) { _ in .replace(draft) }
            }
        }
    }

    /// A query, and the same as a filter.
    private struct Question {
        var query: ObjectQuery
        let text: String
        let start: Int
        let namespace: Int?
        let filters: [@Sendable (Row) -> Bool]

        func matches(_ number: Int, _ row: Row) -> Bool {
            row.isThere && namespace.map { $0 == ManyObjectsTests.namespace(number) } ?? true
                && filters.allSatisfy { $0(row) }
        }
    }

    private static func requirement(_ random: inout SeededRandom) -> (String, @Sendable (Row) -> Bool) {
        let app = Int.random(in: 0..<3, using: &random)
        let batch = Int.random(in: 0..<50, using: &random)
        let low = Int.random(in: 0..<100_003, using: &random)
        let high = low + ([3, 500, 20_000].randomElement(using: &random) ?? 3)
        return switch Int.random(in: 0..<9, using: &random) {
        case 0: ("app=app-\(app)", { $0.app == app })
        case 1: ("app!=app-\(app)", { $0.app != app })
        case 2: ("app in (app-\(app),app-1)", { $0.app == app || $0.app == 1 })
        case 3: ("app notin (app-\(app))", { $0.app != app })
        case 4: ("!app", { $0.app == nil })
        case 5: ("batch in (\(batch),7,49)", { [batch, 7, 49].contains($0.batch) })
        case 6: ("batch=\(batch)", { $0.batch == batch })
        case 7: ("profefe.io/created-at<\(high)", { $0.time.map { $0 < high } ?? false })
        default:
            (
                "profefe.io/created-at>\(low),profefe.io/created-at<\(high)",
                { $0.time.map { low < $0 && $0 < high } ?? false }
            )
        }
    }

    private static func question(_ random: inout SeededRandom) throws -> Question {
        var selector: [String] = []
        var filters: [@Sendable (Row) -> Bool] = []
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let (text, filter) = requirement(&random)
            selector.append(text)
            filters.append(filter)
        }
        let namespace = Bool.random(using: &random) ? Int.random(in: 0..<4, using: &random) : nil
        let start = Bool.random(using: &random) ? 0 : Int.random(in: 0..<count, using: &random)
        var query = ObjectQuery(
            resource: "things", namespace: namespace.map { namespaces[$0] },
            labelSelector: try LabelSelector(parsing: selector.joined(separator: ",")),
            after: start == 0 ? nil : key(start - 1), limit: [1, 40, 500].randomElement(using: &random) ?? 1, parts: [])
        if Int.random(in: 0..<4, using: &random) == 0 {
            let service = Int.random(in: 0..<400, using: &random)
            query.fieldSelector = try FieldSelector(parsing: "spec.service=s\(service)")
            filters.append { $0.service == service }
        }
        let text = "-l '\(selector.joined(separator: ","))' --field-selector '\(query.fieldSelector)'"
        return Question(query: query, text: text, start: start, namespace: namespace, filters: filters)
    }

    /// Reads up to three pages.
    private static func check(_ question: Question, _ rows: [Row], _ store: EmbeddedStore) async throws -> Int {
        var query = question.query
        var next = question.start
        for page in 0..<3 {
            var expected: [String] = []
            while next < count, expected.count <= query.limit {
                if question.matches(next, rows[next]) { expected.append(key(next).name) }
                next += 1
            }
            let answer = try await store.page(query)
            let names = answer.items.map(\.key.name)
            let what: Comment = "page \(page) of \(question.text) from \(question.start), limit \(query.limit)"
            try #require(names == Array(expected.prefix(query.limit)), what)
            try #require(answer.more == (expected.count > query.limit), what)
            guard answer.more else { return page + 1 }
            // The one that showed there is more is the next page's first.
            next -= 1
            query.after = answer.items.last?.key
            query.snapshot = answer.snapshot
            query.remainingBefore = answer.remaining
        }
        return 3
    }

    @Test(.timeLimit(.minutes(10))) func l06L07PagesByLabelFieldAndTimeAreWhatBruteForceFinds() async throws {
        let subject = try StoreUnderTest.embedded()
        let store = try #require(subject.store as? EmbeddedStore)
        var random = SeededRandom(seed: 4)
        var rows = try await Self.fill(store)
        try await Self.change(&rows, store, &random)
        var pages = 0
        for _ in 0..<120 { pages += try await Self.check(try Self.question(&random), rows, store) }
        #expect(pages > 200)
        await subject.tearDown()
    }
}
