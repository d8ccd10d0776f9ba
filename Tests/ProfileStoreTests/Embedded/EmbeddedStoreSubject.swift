import Logging
import NIOConcurrencyHelpers
import ProfileStore
import TestSupport

@testable import ProfileStore

extension Logger {
    /// Says nothing.
    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}

extension EmbeddedStoreConfiguration {
    /// Settings under which nothing happens by itself: upkeep runs when a test says so.
    static func still(_ directory: String, clock: @escaping @Sendable () -> Int64 = { 1_000_000 }) -> Self {
        var configuration = EmbeddedStoreConfiguration(directory: directory, clock: clock)
        configuration.upkeepInterval = .seconds(86_400)
        configuration.eventRest = .milliseconds(1)
        return configuration
    }
}

extension StoreUnderTest {
    /// An embedded store in a new directory, with a clock that only moves when history is to be forgotten.
    static func embedded(
        _ change: (inout EmbeddedStoreConfiguration) -> Void = { _ in }
    ) throws -> StoreUnderTest {
        let directory = try TemporaryDirectory("store")
        let time = NIOLockedValueBox<Int64>(1_000_000)
        var changed = EmbeddedStoreConfiguration.still(directory.path) { time.withLockedValue { $0 } }
        change(&changed)
        let configuration = changed
        let current = NIOLockedValueBox(try EmbeddedStore(configuration: configuration, logger: .silent))
        return StoreUnderTest(
            store: current.withLockedValue { $0 },
            reopen: {
                await current.withLockedValue { $0 }.close()
                let next = try EmbeddedStore(configuration: configuration, logger: .silent)
                current.withLockedValue { $0 = next }
                return next
            },
            forgetHistory: {
                time.withLockedValue { $0 += configuration.historySeconds + 1 }
                await current.withLockedValue { $0 }.runUpkeep()
            },
            tearDown: {
                await current.withLockedValue { $0 }.close()
                withExtendedLifetime(directory) {}
            })
    }
}
