internal import APIMachinery
public import Logging
internal import NIOCore
internal import NIOHTTP1

/// Serves `/livez`, `/readyz` and `/healthz` in kube-apiserver's words (conformance 11.1, apiserver `healthz.go`).
///
/// | request | answer |
/// |---|---|
/// | `/readyz` | 200 `ok`; 500 with a line per check if one fails, reasons withheld |
/// | `/readyz?verbose` | 200 with a line per check |
/// | `/readyz?exclude=a&exclude=b` | the same without these checks |
/// | `/readyz/a` | 200 `ok` or 500 `internal server error: <reason>` |
public struct HealthEndpoint: Endpoint {
    private let checks: [HealthCheck]
    private let logger: Logger
    private let results: GaugeFamily
    private let totals: CounterFamily
    private let ok = APIResponse.text("ok")

    private static let scopes: [String: HealthCheck.Scope] = ["livez": .livez, "readyz": .readyz, "healthz": .healthz]

    /// Makes `checks` in their order.
    public init(_ checks: [HealthCheck], registry: MetricsRegistry, logger: Logger) {
        self.checks = checks
        self.logger = logger
        results = registry.gauges(
            "kubernetes_healthcheck", "Whether a check passed when it was last made (1) or not (0).",
            labels: ["name", "type"])
        totals = registry.counters(
            "kubernetes_healthchecks_total", "Checks made.", labels: ["name", "type", "status"])
    }

    /// Whether a path is served here.
    public static func serves(path: String) -> Bool {
        scopes.keys.contains { name in path == "/\(name)" || path.hasPrefix("/\(name)/") }
    }

    /// Makes the checks.
    public func respond(to request: AuthorizedRequest) async throws -> APIResponse {
        let parts = request.info.path.split(separator: "/", maxSplits: 1).map(String.init)
        guard let name = parts.first, let scope = Self.scopes[name] else { throw StatusError.resourceNotFound() }
        let checks = checks.filter { $0.scope.contains(scope) }
        guard parts.count > 1, !parts[1].isEmpty else { return await all(checks, name, request.query) }
        guard let check = checks.first(where: { $0.name == parts[1] }) else { throw StatusError.resourceNotFound() }
        if let failure = await run(check, name) {
            return .text("internal server error: \(failure)\n", status: .internalServerError)
        }
        return ok
    }

    private func all(_ checks: [HealthCheck], _ name: String, _ query: QueryItems) async -> APIResponse {
        var excluded = Set(query.all("exclude"))
        var lines = ""
        var failures: [String] = []
        for check in checks {
            if excluded.remove(check.name) != nil {
                lines += "[+]\(check.name) excluded: ok\n"
            } else if let failure = await run(check, name) {
                lines += "[-]\(check.name) failed: reason withheld\n"
                failures.append("\(check.name): \(failure)")
            } else {
                lines += "[+]\(check.name) ok\(check.note().map { ": \($0)" } ?? "")\n"
            }
        }
        if !excluded.isEmpty {
            let names = excluded.sorted().map(\.quoted).joined(separator: ",")
            lines += "warn: some health checks cannot be excluded: no matches for \(names)\n"
        }
        if !failures.isEmpty {
            logger.warning("\(name) check failed", metadata: ["checks": "\(failures.joined(separator: "; "))"])
            return .text("\(lines)\(name) check failed\n", status: .internalServerError)
        }
        return query.contains("verbose") ? .text("\(lines)\(name) check passed\n") : ok
    }

    /// Nil if it passes, else why not.
    private func run(_ check: HealthCheck, _ type: String) async -> String? {
        var failure: String?
        do { try await check.check() } catch { failure = "\(error)" }
        results.with(check.name, type).set(failure == nil ? 1 : 0)
        totals.with(check.name, type, failure == nil ? "success" : "error").increment()
        return failure
    }
}
