import APIMachinery
import HTTPTransport
import NIOConcurrencyHelpers
import NIOHTTP1
import Testing

@testable import APIServer

/// N10: `Impersonate-…` on direct requests is carried out or refused, never ignored.
struct ImpersonationTests {
    /// The chain's answer tells whom the endpoint sees; `may` says what `boss` may.
    private func send(
        _ headers: [(String, String)], asked: NIOLockedValueBox<[String]> = NIOLockedValueBox([]),
        may: @escaping @Sendable (Attributes) -> Decision = { _ in .allow(reason: "") }
    ) async throws -> Answer {
        let authorizer = ClosureAuthorizer { attributes in
            guard attributes.verb == "impersonate" else { return .allow(reason: "") }
            let subresource = attributes.subresource.isEmpty ? "" : "/\(attributes.subresource)"
            asked.withLockedValue {
                $0.append(
                    "\(attributes.user.name): \(attributes.resource)\(subresource).\(attributes.group) \(attributes.namespace)/\(attributes.name)"
                )
            }
            return may(attributes)
        }
        let fixture = ChainFixture(authorizer: authorizer) { request in
            let user = request.user
            let extra = user.extra.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            let left = request.http.head.headers.contains { $0.name.lowercased().hasPrefix("impersonate") }
            return .text("\(user.name) \(user.uid) \(user.groups) \(extra) \(left)")
        }
        return try await fixture.send(
            .GET, "/x", headers: HTTPHeaders([("x-test-user", "boss,system:authenticated")] + headers))
    }

    @Test(
        arguments: [
            ([("Impersonate-User", "alice")], #"alice  ["system:authenticated"]  false"#, ["boss: users. /alice"]),
            (
                [("impersonate-user", "alice"), ("IMPERSONATE-GROUP", "a"), ("Impersonate-Group", "b")],
                #"alice  ["a", "b", "system:authenticated"]  false"#,
                ["boss: users. /alice", "boss: groups. /a", "boss: groups. /b"]
            ),
            (
                [("Impersonate-User", "system:serviceaccount:ns:sa")],
                #"system:serviceaccount:ns:sa  ["system:serviceaccounts", "system:serviceaccounts:ns", "system:authenticated"]  false"#,
                ["boss: serviceaccounts. ns/sa"]
            ),
            (
                [("Impersonate-User", "system:serviceaccount::sa"), ("Impersonate-Uid", "u")],
                #"system:serviceaccount::sa u ["system:authenticated"]  false"#,
                ["boss: users. /system:serviceaccount::sa", "boss: uids.authentication.k8s.io /u"]
            ),
            (
                [
                    ("Impersonate-User", "a"), ("Impersonate-Extra-Scopes%2fFoo", "1"),
                    ("Impersonate-Extra-scopes%2Ffoo", "2"),
                ],
                #"a  ["system:authenticated"] scopes/foo=["1", "2"] false"#,
                [
                    "boss: users. /a", "boss: userextras/scopes/foo.authentication.k8s.io /1",
                    "boss: userextras/scopes/foo.authentication.k8s.io /2",
                ]
            ),
            (
                [("Impersonate-User", "system:anonymous")], #"system:anonymous  ["system:unauthenticated"]  false"#,
                ["boss: users. /system:anonymous"]
            ),
            (
                [("Impersonate-User", "a"), ("Impersonate-Group", "system:unauthenticated")],
                #"a  ["system:unauthenticated"]  false"#, ["boss: users. /a", "boss: groups. /system:unauthenticated"]
            ),
        ] as [([(String, String)], String, [String])])
    func whoMayIsTheOther(_ headers: [(String, String)], _ seen: String, _ questions: [String]) async throws {
        let asked = NIOLockedValueBox<[String]>([])
        let answer = try await send(headers, asked: asked)
        #expect(answer.text == seen)
        #expect(asked.withLockedValue { $0 } == questions)
    }

    @Test func everyPartNeedsARight() async throws {
        let headers = [
            ("Impersonate-User", "alice"), ("Impersonate-Group", "system:masters"), ("Impersonate-Uid", "u"),
            ("Impersonate-Extra-k", "v"),
        ]
        for refused in ["users", "groups", "uids", "userextras"] {
            let answer = try await send(headers) {
                $0.resource == refused ? .noOpinion(reason: "") : .allow(reason: "")
            }
            #expect(answer.status == .forbidden, "\(refused)")
            #expect(answer.text.contains("cannot impersonate resource"))
        }
        let undecided = try await send(headers) { _ in .failed(CancellationError()) }
        #expect(undecided.status == .internalServerError)
    }

    @Test func theRefusalHasKubernetesWords() async throws {
        let answer = try await send([("Impersonate-User", "alice")]) { _ in .noOpinion(reason: "") }
        #expect(
            answer.json?["message"]?.stringValue
                == #"users "alice" is forbidden: User "boss" cannot impersonate resource "users" in API group "" at the cluster scope"#
        )
    }

    @Test(arguments: [
        ([("Impersonate-Group", "system:masters")], 400), ([("Impersonate-Uid", "u")], 400),
        ([("Impersonate-Extra-k", "v")], 400), ([("Impersonate-User", "")], 400),
        ([("Impersonate-User", "a"), ("Impersonate-Later", "x")], 403), ([("Impersonate-", "x")], 403),
    ])
    func halfAWishIsRefused(_ headers: [(String, String)], _ code: Int) async throws {
        #expect(try await send(headers).status.code == UInt(code))
    }
}
