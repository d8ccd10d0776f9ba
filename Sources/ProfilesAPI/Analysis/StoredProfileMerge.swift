internal import APIMachinery
internal import APIServer
internal import HTTPTransport
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import Pprof
internal import ProfileStore

/// Merges stored profiles, one in memory at a time, the next one being read meanwhile.
struct StoredProfileMerge: Sendable {
    let profiles: StoredProfiles

    /// The profiles of a range with these fields, merged; the answer says if they weren't all.
    func analysed(
        _ key: ObjectKey, _ fields: [FieldSelector.Requirement], _ range: ProfileRange, of subject: String,
        _ request: AuthorizedRequest
    ) async throws -> AnalysedProfile {
        let end = NIODeadline.now() + TimeAmount(profiles.limits.mergeTime)
        let choice = try await MatchingProfiles(profiles: profiles).choose(key.namespace, fields, range)
        let (profile, count) = try await merge(choice, range, by: min(end, Self.lastMoment(request)))
        return AnalysedProfile(
            profile: profile, title: "\(range.type.rawValue) of \(subject), \(count) profiles", name: key.name,
            namespace: key.namespace, headers: MergeNote.headers(merged: count, of: choice.matched, request.warnings))
    }

    /// The sum of the chosen profiles, and how many it has; fewer than chosen if the time is over.
    ///
    /// - Throws: 400 without any, or if they can't be merged; 413 for one that is too large; 504 in a strict request.
    private func merge(
        _ choice: MatchingProfiles.Choice, _ range: ProfileRange, by end: NIODeadline
    ) async throws -> (profile: ValidatedProfile, count: Int) {
        let parts = choice.matches.map { Part(key: choice.key($0), size: $0.size) }
        guard let sum = try await sum(parts, by: end, isStrict: range.isStrict) else { throw Self.nothing(range) }
        return sum
    }

    /// A profile to be merged.
    struct Part: Sendable {
        let key: ObjectKey
        /// Bytes as received.
        let size: Int
    }

    /// The sum of profiles, and how many it has; fewer if the time is over. One that was deleted meanwhile is passed over; nil if none
    /// is left.
    ///
    /// - Throws: 400 if they can't be merged; 413 for one that is too large; 504 if the time is over and it is strict.
    func sum(
        _ parts: [Part], by end: NIODeadline, isStrict: Bool
    ) async throws -> (profile: ValidatedProfile, count: Int)? {
        guard let first = parts.first else { return nil }
        let sum = NIOLockedValueBox(ProfileMerger(limits: profiles.limits.merge))
        var following = try await bytes(first)
        var count = 0
        for (place, part) in parts.enumerated() {
            if count > 0, NIODeadline.now() >= end {
                guard !isStrict else {
                    throw StatusError.timeout("there was time for \(count) of \(parts.count) profiles only")
                }
                break
            }
            let packed = following
            let later = place + 1 < parts.count ? parts[place + 1] : nil
            async let next = bytes(later)
            if let packed {
                try await add(packed, part.key.name, to: sum)
                count += 1
            }
            following = try await next
        }
        guard count > 0 else { return nil }
        let profile = try await profiles.gate.threads.run {
            try AnalysisFailure.translating { try sum.withLockedValue { merger in try merger.finish() } }
        }
        return (profile, count)
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

    private func bytes(_ part: Part?) async throws(StatusError) -> [UInt8]? {
        guard let part else { return nil }
        return try await profiles.bytes(part.key, size: part.size)
    }

    private func add(_ bytes: [UInt8], _ name: String, to sum: NIOLockedValueBox<ProfileMerger>) async throws {
        try await profiles.gate.threads.run { [decoder = profiles.decoder] in
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
