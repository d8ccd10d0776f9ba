import HTTPTransport
import Logging
import NIOCore
import NIOHTTP1

/// Serves `/` (200 bytes), `/10m` (10 MB, streamed), `/size/<n>` and `/echo` for load generators; ends on a signal.
///
/// Usage: `transport-bench <port> <certificate file> <key file> [event loops]`
@main
struct Main {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 4, let port = Int(arguments[1]) else {
            print("usage: transport-bench <port> <certificate file> <key file> [event loops]")
            return
        }
        var configuration = ServerConfiguration(
            port: port, tls: TLSConfiguration(certificateFile: arguments[2], privateKeyFile: arguments[3]))
        configuration.eventLoopCount = arguments.count > 4 ? Int(arguments[4]) : 1
        var logger = Logger(label: "bench")
        logger.logLevel = .info
        let server = HTTPServer(configuration: configuration, handler: BenchHandler(), logger: logger)
        try await server.run()
    }
}

/// Answers from memory.
struct BenchHandler: HTTPHandler {
    private let small = ByteBuffer(repeating: UInt8(ascii: "x"), count: 200)
    private let piece = ByteBuffer(repeating: UInt8(ascii: "y"), count: 128 << 10)

    func handle(_ request: HTTPRequest, _ response: consuming ResponseWriter) async {
        switch request.head.target {
        case "/":
            response.send(HTTPResponseHead(status: .ok, headers: ["content-type": "text/plain"]), body: small)
        case "/10m":
            do {
                let writer = try await response.start(
                    HTTPResponseHead(status: .ok, headers: ["content-length": "10485760"]))
                for _ in 0..<80 { try await writer.write(piece) }
                try await writer.finish()
            } catch {}
        case "/echo":
            do {
                let body = try await request.body.collect(upTo: 64 << 20)
                response.send(HTTPResponseHead(status: .ok), body: body)
            } catch {
                response.send(HTTPResponseHead(status: .badRequest), body: ByteBuffer(string: error.message))
            }
        default:
            response.send(HTTPResponseHead(status: .notFound), body: nil)
        }
    }
}
