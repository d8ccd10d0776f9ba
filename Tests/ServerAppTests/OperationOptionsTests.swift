import APIServer
import ArgumentParser
import Foundation
import Logging
import TestSupport
import Testing

@testable import ServerApp

/// The flags of audit and operation: H04, T13, S01.
struct OperationOptionsTests {
    private func completed(_ more: [String], _ files: borrowing Files) throws -> AppConfiguration {
        let flags = try files.flags()
        return try ServerOptions.parse(["--standalone"] + flags.map { "\($0.key)=\($0.value)" } + more).complete()
    }

    @Test(arguments: [
        ("--goaway-chance", "0.03", "from 0.0 to 0.02"), ("--goaway-chance", "-0.01", "from 0.0"),
        ("--goaway-chance", "nan", "from 0.0"), ("--goaway-chance", "often", "\"often\""),
        ("--shutdown-watch-termination-grace-period", "3", "not a duration"),
        ("--shutdown-watch-termination-grace-period", "-1s", "from 0s"),
        ("--audit-log-maxsize", "0", "from 1"), ("--audit-log-maxage", "x", "not a number"),
        ("--audit-log-maxbackup", "-1", "from 0"),
        ("--audit-log-mode", "sometimes", "batch, blocking, blocking-strict"),
        ("--audit-log-batch-buffer-size", "0", "from 1"), ("--audit-log-truncate-max-event-size", "10", "from 1024"),
        ("--audit-policy-file", "/nowhere/policy.yaml", "is required"),
    ])
    func aFaultIsToldWithItsBounds(_ flag: String, _ value: String, _ message: String) throws {
        let told = try commandLineFaults(changing: flag, to: value)
        #expect(told.count == 1)
        #expect(told.first?.contains(message) == true, "\(told)")
    }

    @Test func policyAndPathBelongTogether() throws {
        let files = try Files()
        defer { files.remove() }
        #expect(
            try commandLineFaults(changing: "--audit-log-path", to: "-").first?.hasPrefix("--audit-policy-file: ")
                == true)
        #expect(try completed([], files).audit == nil)
        let policy = try files.write("policy.yaml", "")
        let both = try completed(["--audit-policy-file", policy, "--audit-log-path", "-"], files)
        #expect(both.audit?.logFile == nil && both.audit?.policyFile == policy)
    }

    @Test func theDefaultsAreKubernetes() throws {
        let files = try Files()
        defer { files.remove() }
        let policy = try files.write("policy.yaml", "")
        let options = try completed(
            ["--audit-policy-file=\(policy)", "--audit-log-path=/x/audit.log"], files)
        #expect(options.audit?.rotation == AuditFile.Rotation(size: 100 << 20))
        #expect(
            options.audit?.mode == .batch && options.audit?.queueLength == 10_000
                && options.audit?.eventLimit == 102_400)
        #expect(options.operation.goAwayChance == 0 && !options.operation.sendsRetryAfter)
        #expect(options.operation.watchGrace == .seconds(3) && !options.operation.logsRequests)
        let more = try completed(
            [
                "--audit-policy-file=\(policy)", "--audit-log-path=/x/a", "--audit-log-maxage=2",
                "--audit-log-maxbackup=3",
                "--audit-log-maxsize=4", "--goaway-chance=0.02", "--shutdown-send-retry-after",
            ], files)
        #expect(more.audit?.rotation == AuditFile.Rotation(size: 4 << 20, backups: 3, age: .seconds(172_800)))
        #expect(more.operation.goAwayChance == 0.02 && more.operation.sendsRetryAfter)
    }

    @Test func aPolicyThatIsNoneAndALogThatCannotBeOpenedAreTold() throws {
        let files = try Files()
        defer { files.remove() }
        let policy = try files.write("policy.yaml", "kind: Policy\n")
        let configuration = try completed(
            ["--audit-policy-file=\(policy)", "--audit-log-path=/proc/nowhere/audit.log"], files)
        do throws(ConfigurationError) {
            _ = try ServerApp(configuration, logger: .silent)
            Issue.record("was accepted")
        } catch {
            #expect(error.messages.count == 2)
            #expect(error.messages.first?.hasPrefix("--audit-log-path: /proc/nowhere") == true)
            #expect(error.messages.last?.contains("policy.yaml: apiVersion: must be") == true)
        }
    }
}
