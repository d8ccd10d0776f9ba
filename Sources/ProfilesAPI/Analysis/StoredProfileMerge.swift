internal import APIMachinery
internal import APIServer
internal import HTTPTransport
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import Pprof
internal import ProfileStore

/// Merges stored profiles, one in memory at a time, the next one being read meanwhile.
struct StoredProfileMerge: Sendable {
    let store: any ObjectStore
    let decoder: ProfileDecoder
    let limits: AnalysisLimits

    /// The sum of the chosen profiles, and how many it has; fewer than chosen if the request's time is nearly over.
    ///
    /// - Throws: 404 without any; 400 if they can't be merged; 413 for one that is too large; 504 in a strict request.
    func merge(
        _ choice: MatchingProfiles.Choice, _ range: ProfileRange, _ request: AuthorizedRequest
    ) async throws -> (profile: ValidatedProfile, count: Int) {
        let resource = ProfilesGroup.resource(ProfilesGroup.profiles)
        guard let first = choice.profiles.first else {
            throw StatusError.badRequest(
                "no \(range.type.rawValue) profile matches from \(range.from) to \(range.to); see from, to and labelSelector"
            )
        }
        let sum = NIOLockedValueBox(ProfileMerger())
        var following: [UInt8]? = try await payload(first)
        var count = 0
        for (place, stored) in choice.profiles.enumerated() {
            if count > 0, isLate(request) {
                guard !range.isStrict else {
                    throw StatusError.timeout("there was time for \(count) of \(choice.profiles.count) profiles only")
                }
                break
            }
            let bytes = following
            let nextPlace = place + 1
            async let next = nextPlace < choice.profiles.count ? payload(choice.profiles[nextPlace]) : nil
            // One that was deleted meanwhile is passed over.
            if let bytes {
                try check(bytes, stored)
                try await add(bytes, stored, to: sum)
                count += 1
            }
            following = try await next
        }
        guard count > 0 else { throw StatusError.notFound(resource, name: first.key.name) }
        let profile = try await offEventLoop {
            try AnalysisFailure.translating { try sum.withLockedValue { merger in try merger.finish() } }
        }
        return (profile, count)
    }

    /// Answers must go out before the request's deadline.
    private func isLate(_ request: AuthorizedRequest) -> Bool {
        request.deadline != .distantFuture && NIODeadline.now() > request.deadline - Self.timeToAnswer
    }

    private static let timeToAnswer = TimeAmount.seconds(5)

    private func check(_ bytes: [UInt8], _ stored: StoredObject) throws(StatusError) {
        guard bytes.count <= limits.profileBytes else {
            throw .requestEntityTooLarge(
                "profile \(stored.key.name) has \(bytes.count) bytes; the limit of an analysis is \(limits.profileBytes)"
            )
        }
    }

    private func add(_ bytes: [UInt8], _ stored: StoredObject, to sum: NIOLockedValueBox<ProfileMerger>) async throws {
        try await offEventLoop { [decoder] in
            do throws(PprofError) {
                let profile = try decoder.decode(bytes)
                try sum.withLockedValue { merger in Result { () throws(PprofError) in try merger.add(profile) } }.get()
            } catch {
                let status = AnalysisFailure.statusError(error)
                throw status.code == 400
                    ? StatusError.badRequest("profile \(stored.key.name): \(status.message)").caused(by: error) : status
            }
        }
    }

    private func payload(_ stored: StoredObject) async throws -> [UInt8]? {
        let failure = StoreFailure(ProfilesGroup.resource(ProfilesGroup.profiles), name: stored.key.name)
        return try await failure.during { () throws(StoreError) in
            try await store.payload(ProfilesGroup.profiles, stored.key)
        }
    }
}
