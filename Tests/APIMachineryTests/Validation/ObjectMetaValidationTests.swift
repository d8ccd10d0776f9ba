import APIMachinery
import Testing

/// R17: metadata validation (conformance 8.5, 8.14).
struct ObjectMetaValidationTests {
    static func metadata(_ change: (inout ObjectMeta) -> Void = { _ in }) -> ObjectMeta {
        var metadata = ObjectMeta(name: "p1", namespace: "prod")
        change(&metadata)
        return metadata
    }

    static func faults(namespaced: Bool = true, _ change: (inout ObjectMeta) -> Void) -> [String] {
        metadata(change).validate(namespaced: namespaced, nameRule: Names.dns1123Subdomain).map(\.description)
    }

    static let owner = OwnerReference(apiVersion: "apps/v1", kind: "Deployment", name: "d", uid: "u")

    @Test func ordinaryMetadataAreFine() {
        let faults = Self.faults {
            $0.generateName = "p-"
            $0.labels = ["profefe.io/type": "cpu", "a": ""]
            $0.annotations = ["Profefe.COM/Enable": "any text\n"]
            $0.finalizers = ["profefe.io/x", "orphan"]
            $0.ownerReferences = [Self.owner]
        }
        #expect(faults == [])
    }

    @Test func aNameIsRequired() {
        #expect(Self.faults { $0.name = "" } == ["metadata.name: Required value: name or generateName is required"])
        #expect(Self.faults { $0.namespace = "" } == ["metadata.namespace: Required value"])
        #expect(Self.faults(namespaced: false) { _ in } == ["metadata.namespace: Forbidden: not allowed on this type"])
    }

    @Test(arguments: [("..", 2), ("a/b", 2), ("A", 1), ("a%", 2)]) func illegalNames(name: String, count: Int) {
        let faults = Self.faults { $0.name = name }
        #expect(
            faults.count == count && faults.allSatisfy { $0.hasPrefix("metadata.name: Invalid value: \"\(name)\": ") })
    }

    @Test func everyFaultIsReported() {
        let faults = Self.faults {
            $0.generateName = "-"
            $0.generateName = "A-"
            $0.namespace = "a.b"
            $0.generation = -1
            $0.labels = ["-": "-"]
            $0.annotations = ["": String(repeating: "x", count: 262_145)]
            $0.finalizers = ["-", "orphan", "foregroundDeletion"]
        }
        let fields = faults.map { $0.prefix { $0 != ":" } }
        #expect(
            fields == [
                "metadata.generateName", "metadata.namespace", "metadata.generation", "metadata.labels",
                "metadata.labels", "metadata.annotations", "metadata.annotations", "metadata.annotations",
                "metadata.finalizers", "metadata.finalizers",
            ])
        #expect(faults.contains("metadata.annotations: Too long: may not be more than 262144 bytes"))
        #expect(faults.contains("metadata.namespace: Invalid value: \"a.b\": must not contain dots"))
        #expect(
            faults.last
                == "metadata.finalizers: Invalid value: [\"-\",\"orphan\",\"foregroundDeletion\"]: finalizer orphan and foregroundDeletion cannot be both set"
        )
    }

    @Test func ownersAreChecked() {
        let empty = OwnerReference(apiVersion: "", kind: "", name: "", uid: "")
        #expect(Self.faults { $0.ownerReferences = [empty] }.count == 4)
        let event = OwnerReference(apiVersion: "v1", kind: "Event", name: "e", uid: "u")
        #expect(
            Self.faults { $0.ownerReferences = [event] }.first?.hasSuffix(
                "/v1, Kind=Event is disallowed from being an owner") == true)
        var controller = Self.owner
        controller.controller = true
        let faults = Self.faults { $0.ownerReferences = [controller, controller] }
        #expect(
            faults.count == 1
                && faults.first?.hasSuffix(
                    "Only one reference can have Controller set to true. Found \"true\" in references for Deployment/d and Deployment/d"
                ) == true)
    }

    @Test func updatesKeepWhatIsImmutable() {
        let old = Self.metadata {
            $0.uid = "u"
            $0.resourceVersion = ResourceVersion(5)
            $0.deletionTimestamp = Timestamp(seconds: 0)
            $0.finalizers = ["a/b"]
        }
        #expect(old.validate(replacing: old).isEmpty)
        var new = old
        new.resourceVersion = nil
        new.uid = "v"
        new.deletionTimestamp = nil
        new.finalizers = ["a/c", "a/b"]
        #expect(
            new.validate(replacing: old).map(\.description) == [
                "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{\"a/c\"}",
                "metadata.resourceVersion: Invalid value: 0: must be specified for an update",
                "metadata.uid: Invalid value: \"v\": field is immutable",
                "metadata.deletionTimestamp: Invalid value: null: field is immutable",
            ])
    }

    @Test func strangeButLegalThingsAreWarnedOf() {
        let metadata = Self.metadata {
            $0.finalizers = ["nofqdn", "orphan", "a.b/c"]
            $0.ownerReferences = [Self.owner, Self.owner]
        }
        #expect(
            metadata.warnings().first == "metadata.finalizers: \"nofqdn\": prefer a domain-qualified finalizer name to "
                + "avoid accidental conflicts with other finalizer writers")
        #expect(metadata.warnings().count == 2)
    }
}
