import Foundation

/// `go tool pprof`, run as the program that go names for it: by way of go a run takes as long as ten of these.
public enum GoPprof {
    private static let program = Task { () throws -> Tool in
        let said = try await Tool.go.run(["tool", "-n", "pprof"])
        guard said.status == 0, let path = said.lines.first else {
            throw Trouble("go tool -n pprof ended with \(said.status): \(said.err)")
        }
        return Tool(at: URL(fileURLWithPath: path))
    }

    /// What it prints, in UTC; what it fetches by URL is kept in `temporary`.
    public static func text(_ arguments: [String], temporary: String? = nil) async throws -> String {
        var environment = ["TZ": "UTC"]
        environment["PPROF_TMPDIR"] = temporary
        let said = try await program.value.run(arguments, environment: environment)
        guard said.status == 0 else { throw Trouble("go tool pprof ended with \(said.status): \(said.err)") }
        return said.text
    }
}
