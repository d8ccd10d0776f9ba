public import APIMachinery

/// Measures how long another admission takes, as kube-apiserver measures its built-in ones.
public struct MeasuredAdmission: Admission {
    private let admission: any Admission
    private let admitted: Histogram
    private let rejected: Histogram

    /// `name` is the plugin's, such as `NamespaceLifecycle`.
    public init(_ admission: any Admission, name: String, registry: MetricsRegistry) {
        self.admission = admission
        let family = registry.histograms(
            "apiserver_admission_controller_admission_duration_seconds",
            "Time that an admission took, by its name and what it said.",
            labels: ["name", "type", "operation", "rejected"], buckets: [0.005, 0.025, 0.1, 0.5, 1, 2.5])
        admitted = family.with(name, "validate", "CREATE", "false")
        rejected = family.with(name, "validate", "CREATE", "true")
    }

    /// As the other.
    public func admit(_ attributes: AdmissionAttributes) async throws(StatusError) -> AdmissionHold? {
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
