import HTTPTransport
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// The end of a connection (RFC 9113 §6.8, conformance 14.1), as it stands on the wire.
@Suite(.timeLimit(.minutes(1)))
struct HTTP2DrainTests {
    typealias Kind = RawHTTP2.Kind

    @Test func `a shutdown announces itself, serves on, names the last stream and drains`() async throws {
        let happenings = Happenings()
        let server = try await TestServer.start(
            configure: HTTP2ConnectionTests.plain(),
            handler: ClosureHandler { request, response in
                happenings.add(request.head.target)
                if request.head.target == "/slow" { await happenings.wait("release") }
                response.send(.init(status: .ok))
            })
        try await RawHTTP2.with(port: server.port) { client in
            try await client.send(RawHTTP2.headers(1, "/slow"))
            await happenings.wait("/slow")
            let ended = Task { await server.server.shutdown(goAwayInterval: .milliseconds(300), drain: .seconds(30)) }
            let first = try #require(try await client.first(Kind.goAway))
            #expect(first.number(at: 0) == 0x7FFF_FFFF && first.number(at: 4) == 0)
            // A request that crossed the announcement is served.
            try await client.send(RawHTTP2.headers(3, "/late"))
            let seen1 = try await client.first(Kind.headers, stream: 3)?.status
            #expect(seen1 == 200)
            let second = try #require(try await client.first(Kind.goAway))
            #expect(second.number(at: 0) == 3 && second.number(at: 4) == 0)
            happenings.add("release")
            let seen2 = try await client.first(Kind.headers, stream: 1)?.status
            #expect(seen2 == 200)
            let seen3 = try await client.next()
            #expect(seen3 == nil)
            await ended.value
        }
        await #expect(throws: (any Error).self) { try await RawHTTP2.with(port: server.port) { _ in } }
    }

    @Test func `the drain's deadline cancels what is left`() async throws {
        let happenings = Happenings()
        let server = try await TestServer.start(
            configure: HTTP2ConnectionTests.plain(),
            handler: ClosureHandler { _, response in
                happenings.add("begun")
                await Happenings.untilCancelled()
                response.send(.init(status: .ok))
                happenings.add("cancelled")
            })
        try await RawHTTP2.with(port: server.port) { client in
            try await client.send(RawHTTP2.headers(1))
            await happenings.wait("begun")
            await server.server.shutdown(goAwayInterval: .zero, drain: .milliseconds(20))
            await happenings.wait("cancelled")
            while try await client.next() != nil {}
        }
    }

    @Test func `Connection: close in an answer makes the connection go, and is not sent`() async throws {
        try await TestServer.with(
            configure: HTTP2ConnectionTests.plain(),
            handler: { _, response in response.send(.init(status: .unauthorized, headers: ["connection": "close"])) }
        ) { server in
            try await RawHTTP2.with(port: server.port) { client in
                try await client.send(RawHTTP2.headers(1))
                let head = try #require(try await client.first(Kind.headers, stream: 1))
                #expect(head.status == 401)
                let seen4 = try await client.goAwayCode()
                #expect(seen4 == 0)
                let marks = client.seen.filter { $0.type == Kind.goAway }.map { $0.number(at: 0) }
                #expect(marks == [0x7FFF_FFFF, 1])
            }
        }
    }

    @Test func `PeerConnection.close ends one connection gracefully`() async throws {
        try await TestServer.with(
            configure: HTTP2ConnectionTests.plain(),
            handler: { request, response in
                request.connection.close(gracefully: true)
                response.send(.init(status: .ok))
            }
        ) { server in
            try await RawHTTP2.with(port: server.port) { client in
                try await client.send(RawHTTP2.headers(1))
                let seen5 = try await client.first(Kind.goAway)?.number(at: 0)
                #expect(seen5 == 0x7FFF_FFFF)
                let seen6 = try await client.goAwayCode()
                #expect(seen6 == 0)
            }
        }
    }
}
