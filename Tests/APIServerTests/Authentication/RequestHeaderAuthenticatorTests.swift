import APIMachinery
import HTTPTransport
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@testable import APIServer

struct RequestHeaderAuthenticatorTests {
    static let names = RequestHeaderConfiguration.Names(uid: ["X-Remote-Uid"])

    static func connection(_ chain: [[UInt8]]?) -> PeerConnection {
        let tls = chain.map {
            TLSPeer(
                version: "TLSv1.3", cipherSuite: "", applicationProtocol: "h2", serverName: nil, certificates: $0)
        }
        return PeerConnection(id: 1, tls: tls)
    }

    /// Now, as the certificates of the tests see it.
    static let time: @Sendable () -> Int64 = { Timestamp.now().seconds }

    static func authenticator(
        _ authority: TestCertificates.Pair, allowed: [String] = ["front-proxy-client"],
        names: RequestHeaderConfiguration.Names = names, now: @escaping @Sendable () -> Int64 = time
    ) throws -> RequestHeaderAuthenticator {
        let configuration = try RequestHeaderConfiguration(
            authorities: ClientAuthorities(pem: authority.certificatePEM), allowedNames: allowed, names: names)
        return RequestHeaderAuthenticator(configuration: { configuration }, now: now)
    }

    // MARK: headers

    /// N04, N05: what headers say.
    @Test(
        arguments: [
            ([("X-Remote-User", "alice")], UserInfo(name: "alice")),
            (
                [
                    ("x-remote-user", "alice"), ("X-REMOTE-GROUP", "a"), ("x-remote-group", "b"),
                    ("X-Remote-Group", "a"),
                ],
                UserInfo(name: "alice", groups: ["a", "b", "a"])
            ),
            ([("X-Remote-User", "alice"), ("X-Remote-User", "eve")], UserInfo(name: "alice")),
            ([("X-Remote-Group", "system:masters")], nil), ([("X-Remote-User", "")], nil), ([], nil),
            ([("X-Remote-User", ""), ("X-Remote-User", "eve")], nil),
            ([("X-Remote-User", "a"), ("X-Remote-Uid", "u1"), ("X-Remote-Uid", "u2")], UserInfo(name: "a", uid: "u1")),
            ([("X-Remote-User", "a"), ("X-Remote-Group", "b,c")], UserInfo(name: "a", groups: ["b,c"])),
            (
                [
                    ("X-Remote-User", "a"), ("X-Remote-Extra-Scopes%2ffoo", "v%20w"),
                    ("x-remote-extra-scopes%2Ffoo", "b"),
                ],
                UserInfo(name: "a", extra: ["scopes/foo": ["v%20w", "b"]])
            ),
            (
                [("X-Remote-User", "a"), ("X-Remote-Extra-A%zz", "1"), ("X-Remote-Extra-b%", "2")],
                UserInfo(name: "a", extra: ["a%zz": ["1"], "b%": ["2"]])
            ),
            (
                [("X-Remote-User", "a"), ("X-Remote-Extra-%ff", "1"), ("X-Remote-Extra-%C3%A9", "2")],
                UserInfo(name: "a", extra: ["%ff": ["1"], "é": ["2"]])
            ),
            ([("X-Remote-User", "a"), ("X-Remote-Extra-", "1")], UserInfo(name: "a", extra: ["": ["1"]])),
            ([("X-Remote-User", "a"), ("X-Remote-Extra-a+b", "1")], UserInfo(name: "a", extra: ["a+b": ["1"]])),
            (
                [("X-Remote-User", "system:serviceaccount:a:b"), ("X-Remote-Users", "x"), ("X-Remote", "y")],
                UserInfo(name: "system:serviceaccount:a:b")
            ),
        ] as [([(String, String)], UserInfo?)])
    func readsTheUserOfTheHeaders(_ headers: [(String, String)], _ user: UserInfo?) throws {
        let configuration = try RequestHeaderConfiguration(
            authorities: ClientAuthorities(pem: TestCertificates().authority.certificatePEM), allowedNames: [],
            names: Self.names)
        #expect(RequestHeaderAuthenticator.user(of: HTTPHeaders(headers), configuration.lowercased) == user)
    }

