internal import HTTPTransport
internal import NIOHTTP1

/// Sends some HTTP/2 connections away, so that clients which would keep one for ever spread over the replicas (T13;
/// apiserver `filters/goaway.go`). Their requests in progress go on: the GOAWAY has two phases (conformance 14.1).
struct GoAwayChance: Sendable {
    private let chance: Double
    private let random: @Sendable () -> Double

    /// Nil if the chance is 0.
    init?(_ chance: Double, random: @escaping @Sendable () -> Double = { .random(in: 0..<1) }) {
        guard chance > 0 else { return nil }
        self.chance = chance
        self.random = random
    }

    /// Whether the connection of this request is sent away with its answer.
    func strikes(_ head: HTTPTransport.HTTPRequestHead) -> Bool {
        head.version.major == 2 && random() < chance
    }
}
