internal import APIMachinery
internal import NIOCore
internal import ProfefeCollector
internal import ProfileStore

/// Keeps the bytes of profiles somewhere else than beside their objects.
protocol ProfileArchive: Sendable {
    /// Keeps a profile; returns when it is kept, with the record under the name that it got there, and without the bytes.
    func keep(_ record: ProfileRecord) async throws(StoreError) -> ProfileRecord
}

/// Sends profiles to a collector, which gives them their names.
struct CollectorArchive: ProfileArchive {
    let client: CollectorClient
    let mapping: CollectorMapping
    let metrics: CollectorMetrics?

    func keep(_ record: ProfileRecord) async throws(StoreError) -> ProfileRecord {
        let origin = record.origin
        let kept: CollectorProfile
        do throws(CollectorError) {
            kept = try await client.create(
                ByteBuffer(bytes: record.bytes ?? []), service: origin.service,
                type: origin.type.collectorType, labels: mapping.labels(of: origin),
                createdAt: record.createdAt)
            metrics?.wrote("ok")
        } catch {
            metrics?.wrote("\(error.code)")
            throw CollectorFailure.storeError(error, "the collector can't keep the profile")
        }
        guard let id = CollectorID(kept.id) else {
            throw StoreError(
                .sourceUnavailable, "the collector named the profile \"\(kept.id.prefix(100))\", which is no id")
        }
        // As the mirror shows it, and what only the way in knows.
        var named = origin
        named.metadata.name = id.xid
        named.labels = kept.labels.labels.map { ($0.key, $0.value) }
        return ProfileRecord(
            named, id: kept.id, createdAt: record.createdAt, content: record.content, bytes: nil,
            readable: CollectorMapping.readable(id) ?? .read)
    }
}
