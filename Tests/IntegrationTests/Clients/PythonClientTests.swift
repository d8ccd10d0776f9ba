import Foundation
import TestSupport
import Testing

/// The official Python client (PyPI `kubernetes`) against the built server: `client.py` beside this file says what it does.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct PythonClientTests {
    @Test(
        .enabled("Python's client can't be installed here (python3 -m venv, pip, PyPI): skipped") {
            await PythonClient.shared.value != nil
        })
    func `R01 R07 R09 L02 W01 O06 the official Python client lists, pages, watches, patches and applies`() async throws
    {
        let python = try #require(await PythonClient.shared.value)
        try await RunningServer.with { server in
            let output = try await python.run(
                [
                    ServerHome.source("Tests/IntegrationTests/Clients/python/client.py").path,
                    server.home.directory.path("kubeconfig"), "python", ServerHome.profile("cpu").path,
                ], directory: server.home.directory.url, within: .seconds(120))
            #expect(output.status == 0, "\(output.text)\(output.err)")
            let names = output.text.split(separator: "\n").map { $0.dropFirst(3) }
            #expect(
                names == [
                    "create", "list with selectors", "pages", "patch, replace and refusals", "delete collection",
                    "watch", "discovery", "server-side apply", "dynamic client", "OpenAPI",
                ])
        }
    }
}

/// A Python with the client in it: an environment beside the built programs, made once.
private enum PythonClient {
    /// Nil where it can't be made: no python3, no pip, no way to PyPI.
    static let shared = Task { () -> Tool? in
        let place = BuiltPrograms.directory.appendingPathComponent("python-client")
        let python = Tool(at: place.appendingPathComponent("bin/python"))
        if await has(python) { return python }
        let base = Tool("python3")
        guard base.isPresent else { return nil }
        let made = try? await base.run(["-m", "venv", "--clear", place.path], within: .seconds(120))
        guard made?.status == 0 else { return nil }
        let pip = ["-m", "pip", "install", "-q", "--disable-pip-version-check", "--retries", "1", "--timeout", "15"]
        _ = try? await python.run(pip + ["kubernetes==37.0.2", "openapi-spec-validator==0.9.0"], within: .seconds(180))
        return await has(python) ? python : nil
    }

    private static func has(_ python: Tool) async -> Bool {
        guard let url = python.url, FileManager.default.isExecutableFile(atPath: url.path) else { return false }
        let asked = try? await python.run(
            ["-c", "import kubernetes.dynamic, openapi_spec_validator"], within: .seconds(60))
        return asked?.status == 0
    }
}
