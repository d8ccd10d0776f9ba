internal import APIMachinery
internal import ProfileStore

/// What the way in knows of a profile before its bytes are looked at.
struct ProfileOrigin: Sendable {
    /// How a profile came in.
    enum SourceKind: String, Sendable, CaseIterable {
        case capture = "Capture"
        case upload = "Upload"
        /// By profefe's own API.
        case agent = "Agent"
        /// From a profefe collector.
        case imported = "Imported"
    }

    /// The profiled pod.
    struct PodReference: Sendable, Equatable {
        var name: String
        var uid = ""
    }

    /// The namespace, and of an object that was created also name, labels and annotations.
    var metadata: ObjectMeta
    /// The exact profefe id where it is another than the name.
    var id: String?
    var service: String
    var type: ProfileType
    /// In the order given, duplicates kept, as profefe does.
    var labels: [(key: String, value: String)] = []
    /// Taken only where the profile does not say its own time.
    var createdAt: Timestamp?
    var instance: String?
    var pod: PodReference?
    var container: String?
    var nodeName: String?
    /// `kind.name`, lower-case, when it could be resolved.
    var workload: String?
    var sourceKind = SourceKind.upload
    var sourceName: String?
    /// The uid of the capture: one of the same name that was created later is another.
    var sourceUID: String?
    var requestedBy: String

    /// What is wrong with a time of taking; nil if nothing is. Selectors compare it as unix seconds, which have no sign in a label.
    static func fault(ofTime time: Timestamp) -> String? {
        time.seconds < 0 ? "must not be before 1970-01-01T00:00:00Z" : nil
    }

    /// What is wrong with the name of a service; nil if nothing is.
    static func fault(ofService service: String) -> String? {
        guard (1...253).contains(service.utf8.count) else { return "must have 1 to 253 bytes" }
        let isPlain = service.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
        return isPlain ? nil : "must not contain control characters"
    }

    /// Takes of the labels that profefe's agents set those that say where the profile was taken.
    mutating func describe() {
        let labels = labels
        func value(_ key: String, _ limit: Int) -> String? {
            labels.first { $0.key == key && !$0.value.isEmpty && $0.value.utf8.count <= limit }?.value
        }
        pod = value("pod", 253).map { ProfileOrigin.PodReference(name: $0) }
        container = value("container", 63)
        nodeName = value("node", 253)
        instance = value("instance", 253)
    }
}
