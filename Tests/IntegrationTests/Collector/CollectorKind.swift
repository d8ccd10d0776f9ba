import Foundation
import TestSupport
import Testing

/// A collector beside the server: the fake one with either storage, and profefe itself where there is a build of it.
enum CollectorKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case fakeBadger, fakeS3, profefe

    var testDescription: String { rawValue }

    /// Those that can be run here.
    static let present = allCases.filter { $0 != .profefe || RealCollector.isPresent }

    /// A running one.
    struct Running: Sendable {
        let url: String
        let kill: @Sendable () async -> Void
        let restart: @Sendable () async throws -> Void

        /// Sends a profile as an agent does; its id.
        @discardableResult
        func send(_ service: String, _ type: String, labels: String, _ file: URL) async throws -> String {
            let answer = try await Tool.curl.run([
                "-sS", "--data-binary", "@\(file.path)",
                "\(url)/api/0/profiles?service=\(service)&type=\(type)&labels=\(labels)",
            ])
            guard let id = JSON(answer.out)["body"]["id"].string else { throw Trouble("POST answered \(answer.text)") }
            return id
        }

        /// The ids of a service's profiles of a type.
        func ids(_ service: String, _ type: String) async throws -> Set<String> {
            let answer = try await Tool.curl.run([
                "-sS",
                "\(url)/api/0/profiles?service=\(service)&type=\(type)&from=1970-01-01T00:00:00&to=2200-01-01T00:00:00&limit=10000",
            ])
            return Set(JSON(answer.out)["body"].array.compactMap { $0["id"].string })
        }
    }

    /// Starts one, gives it to `body`, and ends it.
    func with<R>(_ body: (Running) async throws -> R) async throws -> R {
        switch self {
        case .profefe:
            return try await RealCollector.with { collector in
                try await body(
                    Running(
                        url: collector.url, kill: { await collector.kill() },
                        restart: { try await collector.restart() }))
            }
        case .fakeBadger, .fakeS3:
            return try await FakeCollector.with(self == .fakeS3 ? .s3 : .badger) { collector in
                try await body(
                    Running(
                        url: collector.url, kill: { await collector.stop() },
                        restart: { try await collector.restart() }))
            }
        }
    }
}
