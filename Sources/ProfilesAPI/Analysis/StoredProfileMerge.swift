internal import APIMachinery
internal import APIServer
internal import HTTPTransport
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import Pprof
internal import ProfileStore

/// Merges stored profiles, one in memory at a time, the next one being read meanwhile.
///
/// Those that a collector keeps and can't give are passed over, but in a strict request; never silently, and not all of them.
struct StoredProfileMerge: Sendable {
    let profiles: StoredProfiles

    /// The profiles of a range with these fields, merged; the answer says if they weren't all.
    func analysed(
        _ key: ObjectKey, _ fields: [FieldSelector.Requirement], _ range: ProfileRange, of subject: String,
        _ request: AuthorizedRequest
    ) async throws -> AnalysedProfile {
        profiles.warn(request)
        let end = NIODeadline.now() + TimeAmount(profiles.limits.mergeTime)
        let choice = try await MatchingProfiles(profiles: profiles).choose(key.namespace, fields, range)
        let sum = try await merge(choice, range, by: min(end, Self.lastMoment(request)))
        let headers = MergeNote.headers(merged: sum.count, of: choice.matched, request.warnings)
        if let lost = sum.lost { request.warnings.add(lost.warning) }
        return AnalysedProfile(
            profile: sum.profile, title: "\(range.type.rawValue) of \(subject), \(sum.count) profiles",
            name: key.name, namespace: key.namespace, headers: headers)
    }

    /// The sum of the chosen profiles.
    ///
    /// - Throws: 400 without any; what ``sum(_:by:isStrict:)`` throws.
    private func merge(
        _ choice: MatchingProfiles.Choice, _ range: ProfileRange, by end: NIODeadline
    ) async throws -> Sum {
        let parts = choice.matches.map { Part(key: choice.key($0), size: $0.size) }
        guard let sum = try await sum(parts, by: end, isStrict: range.isStrict) else {
            throw profiles.absence(Self.nothing(range))
        }
        return sum
    }

    /// A profile to be merged.
    struct Part: Sendable {
        let key: ObjectKey
        /// Bytes as received.
        let size: Int
    }

    /// What became of profiles that were to be merged.
    struct Sum: Sendable {
        let profile: ValidatedProfile
        /// How many it has.
        let count: Int
        /// Those that the collector could not give.
        let lost: Losses?
    }

    /// Profiles that the collector could not give.
    struct Losses: Sendable {
        var count = 0
        /// Why, of the first of them.
        let first: StatusError

        var warning: String { "of the profiles to be merged \(count) could not be read: \(first.message)" }
    }

    /// The sum of profiles; of a part of them if the time is over, or the collector can't give them. One that was deleted meanwhile is
    /// passed over; nil if none is left.
    ///
    /// - Throws: 400 if they can't be merged; 413 for one that is too large; if it is strict 504 if the time is over, and 503 or 400 for
    ///   one that the collector can't give, else for the first if it can't give any.
    func sum(
        _ parts: [Part], by end: NIODeadline, isStrict: Bool
    ) async throws -> Sum? {
        guard let first = parts.first else { return nil }
        let sum = NIOLockedValueBox(ProfileMerger(limits: profiles.limits.merge))
        var following = await read(first)
        var count = 0
        var lost: Losses?
        // A collector that hangs is not waited for beyond the end.
        var slowest = following.time
        for (place, part) in parts.enumerated() {
            if count > 0 || lost != nil, NIODeadline.now() + slowest >= end {
                guard !isStrict else {
                    throw StatusError.timeout("there was time for \(count) of \(parts.count) profiles only")
                }
                break
            }
            let packed = following.bytes
            async let next = read(place + 1 < parts.count ? parts[place + 1] : nil)
            do throws(StatusError) {
                if let packed = try packed.get() {
                    try await add(packed, part.key.name, to: sum)
                    count += 1
                }
            } catch {
                guard !isStrict, Self.isLost(error) else { throw error }
                lost = lost ?? Losses(first: error)
                lost?.count += 1
            }
            following = await next
            slowest = max(slowest, following.time)
        }
        guard count > 0 else {
            if let lost { throw lost.first }
            return nil
        }
        let profile = try await profiles.gate.threads.run {
            try AnalysisFailure.translating { try sum.withLockedValue { merger in try merger.finish() } }
        }
        return Sum(profile: profile, count: count, lost: lost)
    }

    /// Whether only this profile can't be had, from the collector that keeps it.
    private static func isLost(_ error: StatusError) -> Bool {
        guard let code = (error.cause as? StoreError)?.code else { return false }
        return code == .sourceUnavailable || code == .refusedBySource
    }

    private static func nothing(_ range: ProfileRange) -> StatusError {
        .badRequest(
            "no \(range.type.rawValue) profile matches from \(range.from) to \(range.to); see from, to and labelSelector"
        )
    }

    /// Answers must go out before the request's deadline.
    static func lastMoment(_ request: AuthorizedRequest) -> NIODeadline {
        request.deadline == .distantFuture ? .distantFuture : request.deadline - timeToAnswer
    }

    private static let timeToAnswer = TimeAmount.seconds(5)

    private func read(_ part: Part?) async -> (bytes: Result<[UInt8]?, StatusError>, time: TimeAmount) {
        guard let part else { return (.success(nil), .zero) }
        let start = NIODeadline.now()
        let bytes: Result<[UInt8]?, StatusError>
        do throws(StatusError) {
            bytes = .success(try await profiles.bytes(part.key, size: part.size))
        } catch {
            bytes = .failure(error)
        }
        return (bytes, NIODeadline.now() - start)
    }

    private func add(
        _ bytes: [UInt8], _ name: String, to sum: NIOLockedValueBox<ProfileMerger>
    ) async throws(StatusError) {
        try await profiles.gate.threads.run { [decoder = profiles.decoder] () throws(StatusError) in
            do throws(PprofError) {
                let profile = try decoder.decode(bytes)
                try sum.withLockedValue { merger in Result { () throws(PprofError) in try merger.add(profile) } }.get()
            } catch {
                let status = AnalysisFailure.statusError(error)
                throw status.code == 400
                    ? StatusError.badRequest("profile \(name): \(status.message)").caused(by: error) : status
            }
        }
    }
}
