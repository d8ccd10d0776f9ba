import APIMachinery
import Foundation
import HTTPTransport
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import Testing

@testable import APIServer

/// A directory of its own, removed when the test is done with it.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "apiserver-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes by renaming, as mounted secrets change: another inode, whatever the clock's resolution.
    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        let file = path + "/" + name
        try Data(text.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
        return file
    }
}

struct AuthenticatorTests {
    static func request(_ headers: HTTPHeaders, _ connection: PeerConnection = PeerConnection(id: 1)) throws
        -> UnauthenticatedRequest
    {
        let head = HTTPTransport.HTTPRequestHead(method: .GET, target: "/", headers: headers)
        let info = RequestInfo(path: "/", verb: "get")
        let context = RequestContext(info: info, query: QueryItems(), auditID: "", deadline: .distantFuture)
        return UnauthenticatedRequest(http: HTTPRequest(head: head, connection: connection), context: context)
    }

    @Test(
        arguments: [
            ("Bearer t", "t"), ("bearer t", "t"), ("BEARER t x", "t"), ("Bearer ", nil), ("Bearer", nil),
            ("Bearer  t", nil),
            ("Basic t", nil), ("Bearert", nil), ("", nil), ("bearex t", nil), ("\u{22}earer t", nil),
        ] as [(String, String?)])
    func readsBearerTokens(_ header: String, _ token: String?) {
        #expect(BearerToken(header: header)?.text == token)
    }

    /// N08
    @Test func knowsTokensAndRefusesOthers() async throws {
        let directory = try TemporaryDirectory()
        let log = RecordingLog()
        let path = try directory.write("tokens.csv", "t1,alice,u1\n")
        let authenticator = try TokenAuthenticator(file: path, logger: log.logger())
        let user = try await authenticator.authenticate(Self.request(["Authorization": "Bearer t1"]))
        #expect(user?.name == "alice")
        #expect(try await authenticator.authenticate(Self.request([:])) == nil)
        #expect(try await authenticator.authenticate(Self.request(["Authorization": "Basic YTpi"])) == nil)
        await #expect(throws: AuthenticationError(.invalidToken, "")) {
            try await authenticator.authenticate(Self.request(["Authorization": "Bearer t2"]))
        }
    }

    @Test func followsTheFileAndKeepsTheLastGoodOne() async throws {
        let directory = try TemporaryDirectory()
        let log = RecordingLog()
        let path = try directory.write("tokens.csv", "t1,alice,u1\n")
        let authenticator = try TokenAuthenticator(file: path, logger: log.logger())
        func name(_ token: String) async throws -> String? {
            try? await authenticator.authenticate(Self.request(["Authorization": "Bearer \(token)"]))?.name
        }
        authenticator.reloadIfChanged()
        #expect(log.lines.isEmpty)
        try directory.write("tokens.csv", "t2,bob,u2\n")
        authenticator.reloadIfChanged()
        #expect(try await name("t2") == "bob")
        #expect(try await name("t1") == nil)
        #expect(log.lines.count == 1)
        try directory.write("tokens.csv", "top-secret,bob\n")
        authenticator.reloadIfChanged()
        authenticator.reloadIfChanged()
        #expect(try await name("t2") == "bob")
        #expect(log.lines.count == 2)
        #expect(log.lines[1].contains("line 1: must have at least 3 columns"))
        #expect(!log.lines[1].contains("top-secret"))
        try FileManager.default.removeItem(atPath: path)
        authenticator.reloadIfChanged()
        #expect(try await name("t2") == "bob")
        #expect(log.lines.count == 3)
        try directory.write("tokens.csv", "t3,eve,u2\n")
        authenticator.reloadIfChanged()
        #expect(try await name("t3") == "eve")
    }

    @Test func refusesToStartWithoutAGoodFile() throws {
        let log = RecordingLog()
        let directory = try TemporaryDirectory()
        #expect(throws: FileError.self) { try TokenAuthenticator(file: "/does/not/exist", logger: log.logger()) }
        #expect(throws: FileError.self) { try TokenAuthenticator(file: directory.path, logger: log.logger()) }
        let bad = try directory.write("bad.csv", "a,b\n")
        #expect(throws: TokenFile.Malformed.self) { try TokenAuthenticator(file: bad, logger: log.logger()) }
    }

    /// An authenticator that always says the same.
    struct Fixed: Authenticator {
        let answer: Result<UserInfo?, AuthenticationError>
        func authenticate(_ request: UnauthenticatedRequest) async throws -> UserInfo? { try answer.get() }
    }
    static let no = Fixed(answer: .success(nil))
    static let yes = Fixed(answer: .success(UserInfo(name: "alice", groups: ["g"])))
    static let bad = Fixed(answer: .failure(AuthenticationError(.invalidToken, "bad")))

    @Test func theFirstYesWinsWhateverErredBefore() async throws {
        for list in [[Self.yes], [Self.no, Self.yes, Self.bad], [Self.bad, Self.yes]] {
            let user = try await UnionAuthenticator(list).authenticate(Self.request([:]))
            #expect(user == UserInfo(name: "alice", groups: ["g", "system:authenticated"]))
        }
    }

    @Test func anErrorIsNeverTakenForNoCredentials() async throws {
        for list in [[Self.bad], [Self.bad, Self.no], [Self.no, Self.bad, Self.bad]] {
            await #expect(throws: AuthenticationError(.invalidToken, "")) {
                try await UnionAuthenticator(list).authenticate(Self.request([:]))
            }
        }
        #expect(try await UnionAuthenticator([Self.no, Self.no]).authenticate(Self.request([:])) == nil)
    }

    /// N09
    @Test(arguments: [
        (UserInfo(name: "a"), ["system:authenticated"]),
        (UserInfo(name: "a", groups: ["g", "g"]), ["g", "g", "system:authenticated"]),
        (UserInfo(name: "a", groups: ["system:authenticated", "g"]), ["system:authenticated", "g"]),
        (UserInfo(name: "a", groups: ["system:unauthenticated"]), ["system:unauthenticated"]),
        (UserInfo(name: "system:anonymous", groups: ["g"]), ["g"]), (.anonymous, ["system:unauthenticated"]),
    ])
    func addsTheGroupOfAllUsers(_ user: UserInfo, _ groups: [String]) {
        #expect(user.addingAuthenticatedGroup().groups == groups)
    }
}
