internal import APIMachinery
internal import APIServer
internal import HTTPTransport
internal import NIOHTTP1
internal import Pprof

/// A profile to be analysed, and what is told of how it came to be.
struct AnalysedProfile: Sendable {
    let profile: ValidatedProfile
    /// Stands above pictures, e.g. `cpu of frontend`.
    let title: String
    /// The object that it is of.
    let name: String
    let namespace: String
    /// Further header fields.
    var headers: HTTPHeaders = [:]
}

/// Where the profile of an analysis comes from: one that is stored, or many that are merged.
protocol AnalysisSource: Sendable {
    /// Reads, decodes and merges; heavy work off the event loop.
    func profile(_ key: ObjectKey, _ request: AuthorizedRequest) async throws -> AnalysedProfile
    /// The same for the base of a difference.
    func base(_ key: ObjectKey, _ request: AuthorizedRequest) async throws -> AnalysedProfile
}
