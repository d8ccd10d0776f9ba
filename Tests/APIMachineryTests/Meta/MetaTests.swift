import APIMachinery
import Testing

struct ResourceVersionTests {
    @Test(arguments: [("0", 0), ("1", 1), ("812", 812), ("18446744073709551615", .max)] as [(String, UInt64)])
    func readsPlainDecimals(text: String, number: UInt64) {
        #expect(ResourceVersion(text)?.rawValue == number)
        #expect(ResourceVersion(number).description == text)
    }

    @Test(
        arguments: [
            "", "-1", "+1", "01", "00", "1.0", " 1", "1 ", "1e3", "0x1", "٣", "18446744073709551616",
            "99999999999999999999", "100000000000000000000", "1\0",
        ])
    func refusesEverythingElse(text: String) {
        #expect(ResourceVersion(text) == nil)
    }

    @Test func ordersByNumber() { #expect(ResourceVersion(9) < ResourceVersion(10)) }
}

struct ObjectKeyTests {
    @Test func ordersByBytesOfNamespaceThenName() {
        let keys = [("", "z"), ("a", "b"), ("a", "b-"), ("a", "b."), ("a", "b0"), ("a-b", "a"), ("b", "")].map {
            ObjectKey(namespace: $0.0, name: $0.1)
        }
        #expect(keys.shuffled().sorted() == keys)
        #expect(keys[1].description == "a/b" && keys[0].description == "z")
    }
}

struct GroupVersionTests {
    @Test(arguments: [("v1", "", "v1"), ("a.b/v1", "a.b", "v1")])
    func readsAPIVersions(text: String, group: String, version: String) {
        #expect(GroupVersion(text) == GroupVersion(group: group, version: version))
        #expect(GroupVersion(text)?.description == text)
    }

    @Test(arguments: ["", "/", "a/", "/v1", "a/b/c"]) func refusesEverythingElse(text: String) {
        #expect(GroupVersion(text) == nil)
    }

    @Test func printsAsKubernetesDoes() {
        let version = GroupVersion(group: "profefe.io", version: "v1")
        #expect(version.kind("Profile").description == "profefe.io/v1, Kind=Profile")
        #expect(version.kind("Profile").groupKind.description == "Profile.profefe.io")
        #expect(version.resource("profiles").groupResource.description == "profiles.profefe.io")
        #expect(GroupResource(group: "", resource: "pods").description == "pods")
    }
}

struct LabelsTests {
    @Test func keepsKeysSortedAndUnique() {
        let labels: Labels = ["b": "1", "a": "2", "b": "3", "B": "4"]
        #expect(labels.map(\.key) == ["B", "a", "b"] && labels["b"] == "3" && labels["c"] == nil)
    }

    @Test func changesInPlace() {
        var labels: Labels = ["b": "1"]
        labels["a"] = "0"
        labels["c"] = "2"
        labels["b"] = "x"
        labels["d"] = nil
        #expect(labels == ["a": "0", "b": "x", "c": "2"])
        labels["a"] = nil
        #expect(labels.count == 2 && labels.contains(allOf: ["c": "2"]) && !labels.contains(allOf: ["c": "3"]))
        #expect(labels.contains(allOf: [:]))
    }
}

struct ObjectMetaTests {
    static let json: JSONValue = [
        "name": "p1", "generateName": "p", "namespace": "prod", "uid": "u", "resourceVersion": "7", "generation": 2,
        "creationTimestamp": "2026-01-01T00:00:00Z", "deletionTimestamp": "2026-01-02T00:00:00Z",
        "deletionGracePeriodSeconds": 0, "labels": ["a": "1", "b": "2"], "annotations": ["x": "y"],
        "ownerReferences": [
            [
                "apiVersion": "apps/v1", "kind": "Deployment", "name": "d", "uid": "o", "controller": true,
                "blockOwnerDeletion": false,
            ]
        ], "finalizers": ["a.b/c"],
    ]

    static func read(_ json: JSONValue?) -> (ObjectMeta, [String]) {
        var errors = FieldErrorList()
        let metadata = ObjectMeta(json: json, errors: &errors)
        return (metadata, errors.map(\.path.description))
    }

    @Test func readsBackWhatItWrites() throws {
        let (metadata, errors) = Self.read(Self.json)
        #expect(errors == [])
        var writer = JSONWriter()
        metadata.encode(into: &writer)
        #expect(writer.bytes == Self.json.encoded())
        #expect(metadata.key == ObjectKey(namespace: "prod", name: "p1"))
    }

    @Test func labelsAreWrittenSorted() {
        let (metadata, _) = Self.read(["labels": ["b": "2", "a": "1"]])
        var writer = JSONWriter()
        metadata.encode(into: &writer)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #"{"labels":{"a":"1","b":"2"}}"#)
    }

    @Test(
        arguments: [nil, .null, [:], ["creationTimestamp": nil, "labels": nil, "finalizers": nil, "unknown": 1]]
            as [JSONValue?])
    func nothingGivesNothing(json: JSONValue?) {
        #expect(Self.read(json) == (ObjectMeta(), []))
    }

    @Test func everyWrongTypeIsReported() {
        let (_, errors) = Self.read([
            "name": 1, "resourceVersion": "x", "generation": "2", "creationTimestamp": "yesterday", "labels": ["a": 1],
            "annotations": [], "ownerReferences": [1, ["uid": 2]], "finalizers": [3],
        ])
        #expect(
            errors == [
                "metadata.name", "metadata.resourceVersion", "metadata.generation", "metadata.creationTimestamp",
                "metadata.labels[a]", "metadata.annotations", "metadata.ownerReferences[0]",
                "metadata.ownerReferences[1].uid", "metadata.finalizers[0]",
            ])
        #expect(Self.read("x").1 == ["metadata"])
    }
}
