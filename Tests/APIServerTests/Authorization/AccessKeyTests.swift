import APIMachinery
import Testing

@testable import APIServer

struct AccessKeyTests {
    private static func resource(_ change: (inout Attributes) -> Void = { _ in }) -> Attributes {
        var attributes = Attributes(
            user: UserInfo(name: "a", uid: "u", groups: ["g"], extra: ["k": ["v"]]), verb: "get", group: "p.io",
            version: "v1", resource: "profiles", subresource: "s", namespace: "n", name: "p")
        change(&attributes)
        return attributes
    }

    /// Each of these is another question than the first.
    @Test func whateverDiffersIsAnotherQuestion() {
        let questions: [Attributes] = [
            Self.resource(), Self.resource { $0.user.name = "b" }, Self.resource { $0.user.uid = "" },
            Self.resource { $0.user.groups = [] }, Self.resource { $0.user.groups = ["g", "g"] },
            Self.resource { $0.user.extra = [:] }, Self.resource { $0.user.extra = ["k": []] },
            Self.resource { $0.user.extra = ["k": ["v", ""]] }, Self.resource { $0.user.extra = ["kv": [""]] },
            Self.resource { $0.verb = "list" }, Self.resource { $0.namespace = "" }, Self.resource { $0.group = "" },
            Self.resource { $0.version = "v2" }, Self.resource { $0.resource = "profile" },
            Self.resource { $0.subresource = "" }, Self.resource { $0.name = "" },
            Self.resource { $0.labelSelectorText = "x" }, Self.resource { $0.fieldSelectorText = "x" },
            // Texts that would be the same one behind the other.
            Self.resource { ($0.namespace, $0.group) = ("np", ".io") },
            Self.resource { ($0.user.groups, $0.user.uid) = (["gu"], "") },
            Self.resource { ($0.isResourceRequest, $0.path) = (false, "/n") },
            Self.resource { ($0.isResourceRequest, $0.path) = (false, "") },
            // Equal for Swift, not for Kubernetes.
            Self.resource { $0.user.name = "\u{E9}" }, Self.resource { $0.user.name = "e\u{301}" },
            Self.resource { $0.name = String(repeating: "x", count: 127) },
            Self.resource { $0.name = String(repeating: "x", count: 128) },
            Self.resource { $0.name = String(repeating: "x", count: 20_000) },
        ]
        #expect(Set(questions.map(AccessKey.init)).count == questions.count)
    }

    @Test func theSameIsTheSameInWhateverOrderExtraIs() {
        let keys = (0..<20).map { "key\($0)" }
        var first: [String: [String]] = [:]
        var second: [String: [String]] = [:]
        for key in keys { first[key] = [key] }
        for key in keys.reversed() { second[key] = [key] }
        second.reserveCapacity(1000)
        #expect(
            AccessKey(Self.resource { $0.user.extra = first }) == AccessKey(Self.resource { $0.user.extra = second }))
    }
}
