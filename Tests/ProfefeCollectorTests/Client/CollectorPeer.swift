import APIMachinery
import HTTPTransport
import NIOCore
import NIOPosix
import ProfefeCollector
import TestSupport
import Testing

/// A collector to test with: the fake one with either storage, and the real one where there is one.
enum CollectorPeer: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case fakeBadger, fakeS3, profefe

    var testDescription: String { rawValue }

    /// Those that can be run here.
    static let present = allCases.filter { $0 != .profefe || RealCollector.isPresent }

    /// Starts one, gives its client to `body`, and ends both.
    func with<R>(
        _ limits: CollectorClient.Limits = CollectorClient.Limits(), _ body: (CollectorClient) async throws -> R
    ) async throws -> R {
        switch self {
        case .fakeBadger: try await FakeCollector.with(.badger) { try await Self.client($0.url, limits, body) }
        case .fakeS3: try await FakeCollector.with(.s3) { try await Self.client($0.url, limits, body) }
        case .profefe: try await RealCollector.with { try await Self.client($0.url, limits, body) }
        }
    }

    /// Makes a client of a collector, and closes it at the end.
    static func client<R>(
        _ url: String, _ limits: CollectorClient.Limits = CollectorClient.Limits(),
        tls: ClientTLSConfiguration = ClientTLSConfiguration(), _ body: (CollectorClient) async throws -> R
    ) async throws -> R {
        let client = CollectorClient(
            try #require(CollectorAddress(url: url)), tls: tls, limits: limits,
            group: MultiThreadedEventLoopGroup.singleton)
        return try await using(client, endedBy: { await $0.shutdown() }, body)
    }
}

extension CollectorClient {
    /// Sends a profile that doesn't say its time.
    func send(
        _ service: String, _ type: CollectorType = .other, _ labels: [CollectorLabels.Label] = [], at second: Int64,
        _ bytes: [UInt8] = sample
    ) async throws(CollectorError) -> CollectorProfile {
        try await create(
            ByteBuffer(bytes: bytes), service: service, type: type, labels: CollectorLabels(labels),
            createdAt: Timestamp(seconds: second))
    }
}

/// A profile without a time of its own.
let sample = FakeCollector.untimedProfile

/// The code of what `body` throws; nil if nothing.
func failure(_ body: () async throws -> Void) async -> CollectorError.Code? {
    do {
        try await body()
        return nil
    } catch let error as CollectorError {
        return error.code
    } catch {
        Issue.record("an error of another kind: \(error)")
        return nil
    }
}
