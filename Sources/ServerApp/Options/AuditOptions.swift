internal import APIServer
public import ArgumentParser

/// What is recorded of requests, and where: the names of kube-apiserver's flags.
public struct AuditOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "File with the audit policy (audit.k8s.io/v1 Policy); required with --audit-log-path. Read again when it changes.",
            valueName: "file"))
    var auditPolicyFile: String?

    @Option(
        help: ArgumentHelp(
            "File that audit events are appended to, a line of JSON each; - is the standard output (default: nothing is recorded).",
            valueName: "file")
    )
    var auditLogPath: String?

    @Option(help: ArgumentHelp("Days that a rotated audit file is kept; 0: no limit.", valueName: "int"))
    var auditLogMaxage = "0"

    @Option(help: ArgumentHelp("Rotated audit files that are kept; 0: all.", valueName: "int"))
    var auditLogMaxbackup = "0"

    @Option(help: ArgumentHelp("Megabytes of an audit file before it is rotated.", valueName: "int"))
    var auditLogMaxsize = "100"

    @Option(
        help: ArgumentHelp(
            "batch: requests don't wait for their events; blocking: they do; blocking-strict: and are refused if the first can't be written.",
            valueName: "mode"))
    var auditLogMode = AuditMode.batch.rawValue

    @Option(help: ArgumentHelp("Events that wait in mode batch; further ones are lost, and counted.", valueName: "int"))
    var auditLogBatchBufferSize = "10000"

    @Option(
        help: ArgumentHelp("Bytes of an event; a longer one is written without its objects.", valueName: "bytes"))
    var auditLogTruncateMaxEventSize = "102400"

    /// The defaults, or what the command line says.
    public init() {}

    /// The options as values.
    struct Completed: Sendable {
        var policyFile: String
        /// Nil is the standard output.
        var logFile: String?
        var rotation: AuditFile.Rotation
        var mode: AuditMode
        var queueLength: Int
        var eventLimit: Int
    }

    /// Nil if nothing is to be recorded.
    func complete(_ faults: inout Faults) -> Completed? {
        let megabytes = faults.integer("--audit-log-maxsize", auditLogMaxsize, in: 1...1_000_000)
        let backups = faults.integer("--audit-log-maxbackup", auditLogMaxbackup, in: 0...1_000_000)
        let days = faults.integer("--audit-log-maxage", auditLogMaxage, in: 0...36_500)
        let mode = faults.choice("--audit-log-mode", auditLogMode, AuditMode.batch)
        let length = faults.integer("--audit-log-batch-buffer-size", auditLogBatchBufferSize, in: 1...10_000_000)
        let limit = faults.integer(
            "--audit-log-truncate-max-event-size", auditLogTruncateMaxEventSize, in: 1024...(64 << 20))
        switch (auditPolicyFile, auditLogPath) {
        case (nil, nil): return nil
        case (nil, _?): faults.add("--audit-policy-file", "is required with --audit-log-path: it says what is recorded")
        case (_?, nil):
            faults.add("--audit-log-path", "is required with --audit-policy-file: nothing would be recorded")
        case (let policy?, let path?):
            return Completed(
                policyFile: faults.readable("--audit-policy-file", policy), logFile: path == "-" ? nil : path,
                rotation: AuditFile.Rotation(
                    size: megabytes << 20, backups: backups == 0 ? nil : backups,
                    age: days == 0 ? nil : .seconds(days * 86_400)),
                mode: mode, queueLength: length, eventLimit: limit)
        }
        return nil
    }
}
