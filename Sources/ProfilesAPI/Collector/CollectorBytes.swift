internal import APIMachinery
internal import APIServer
internal import HTTPTransport
internal import NIOConcurrencyHelpers
internal import Pprof
internal import ProfefeCollector
internal import ProfileStore

/// The bytes of mirrored profiles: read from the collector when somebody wants them, checked, and kept while there is room.
///
/// Those who want the same profile at once share one read. The first read of a profile fills in its status.
final class CollectorBytes: Sendable {
    private let client: CollectorClient
    private let store: any ObjectStore
    private let decoder: ProfileDecoder
    private let metrics: CollectorMetrics?
    private let cache: NIOLockedValueBox<ByteCache<[UInt8]>>
    private let reads = CoalescedCalls<ObjectKey, [UInt8]?>()

    init(_ configuration: CollectorConfiguration, store: any ObjectStore, decoder: ProfileDecoder) {
        client = configuration.client
        metrics = configuration.metrics
        self.store = store
        self.decoder = decoder
        cache = NIOLockedValueBox(ByteCache(limit: configuration.cacheBytes))
    }

    /// The memory of what is kept.
    var cachedBytes: Int { cache.withLockedValue { $0.bytes } }

    /// The bytes of a mirrored profile; nil if the collector says that it has none.
    ///
    /// - Throws: `.sourceUnavailable` if it can't be had now, or isn't what it was; `.refusedBySource` if it can never be had.
    func bytes(of profile: StoredObject) async throws(StoreError) -> [UInt8]? {
        if let bytes = cache.withLockedValue({ $0.get(profile.key) }) {
            metrics?.read("cached")
            return bytes
        }
        do {
            return try await reads.value(of: profile.key) { try await self.read(profile) }
        } catch let error as StoreError {
            throw error
        } catch {
            throw StoreError(.unavailable, "the read of profile \(profile.key.name) was given up", cause: error)
        }
    }

    private func read(_ profile: StoredObject) async throws(StoreError) -> [UInt8]? {
        guard let id = ProfileRecord(profile).flatMap({ CollectorID($0.id) }) else {
            throw StoreError(.corrupt, "profile \(profile.key) has no id that a collector could be asked for")
        }
        let start = ContinuousClock.now
        let bytes: [UInt8]
        do throws(CollectorError) {
            bytes = try await client.profile(id)
            metrics?.read(in: ContinuousClock.now - start, "ok")
        } catch {
            metrics?.read(in: ContinuousClock.now - start, "\(error.code)")
            if error.code == .notFound { return nil }
            throw CollectorFailure.storeError(error, "profile \(profile.key.name) can't be read from the collector now")
        }
        let content = try await check(bytes, of: profile)
        cache.withLockedValue { $0.put(profile.key, bytes) }
        if profile.fields[ProfileRecord.digestField] == nil { await fill(profile.key, content) }
        return bytes
    }

    /// That they are the bytes that were read the first time; that time, that they are a profile.
    private func check(_ bytes: [UInt8], of profile: StoredObject) async throws(StoreError) -> ProfileContent {
        let type = profile.fields["spec.type"].flatMap(ProfileType.init) ?? .other
        let name = profile.key.name
        let content: ProfileContent
        do throws(ProfileFault) {
            content = try await offEventLoop { [decoder] () throws(ProfileFault) in
                try CheckedProfile.check(bytes, type, decoder).content
            }
        } catch {
            metrics?.read("broken")
            throw StoreError(
                .sourceUnavailable, "what the collector gives for profile \(name) is no profile: \(error)", cause: error
            )
        }
        if let before = profile.fields[ProfileRecord.digestField], before != content.sha256 {
            metrics?.read("changed")
            throw StoreError(
                .sourceUnavailable,
                "what the collector gives for profile \(name) is not what it gave before: its sha256 is \(content.sha256), it was \(before)"
            )
        }
        return content
    }

    /// Writes into the object what its bytes say. That it can't be written now is no reason to keep the bytes back.
    private func fill(_ key: ObjectKey, _ content: ProfileContent) async {
        _ = try? await store.update(ProfilesGroup.profiles, key) { stored throws(StoreError) in
            guard stored.fields[ProfileRecord.digestField] == nil, let record = ProfileRecord(stored) else {
                return .unchanged
            }
            return .replace(record.with(content).draft)
        }
    }

    /// Forgets the bytes of a profile that is gone.
    func forget(_ key: ObjectKey) { cache.withLockedValue { $0.remove(key) } }
}
