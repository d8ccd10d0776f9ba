import HTTPTransport
import NIOHTTP1
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct ListeningTests {
    @Test func aPortThatIsTakenIsToldInWords() async throws {
        try await TestServer.with(handler: TLSTests.describe) { server in
            let error = await #expect(throws: TransportError.self) {
                try await TestServer.with(configure: { $0.port = server.port }, handler: TLSTests.describe) { _ in }
            }
            #expect(error?.code == .configuration)
            #expect(error?.message == "can't listen on 127.0.0.1 port \(server.port): Address already in use")
            #expect(error?.cause == nil)
        }
    }
}
