public import APIMachinery

/// All profiles of a service, a type and a time, whatever the collector's storage does with a limit.
///
/// A full answer is the newest part of what there is (badger) or the oldest (S3, GCS), and nobody says which: so both sides of it are
/// asked for again, of which one costs a question that finds nothing new. A second that has more profiles than an answer is asked for
/// alone, with a greater limit.
public struct CollectorSearch: Sendable {
    private struct Part {
        var from: Timestamp
        var to: Timestamp
        var limit: Int
        /// A limit whose answer was too large.
        var ceiling = Int.max
    }

    /// Searches are made by this.
    public let client: CollectorClient
    /// Profiles of one answer, at most. Default 1000, some 300 KB.
    public var pageLimit: Int
    /// Profiles of one second, at most; more are an error, since the collector can't be asked for a part of them.
    public var secondLimit = 1 << 17

    /// A search by `client`.
    public init(_ client: CollectorClient, pageLimit: Int = 1000) {
        self.client = client
        self.pageLimit = max(2, pageLimit)
    }

    /// Calls `body` with the profiles, some at a time, newest or oldest first; one that is at the edge of an answer may come twice.
    ///
    /// When it returns, everything that the collector had in that range before the call was given to `body`.
    ///
    /// - Returns: how many questions it took.
    @discardableResult
    public func forEach(
        _ service: String, _ type: CollectorType, from: Timestamp = CollectorQuery.earliest,
        to: Timestamp = CollectorQuery.latest, _ body: ([CollectorProfile]) async throws -> Void
    ) async throws -> Int {
        var parts = from <= to ? [Part(from: from, to: to, limit: pageLimit)] : []
        var questions = 0
        while let part = parts.popLast() {
            try Task.checkCancellation()
            questions += 1
            let query = CollectorQuery(service: service, type: type, from: part.from, to: part.to, limit: part.limit)
            let found: [CollectorProfile]
            do throws(CollectorError) {
                found = try await client.find(query)
            } catch {
                guard error.code == .tooLarge, part.limit > 1 else { throw error }
                parts.append(Part(from: part.from, to: part.to, limit: max(1, part.limit / 8), ceiling: part.limit))
                continue
            }
            if !found.isEmpty { try await body(found) }
            if found.count >= part.limit { parts += try remainder(of: part, found) }
        }
        return questions
    }

    /// What a full answer leaves to be asked for, the newest last.
    private func remainder(of part: Part, _ found: [CollectorProfile]) throws(CollectorError) -> [Part] {
        let seconds = found.map(\.createdAt.wholeSeconds)
        guard let first = seconds.min(), let last = seconds.max() else { return [] }
        guard first == last else {
            var (older, newer) = (part, part)
            older.to = min(part.to, Self.end(of: first))
            newer.from = max(part.from, last)
            return [older, newer]
        }
        // All of one second: that alone, with a greater limit, and what is on both sides of it.
        let limit = part.limit.multipliedReportingOverflow(by: 8)
        guard !limit.overflow, limit.partialValue <= secondLimit, limit.partialValue < part.ceiling else {
            throw CollectorError(
                .tooLarge,
                "more than \(part.limit) profiles were taken in the second \(first), which can't be asked for in parts")
        }
        var (older, second, newer) = (part, part, part)
        second.from = max(part.from, first)
        second.to = min(part.to, Self.end(of: first))
        second.limit = limit.partialValue
        older.to = first.adding(.nanoseconds(-1))
        newer.from = Self.end(of: first).adding(.nanoseconds(1))
        return [older, second, newer].filter { $0.from <= $0.to }
    }

    /// The last moment of the second.
    private static func end(of second: Timestamp) -> Timestamp { second.adding(.nanoseconds(999_999_999)) }
}
