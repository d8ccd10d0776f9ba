internal import APIMachinery

/// Measures how long admissions take, as kube-apiserver measures its built-in ones.
public struct AdmissionMetrics: Sendable {
    private let durations: HistogramFamily

    /// Registers them.
    public init(registry: MetricsRegistry) {
        durations = registry.histograms(
            "apiserver_admission_controller_admission_duration_seconds",
            "Time that an admission took, by its name and what it said.",
            labels: ["name", "type", "operation", "rejected"], buckets: [0.005, 0.025, 0.1, 0.5, 1, 2.5])
    }

    /// The same admission, measured; `name` is the plugin's, such as `NamespaceLifecycle`.
    public func measured(_ admission: any Admission, name: String) -> any Admission {
        MeasuredAdmission(
            admission: admission, admitted: durations.with(name, "validate", "CREATE", "false"),
            rejected: durations.with(name, "validate", "CREATE", "true"))
    }
}

/// An admission, measured.
private struct MeasuredAdmission: Admission {
    let admission: any Admission
    let admitted: Histogram
    let rejected: Histogram

    func admit(_ attributes: AdmissionAttributes) async throws(StatusError) -> AdmissionHold? {
        let start = ContinuousClock.now
        do throws(StatusError) {
            let hold = try await admission.admit(attributes)
            admitted.observe((ContinuousClock.now - start) / .seconds(1))
            return hold
        } catch {
            rejected.observe((ContinuousClock.now - start) / .seconds(1))
            throw error
        }
    }
}