    /// N05: without a header configured for it, nobody has a uid.
    @Test func theUidCountsOnlyWhereItIsConfigured() throws {
        let headers: HTTPHeaders = ["X-Remote-User": "a", "X-Remote-Uid": "u1"]
        let lowercased = RequestHeaderConfiguration.Names(
            user: ["x-remote-user"], uid: [], group: ["x-remote-group"], extraPrefix: [])
        #expect(RequestHeaderAuthenticator.user(of: headers, lowercased) == UserInfo(name: "a"))
    }

    @Test func otherHeadersAndTheirOrderAreConfigured() {
        let names = RequestHeaderConfiguration.Names(
            user: ["x-first", "x-second"], uid: ["x-id"], group: ["x-g2", "x-g1"], extraPrefix: ["x-a-", "x-b-"])
        func user(_ headers: HTTPHeaders) -> UserInfo? { RequestHeaderAuthenticator.user(of: headers, names) }
        #expect(user(["X-Second": "b", "X-First": "a"]) == UserInfo(name: "a"))
        #expect(user(["X-Second": "b", "X-First": ""]) == UserInfo(name: "b"))
        #expect(
            user(["X-First": "a", "x-G1": "1", "x-G2": "2", "X-B-k": "v", "X-A-k": "w", "X-Remote-Group": "no"])
                == UserInfo(name: "a", groups: ["2", "1"], extra: ["k": ["w", "v"]]))
    }

    @Test func headersThatAreGarbageTrapNothing() throws {
        let configuration = try RequestHeaderConfiguration(
            authorities: ClientAuthorities(pem: TestCertificates().authority.certificatePEM), allowedNames: [],
            names: Self.names)
        var random = SeededRandom(seed: 24)
        let seed = Array("x-remote-user:alice\nX-Remote-Group:a\nx-remote-extra-scopes%2ffoo:b\nX-Remote-Uid:u".utf8)
        for _ in 0..<5000 {
            let text = String(decoding: random.mutate(seed), as: UTF8.self)
            let headers = text.split(separator: "\n").map { line in
                let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
            }
            let user = RequestHeaderAuthenticator.user(of: HTTPHeaders(headers), configuration.lowercased)
            if let user { #expect(!user.name.isEmpty) }
        }
    }

    // MARK: trust

    static let headers: HTTPHeaders = ["X-Remote-User": "alice", "X-Remote-Group": "system:masters"]

    /// N02, N03: whose word counts.
    @Test func onlyTheFrontProxyIsBelieved() throws {
        let certificates = try TestCertificates()
        let authenticator = try Self.authenticator(certificates.authority)
        func identify(_ chain: [[UInt8]]?) throws -> UserInfo? {
            try authenticator.identify(AuthenticatorTests.request(Self.headers, Self.connection(chain)))
        }
        func minted(
            _ name: String, usage: String? = "clientAuth", from: Int = -60, to: Int = 3600, byOther: Bool = false
        ) throws -> [[UInt8]] {
            let subject = TestCertificates.Subject(commonName: name, usage: usage, validFrom: from, validTo: to)
            return try certificates.mint(subject, name: "proxy", byOther: byOther).chainDER
        }
        #expect(try identify(minted("front-proxy-client"))?.name == "alice")
        #expect(try identify(minted("front-proxy-client", usage: nil))?.groups == ["system:masters"])
        // No certificate: the headers are nobody's word.
        #expect(try identify(nil) == nil)
        #expect(try identify([]) == nil)
        let refused = AuthenticationError(.invalidCertificate, "")
        #expect(throws: refused) { try identify(minted("alice")) }
        #expect(throws: refused) { try identify(minted("Front-Proxy-Client")) }
        #expect(throws: refused) { try identify(minted("front-proxy-client", byOther: true)) }
        #expect(throws: refused) { try identify(minted("front-proxy-client", usage: "serverAuth")) }
        #expect(throws: refused) { try identify(minted("front-proxy-client", to: -10)) }
        #expect(throws: refused) { try identify(minted("front-proxy-client", from: 1000)) }
        #expect(throws: refused) { try identify([[1, 2, 3]]) }
    }

    @Test func anIntermediateOfTheHandshakeIsUsed() throws {
        let certificates = try TestCertificates()
        let authenticator = try Self.authenticator(certificates.authority)
        let chain = try certificates.mintWithIntermediate(.init(commonName: "front-proxy-client"), name: "p").chainDER
        let connection = Self.connection(chain)
        #expect(try authenticator.identify(AuthenticatorTests.request(Self.headers, connection))?.name == "alice")
        let alone = Self.connection([chain[0]])
        #expect(throws: AuthenticationError.self) {
            try authenticator.identify(AuthenticatorTests.request(Self.headers, alone))
        }
    }

    /// The front proxy's certificate without a user is an ordinary client's: for the next authenticator to say.
    @Test func withoutAUserItIsNotMine() throws {
        let certificates = try TestCertificates()
        let authenticator = try Self.authenticator(certificates.authority)
        let chain = try certificates.mint(.init(commonName: "front-proxy-client"), name: "p").chainDER
        let connection = Self.connection(chain)
        #expect(try authenticator.identify(AuthenticatorTests.request([:], connection)) == nil)
        #expect(
            try authenticator.identify(AuthenticatorTests.request(["X-Remote-Group": "system:masters"], connection))
                == nil)
    }

    @Test func anyNameOfTheCAIsAllowedIfNoneIsNamed() throws {
        let certificates = try TestCertificates()
        let authenticator = try Self.authenticator(certificates.authority, allowed: [])
        let chain = try certificates.mint(.init(commonName: "whoever"), name: "p").chainDER
        let request = try AuthenticatorTests.request(Self.headers, Self.connection(chain))
        #expect(try authenticator.identify(request)?.name == "alice")
        let literal = try Self.authenticator(certificates.authority, allowed: [""])
        #expect(throws: AuthenticationError.self) { try literal.identify(request) }
    }

    @Test func beforeTheConfigurationIsKnownNobodyIsBelieved() throws {
        let authenticator = RequestHeaderAuthenticator(configuration: { nil }, now: Self.time)
        let chain = try TestCertificates().mint(.init(commonName: "front-proxy-client"), name: "p").chainDER
        #expect(try authenticator.identify(AuthenticatorTests.request(Self.headers, Self.connection(chain))) == nil)
    }

    /// N01: another CA, and the same connection, without a restart.
    @Test func aNewConfigurationCountsAtOnceOnOldConnections() throws {
        let certificates = try TestCertificates()
        let both = certificates.authority.certificatePEM + certificates.otherAuthority.certificatePEM
        let configuration = NIOLockedValueBox<RequestHeaderConfiguration?>(nil)
        func use(_ pem: [UInt8], _ allowed: [String]) throws {
            let new = try RequestHeaderConfiguration(
                authorities: ClientAuthorities(pem: pem), allowedNames: allowed, names: Self.names)
            configuration.withLockedValue { $0 = new }
        }
        let authenticator = RequestHeaderAuthenticator(
            configuration: { configuration.withLockedValue { $0 } }, now: Self.time)
        let old = Self.connection(try certificates.mint(.init(commonName: "proxy"), name: "a").chainDER)
        let new = Self.connection(try certificates.mint(.init(commonName: "proxy"), name: "b", byOther: true).chainDER)
        func isBelieved(_ connection: PeerConnection) throws -> Bool {
            (try? authenticator.identify(AuthenticatorTests.request(Self.headers, connection))) ?? nil != nil
        }
        try use(certificates.authority.certificatePEM, ["proxy"])
        #expect(try isBelieved(old) && !isBelieved(new))
        try use(both, ["proxy"])
        #expect(try isBelieved(old) && isBelieved(new))
        try use(certificates.otherAuthority.certificatePEM, ["proxy"])
        #expect(try !isBelieved(old) && isBelieved(new))
        try use(both, ["other"])
        #expect(try !isBelieved(old) && !isBelieved(new))
    }

    /// A clock that jumps, either way, never lets an expired certificate in nor keeps a good one out.
    @Test func clockJumpsAreLookedAtAnew() throws {
        let certificates = try TestCertificates()
        let time = NIOLockedValueBox(Self.time())
        let authenticator = try Self.authenticator(
            certificates.authority, now: { time.withLockedValue { $0 } })
        let subject = TestCertificates.Subject(commonName: "front-proxy-client", validFrom: -600, validTo: 600)
        let connection = Self.connection(try certificates.mint(subject, name: "p").chainDER)
        func isBelieved(at jump: Int64) throws -> Bool {
            time.withLockedValue { $0 = Self.time() + jump }
            return (try? authenticator.identify(AuthenticatorTests.request(Self.headers, connection))) ?? nil != nil
        }
        #expect(try isBelieved(at: 0))
        #expect(try isBelieved(at: 500))
        #expect(try !isBelieved(at: 700))
        #expect(try isBelieved(at: 500))
        #expect(try !isBelieved(at: -86_400))
        #expect(try isBelieved(at: 0))
        #expect(try !isBelieved(at: 1_000_000_000))
        #expect(try isBelieved(at: 1))
    }

    // MARK: the whole chain

    /// A chain behind a front proxy, whose endpoint tells who it sees and by which headers.
    private func chain(_ certificates: TestCertificates, names: RequestHeaderConfiguration.Names) throws -> ChainFixture
    {
        let proxies = try Self.authenticator(certificates.authority, names: names)
        let clients = try ClientAuthorities(pem: certificates.otherAuthority.certificatePEM)
        let union = UnionAuthenticator([
            proxies, ClientCertificateAuthenticator(authorities: { clients }, now: Self.time),
        ])
        return ChainFixture(authenticator: union) { request in
            let seen = request.http.head.headers.map { $0.name.lowercased() }.sorted().joined(separator: ",")
            return .text("\(request.user.name) [\(request.user.groups.joined(separator: " "))] \(seen)")
        }
    }

    private func send(_ fixture: ChainFixture, _ headers: HTTPHeaders, _ chain: [[UInt8]]?) async throws -> Answer {
        let sink = RecordingSink()
        let request = fixture.request(.GET, "/x", headers: headers, connection: Self.connection(chain))
        await fixture.chain.handle(request, ResponseWriter(sink: sink))
        return try await sink.value()
    }

    /// N12 and 2.3: identity headers are gone for handlers, whoever sent them; N02: from others they say nothing.
    @Test func headersThatSayWhoIsWhoReachNobody() async throws {
        let certificates = try TestCertificates()
        let fixture = try chain(certificates, names: Self.names)
        let proxy = try certificates.mint(.init(commonName: "front-proxy-client"), name: "p").chainDER
        let bob = try certificates.mint(.init(commonName: "bob", organizations: ["dev"]), name: "b", byOther: true)
            .chainDER
        let headers: HTTPHeaders = [
            "X-Remote-User": "alice", "X-Remote-Group": "system:masters", "X-Remote-Uid": "1",
            "X-Remote-Extra-a%2fb": "c", "Authorization": "Bearer secret", "X-Other": "stays",
        ]
        #expect(try await send(fixture, headers, proxy).text == "alice [system:masters system:authenticated] x-other")
        #expect(try await send(fixture, headers, nil).text == "system:anonymous [system:unauthenticated] x-other")
        #expect(try await send(fixture, headers, bob).text == "bob [dev system:authenticated] x-other")
        // N03: the right CA, but the wrong name, and no client of ours either.
        let eve = try certificates.mint(.init(commonName: "eve"), name: "e").chainDER
        #expect(try await send(fixture, headers, eve).status == .unauthorized)
        // 2.4: the front proxy without a user is no client: 401.
        #expect(try await send(fixture, [:], proxy).status == .unauthorized)
        #expect(!fixture.log.lines.joined().contains("secret"))
    }

    @Test func headersOfOtherNamesAreStrippedToo() async throws {
        let certificates = try TestCertificates()
        let names = RequestHeaderConfiguration.Names(
            user: ["X-My-User"], group: ["X-My-Group"], extraPrefix: ["X-My-E-"])
        let fixture = try chain(certificates, names: names)
        let proxy = try certificates.mint(.init(commonName: "front-proxy-client"), name: "p").chainDER
        let headers: HTTPHeaders = [
            "X-My-User": "alice", "X-My-Group": "g", "X-My-E-x": "y", "X-Remote-User": "eve", "X-Mine": "stays",
        ]
        #expect(try await send(fixture, headers, proxy).text == "alice [g system:authenticated] x-mine")
        #expect(try await send(fixture, headers, nil).text == "system:anonymous [system:unauthenticated] x-mine")
    }

    /// N09: the aggregator's own requests carry a user without groups.
    @Test func aUserWithoutGroupsIsAuthenticatedNevertheless() async throws {
        let certificates = try TestCertificates()
        let fixture = try chain(certificates, names: Self.names)
        let proxy = try certificates.mint(.init(commonName: "front-proxy-client"), name: "p").chainDER
        let answer = try await send(fixture, ["X-Remote-User": "system:aggregator"], proxy)
        #expect(answer.text == "system:aggregator [system:authenticated] ")
    }
}
