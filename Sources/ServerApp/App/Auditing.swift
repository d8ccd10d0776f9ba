internal import APIServer
internal import Logging

/// The parts of audit, as the options want them.
struct Auditing: Sendable {
    let auditor: Auditor
    let log: AuditLog
    let policy: AuditPolicyFile

    /// Reads the policy and opens the log; nil, and faults, if either can't be used.
    init?(_ options: AuditOptions.Completed, registry: MetricsRegistry, logger: Logger, _ faults: inout Faults) {
        let metrics = AuditMetrics(registry: registry)
        var output: (any AuditOutput)? = StandardAuditOutput()
        if let path = options.logFile {
            do { output = try AuditFile(path: path, rotation: options.rotation) } catch {
                faults.add("--audit-log-path", "\(error)")
                output = nil
            }
        }
        var policy: AuditPolicyFile?
        do { policy = try AuditPolicyFile(options.policyFile, logger: logger) } catch {
            faults.add("--audit-policy-file", "\(error)")
        }
        guard let policy, let output else { return nil }
        log = AuditLog(
            output: output, mode: options.mode, queueLength: options.queueLength, eventLimit: options.eventLimit,
            metrics: metrics, logger: logger)
        auditor = Auditor(policy: { policy.value }, log: log, metrics: metrics)
        self.policy = policy
    }
}
