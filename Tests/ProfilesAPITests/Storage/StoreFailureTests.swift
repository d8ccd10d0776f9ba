import APIMachinery
import ProfileStore
import Testing

@testable import ProfilesAPI

/// E03: what failures of the store are to a client.
struct StoreFailureTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let code: StoreError.Code
        let expected: StatusError
        let retryAfter: Int?
        var testDescription: String { code.description }
    }

    static let resource = GroupResource(group: "example.io", resource: "gadgets")
    static let cases: [Case] = [
        Case(code: .alreadyExists, expected: .alreadyExists(resource, name: "g1"), retryAfter: nil),
        Case(code: .conflict(.uid), expected: .conflict(resource, name: "g1", ""), retryAfter: nil),
        Case(code: .conflict(.resourceVersion), expected: .conflict(resource, name: "g1", ""), retryAfter: nil),
        Case(code: .snapshotExpired, expected: .listExpired(), retryAfter: nil),
        Case(code: .futureVersion, expected: .timeout(""), retryAfter: 1),
        Case(code: .aborted, expected: .internalError(""), retryAfter: nil),
        Case(code: .tooLarge, expected: .requestEntityTooLarge(""), retryAfter: nil),
        Case(code: .limitExceeded, expected: .forbidden(resource, name: "g1", ""), retryAfter: nil),
        Case(code: .diskFull, expected: .serviceUnavailable(""), retryAfter: 1),
        Case(code: .unavailable, expected: .serviceUnavailable(""), retryAfter: 1),
        Case(code: .closed, expected: .serviceUnavailable(""), retryAfter: 1),
        Case(code: .readOnly, expected: .serviceUnavailable(""), retryAfter: 30),
        Case(code: .corrupt, expected: .serviceUnavailable(""), retryAfter: 30),
        Case(code: .locked, expected: .serviceUnavailable(""), retryAfter: 30),
        Case(code: .newerSchema, expected: .serviceUnavailable(""), retryAfter: 30),
    ]

    @Test(arguments: cases)
    func e02E03FailuresAreToldApartAndNeverAsA404(_ example: Case) {
        let secret = "/var/lib/data/store.sqlite: broken"
        let error = StoreFailure(Self.resource, name: "g1").statusError(StoreError(example.code, secret))
        #expect(error == example.expected)
        #expect(error.retryAfterSeconds == example.retryAfter)
        #expect(error.cause is StoreError)
        if error.code >= 500 { #expect(!error.message.contains("/var")) }
    }

    /// HTTP's 507 is no code that Kubernetes clients know; its words are for them.
    @Test func aStoreThatCanKeepNoMoreSaysWhyAndWhenToComeAgain() {
        let error = StoreFailure(Self.resource).statusError(StoreError(.insufficientStorage, "insufficient storage: x"))
        #expect(error.code == 503 && error.retryAfterSeconds == 10 && error.message == "insufficient storage: x")
    }

    @Test func whatACollectorCannotDoIsToldInTheStoresWords() {
        let away = StoreFailure(Self.resource).statusError(StoreError(.sourceUnavailable, "it is not there"))
        #expect(away.code == 503 && away.retryAfterSeconds == 5 && away.message == "it is not there")
        let refused = StoreFailure(Self.resource).statusError(StoreError(.refusedBySource, "never"))
        #expect(refused.code == 400 && refused.retryAfterSeconds == nil && refused.message == "never")
    }

    @Test func whatAChangeSaysIsTold() {
        let said = StatusError.badRequest("no")
        let error = StoreFailure(Self.resource).statusError(StoreError(.aborted, "", cause: said))
        #expect(error == said)
    }
}
