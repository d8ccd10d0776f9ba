import Foundation
import TestSupport

/// profefe's own API of a running server.
extension RunningServer {
    /// What it takes to serve it to everybody, on a port of the system's choice.
    static let collectorFlags = ["--collector-api-address", "127.0.0.1:0", "--collector-api-anonymous"]

    /// `http://127.0.0.1:<port>`, as the log says it.
    func collectorURL() async throws -> String { "http://127.0.0.1:\(try await collectorPort())" }

    /// The port where profefe's API is served, as the log says it.
    func collectorPort() async throws -> Int {
        var port: Int?
        try await eventually("a log line that says where profefe's API is served") {
            let line = log.split(separator: "\n").first { $0.contains("serving profefe's API") }
            guard let line, let address = line.range(of: "127.0.0.1:") else { return false }
            port = Int(line[address.upperBound...].prefix { $0.isNumber })
            return port != nil
        }
        return port ?? 0
    }
}

/// A request to a collector or who takes its place, by curl.
func askCollector(_ url: String, _ method: String = "GET", target: String, body: [UInt8]? = nil, _ more: String...)
    async throws -> Answer
{
    let files = try TemporaryDirectory("curl")
    defer { files.remove() }
    var arguments = ["-sS", "--path-as-is", "-o", files.path("body"), "-D", files.path("head")]
    arguments += ["-w", "%{http_code} %{http_version}"] + more
    arguments += method == "HEAD" ? ["-I"] : ["-X", method]
    if let body {
        try Data(body).write(to: files.url.appendingPathComponent("sent"))
        arguments += ["--data-binary", "@\(files.path("sent"))", "-H", "Content-Type: application/octet-stream"]
    }
    let output = try await Tool.curl.run(arguments + [url + target])
    guard output.status == 0 else { throw Trouble("curl \(method) \(target): \(output.status): \(output.err)") }
    return try Answer(
        summary: output.text,
        head: (try? String(contentsOf: files.url.appendingPathComponent("head"), encoding: .utf8)) ?? "",
        body: (try? Data(contentsOf: files.url.appendingPathComponent("body"))).map(Array.init) ?? [])
}
