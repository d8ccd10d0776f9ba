import Foundation
import TestSupport

/// The outside judges, pointed at the server.
extension RunningServer {
    private var environment: [String: String] {
        ["KUBECONFIG": home.directory.path("kubeconfig"), "HOME": home.directory.path("home")]
    }

    /// Runs kubectl with the kubeconfig of `make run`.
    func kubectl(_ arguments: String..., within limit: Duration = .seconds(60)) async throws -> ProgramOutput {
        try await kubectl(arguments: arguments, within: limit)
    }

    /// Runs it with more in its environment, such as an editor.
    func kubectl(environment more: [String: String], _ arguments: String...) async throws -> ProgramOutput {
        try await Tool.kubectl.run(
            arguments, environment: environment.merging(more) { $1 }, directory: home.directory.url,
            within: .seconds(60))
    }

    /// As above.
    func kubectl(arguments: [String], within limit: Duration = .seconds(60)) async throws -> ProgramOutput {
        try await Tool.kubectl.run(
            arguments, environment: environment, directory: home.directory.url,
            within: limit)
    }

    /// Starts a kubectl that goes on, such as `get -w`.
    func startKubectl(_ arguments: String...) throws -> RunningProgram {
        try Tool.kubectl.start(arguments, environment: environment, directory: home.directory.url)
    }

    private func curlArguments(_ path: String, _ client: ServerHome.Client?, _ arguments: [String]) -> [String] {
        let place = path.hasPrefix("/") ? url + path : path
        let token = client.map { ["-H", "Authorization: Bearer \($0.rawValue)"] } ?? []
        return ["-sS", "--cacert", home.directory.path("certs/ca.crt"), "--path-as-is"] + token + arguments + [place]
    }

    /// Asks by curl and gives the answer; a `Trouble` if there is none.
    ///
    /// - Parameter path: with query; or a whole URL.
    func curl(
        _ path: String, as client: ServerHome.Client? = .admin, _ arguments: String...,
        within limit: Duration = .seconds(60)
    ) async throws -> Answer {
        try await curl(path, as: client, arguments, within: limit)
    }

    /// As above.
    func curl(
        _ path: String, as client: ServerHome.Client?, _ arguments: [String], within limit: Duration = .seconds(60)
    ) async throws -> Answer {
        let files = try TemporaryDirectory("curl")
        defer { files.remove() }
        let output = try await Tool.curl.run(
            [
                "-o", files.path("body"), "-D", files.path("head"), "-w",
                "%{http_code} %{http_version} %{ssl_verify_result}",
            ]
                + curlArguments(path, client, arguments), within: limit)
        guard output.status == 0 else {
            throw Trouble("curl \(path) \(arguments): \(output.status): \(output.err)")
        }
        return try Answer(
            summary: output.text,
            head: (try? String(contentsOf: files.url.appendingPathComponent("head"), encoding: .utf8)) ?? "",
            body: (try? Data(contentsOf: files.url.appendingPathComponent("body"))).map(Array.init) ?? [])
    }

    /// The serial number of the certificate that a new connection is shown, at the main port or another.
    func servedSerial(port other: Int? = nil) async throws -> String {
        let shown = try await Tool.sh.run([
            "-c",
            "openssl s_client -connect 127.0.0.1:\(other ?? port) </dev/null 2>/dev/null | openssl x509 -noout -serial",
        ])
        return shown.text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Puts a new pair of the same authority in the place of certificate and key. The key comes first, so that for a moment the pair
    /// doesn't match.
    func renewCertificate() async throws {
        let sign = """
            mkdir new && cp certs/ca.crt certs/ca.key new/ && sh "$0" new && mv new/tls.key certs/tls.key && \
            \(Tool.curl.name) -sS --cacert certs/ca.crt https://127.0.0.1:\(port)/livez && mv new/tls.crt certs/tls.crt
            """
        let signed = try await Tool.sh.run(
            ["-c", sign, ServerHome.source("certs/generate.sh").path], directory: home.directory.url)
        guard signed.status == 0, signed.text == "ok" else { throw Trouble("no new certificate: \(signed.everything)") }
    }

    /// Starts a curl that goes on, such as a watch or a slow download; prints the body.
    func startCurl(_ path: String, as client: ServerHome.Client? = .admin, _ arguments: String...) throws
        -> RunningProgram
    {
        try startCurl(path, as: client, arguments)
    }

    /// As above.
    func startCurl(_ path: String, as client: ServerHome.Client?, _ arguments: [String]) throws -> RunningProgram {
        try Tool.curl.start(["-N"] + curlArguments(path, client, arguments))
    }
}

/// What curl got.
struct Answer: Sendable {
    let status: Int
    /// `1.1` or `2`.
    let version: String
    /// Of the last head: not of a 100. Names in lower case.
    let headers: [String: [String]]
    /// Status codes of all heads, such as 100 and 201.
    let statuses: [Int]
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
    /// The body as JSON; a null if it is none.
    var json: JSON { JSON(body) }
    var contentType: String? { headers["content-type"]?.first }

    init(summary: String, head: String, body: [UInt8]) throws {
        let parts = summary.split(separator: " ")
        guard parts.count >= 2, let status = Int(parts[0]) else { throw Trouble("curl told \(summary)") }
        self.status = status
        version = String(parts[1])
        self.body = body
        let heads = head.replacingOccurrences(of: "\r\n", with: "\n").components(separatedBy: "\n\n").filter {
            !$0.isEmpty
        }
        statuses = heads.compactMap { $0.split(separator: " ").dropFirst().first.flatMap { Int($0.prefix(3)) } }
        var fields: [String: [String]] = [:]
        for line in (heads.last ?? "").split(separator: "\n").dropFirst() {
            let field = line.split(separator: ":", maxSplits: 1)
            guard field.count == 2 else { continue }
            fields[field[0].lowercased(), default: []].append(field[1].trimmingCharacters(in: .whitespaces))
        }
        headers = fields
    }
}

/// JSON as Foundation reads it: not by the code under test.
struct JSON: CustomStringConvertible {
    let value: Any?

    init(_ bytes: [UInt8]) { value = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed) }
    init(value: Any?) { self.value = value }

    subscript(key: String) -> JSON { JSON(value: (value as? [String: Any])?[key]) }
    subscript(index: Int) -> JSON { JSON(value: array.indices.contains(index) ? array[index].value : nil) }

    var string: String? { value as? String }
    var integer: Int? { (value as? NSNumber)?.intValue }
    var array: [JSON] { (value as? [Any] ?? []).map { JSON(value: $0) } }
    var keys: Set<String> { Set((value as? [String: Any] ?? [:]).keys) }
    var isNull: Bool { value == nil || value is NSNull }
    var description: String { value.map { "\($0)" } ?? "nothing" }
}
