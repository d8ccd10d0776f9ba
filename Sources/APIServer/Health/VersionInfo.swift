internal import APIMachinery
internal import NIOCore
internal import NIOHTTP1

/// What `/version` says of the program, and `kubernetes_build_info` with it (conformance 6.3).
public struct VersionInfo: Sendable {
    /// The Kubernetes minor whose behaviour is served: clients compare it with theirs.
    public var major = "1"
    /// See ``major``.
    public var minor = "36"
    /// The program's version, `v1.2.3`.
    public var gitVersion: String
    /// The commit it was built from.
    public var gitCommit: String
    /// When, RFC 3339.
    public var buildDate: String
    /// `linux/amd64`.
    public var platform: String

    /// A version of its parts; unknown ones are empty.
    public init(
        gitVersion: String, gitCommit: String = "", buildDate: String = "", platform: String = Self.hostPlatform
    ) {
        self.gitVersion = gitVersion
        self.gitCommit = gitCommit
        self.buildDate = buildDate
        self.platform = platform
    }

    /// The platform this was compiled for, in Go's words.
    public static var hostPlatform: String {
        #if arch(x86_64)
            "linux/amd64"
        #elseif arch(arm64)
            "linux/arm64"
        #else
            "linux/unknown"
        #endif
    }

    private var members: [(String, String)] {
        [
            ("major", major), ("minor", minor), ("gitVersion", gitVersion), ("gitCommit", gitCommit),
            ("gitTreeState", gitCommit.isEmpty ? "" : "clean"), ("buildDate", buildDate), ("goVersion", ""),
            ("compiler", "swift"), ("platform", platform),
        ]
    }

    /// The document, indented as kube-apiserver indents it.
    public var json: [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        for (name, value) in members { writer.field(name, value) }
        writer.endObject()
        return JSONPretty.indent(writer.bytes)
    }

    /// Registers `kubernetes_build_info`.
    public func register(in registry: MetricsRegistry) {
        let names = [
            "major", "minor", "git_version", "git_commit", "git_tree_state", "build_date", "go_version", "compiler",
            "platform",
        ]
        registry.gauges("kubernetes_build_info", "Always 1; the labels say what is running.", labels: names)
            .with(members.map(\.1)).set(1)
    }
}

/// Serves `/version`.
public struct VersionEndpoint: ImmediateEndpoint {
    private let response: APIResponse

    /// Encodes the document once.
    public init(_ version: VersionInfo) {
        response = APIResponse(
            fields: AnswerFields(["content-type": "application/json"]), body: .bytes(ByteBuffer(bytes: version.json)))
    }

    /// The document.
    public func answer(_ request: AuthorizedRequest) -> APIResponse { response }
}
