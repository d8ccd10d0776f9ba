internal import APIMachinery
internal import ProfileStore

/// What the way in knows of a profile before its bytes are looked at.
struct ProfileOrigin: Sendable {
    /// How a profile came in.
    enum SourceKind: String, Sendable, CaseIterable {
        case capture = "Capture"
        case upload = "Upload"
    }

    /// The profiled pod.
    struct PodReference: Sendable, Equatable {
        var name: String
        var uid = ""
    }

    /// The namespace, and of an object that was created also name, labels and annotations.
    var metadata: ObjectMeta
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
    var requestedBy: String
}
