public import ProfileStore

/// What every `ObjectStore` must do, as a list of cases that need nothing but a fresh store.
///
/// A test target runs them with its own store:
/// ```swift
/// @Test(arguments: ObjectStoreConformance.cases)
/// func keepsTheContract(_ check: ObjectStoreConformance.Case) async throws {
///     try await check.run { … a new, empty StoreUnderTest … }
/// }
/// ```
/// A case that fails throws a `ConformanceFailure` that says what was expected and what was seen.
public enum ObjectStoreConformance {
    /// Makes a store with nothing in it. Each case calls it once.
    public typealias Factory = @Sendable () async throws -> StoreUnderTest

    /// One requirement.
    public struct Case: Sendable, CustomStringConvertible {
        /// What is required, as a sentence.
        public let description: String
        private let body: @Sendable (StoreUnderTest) async throws -> Void

        init(_ description: String, _ body: @escaping @Sendable (StoreUnderTest) async throws -> Void) {
            self.description = description
            self.body = body
        }

        /// Runs the case on a new store.
        public func run(_ factory: Factory) async throws {
            let subject = try await factory()
            do {
                try await body(subject)
            } catch {
                await subject.tearDown()
                throw error
            }
            await subject.tearDown()
        }
    }

    /// All requirements.
    public static let cases: [Case] = writes + deletions + pages + snapshots + timelines + watches + stories

    /// Random lives, each told by its seed.
    public static let stories = (1...6).map { (seed: UInt64) in
        Case("W01 W12 L02: followers, lists and the store agree through a random life (seed \(seed))") { subject in
            var story = StoreStory(subject, seed: seed)
            try await story.run(steps: 500)
            try expect(story.counts.replayed > 10, "hardly a watch was resumed: \(story.counts)")
            try expect(story.counts.pages > 10, "hardly a page was read: \(story.counts)")
        }
    }
}

/// A store under test with what a case may have to do to it beyond its protocol.
public struct StoreUnderTest: Sendable {
    /// The store, empty at first.
    public var store: any ObjectStore
    /// Ends the store and opens what it left on disk.
    public var reopen: @Sendable () async throws -> any ObjectStore
    /// Makes the store forget all states that have ended, as if they were long ago.
    public var forgetHistory: @Sendable () async throws -> Void
    /// Ends the store and removes what it left.
    public var tearDown: @Sendable () async -> Void

    /// A subject of its parts.
    public init(
        store: any ObjectStore, reopen: @escaping @Sendable () async throws -> any ObjectStore,
        forgetHistory: @escaping @Sendable () async throws -> Void, tearDown: @escaping @Sendable () async -> Void
    ) {
        self.store = store
        self.reopen = reopen
        self.forgetHistory = forgetHistory
        self.tearDown = tearDown
    }
}

/// What a conformance case found wrong.
public struct ConformanceFailure: Error, CustomStringConvertible {
    /// Expected and seen, with the place.
    public let description: String
}

/// Fails the case unless the two are equal.
func expectEqual<Value: Equatable>(
    _ seen: Value, _ expected: Value, _ what: String = "", file: String = #fileID, line: Int = #line
) throws {
    guard seen != expected else { return }
    throw ConformanceFailure(description: "\(file):\(line): \(what) expected \(expected), seen \(seen)")
}

/// Fails the case unless the condition holds.
func expect(_ condition: Bool, _ what: String, file: String = #fileID, line: Int = #line) throws {
    guard !condition else { return }
    throw ConformanceFailure(description: "\(file):\(line): \(what)")
}

/// The value, or a failure of the case.
func require<Value>(_ value: Value?, _ what: String, file: String = #fileID, line: Int = #line) throws -> Value {
    if let value { return value }
    throw ConformanceFailure(description: "\(file):\(line): \(what) is missing")
}

/// Fails the case unless the body throws a store error of that code.
func expectError(
    _ code: StoreError.Code, file: String = #fileID, line: Int = #line, _ body: () async throws -> Void
) async throws {
    do {
        try await body()
    } catch let error as StoreError where error.code == code {
        return
    } catch {
        throw ConformanceFailure(description: "\(file):\(line): expected error \(code), seen \(error)")
    }
    throw ConformanceFailure(description: "\(file):\(line): expected error \(code), seen none")
}
