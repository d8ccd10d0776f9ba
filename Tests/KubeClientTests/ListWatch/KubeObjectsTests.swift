import APIMachinery
import Testing

@testable import KubeClient

struct KubeObjectsTests {
    @Test(arguments: [
        (#"{"metadata":{"name":"a","uid":"u"},"status":{"phase":"Active"}}"#, false),
        (#"{"metadata":{"name":"a","uid":"u"}}"#, false),
        (#"{"metadata":{"name":"a","uid":"u","deletionTimestamp":null}}"#, false),
        (#"{"metadata":{"name":"a","uid":"u"},"status":{"phase":"Terminating"}}"#, true),
        (#"{"metadata":{"name":"a","uid":"u","deletionTimestamp":"2026-01-01T00:00:00Z"}}"#, true),
    ]) func aNamespaceThatIsGoingIsToldByPhaseOrTimestamp(_ text: String, _ isTerminating: Bool) throws {
        let namespace = KubeNamespace(try JSONValue.parse(Array(text.utf8)))
        #expect(namespace == KubeNamespace(name: "a", uid: "u", isTerminating: isTerminating))
    }

    @Test(arguments: ["{}", "[]", #"{"metadata":{}}"#, #"{"metadata":{"name":""}}"#, #"{"metadata":{"name":7}}"#])
    func anObjectWithoutANameIsNone(_ text: String) throws {
        let json = try JSONValue.parse(Array(text.utf8))
        #expect(KubeNamespace(json) == nil && KubeConfigMap(json) == nil && KubeResourceQuota(json) == nil)
        #expect(ObjectKey(json) == nil)
    }

    @Test func aQuotaHasItsQuantities() throws {
        let text = #"""
            {"metadata":{"name":"q","namespace":"shop","resourceVersion":"7"},
             "spec":{"hard":{"count/profiles.profefe.io":"100","pods":4,"cpu":1.5,"x":[]}},
             "status":{"hard":{"pods":"4"},"used":{"count/profiles.profefe.io":"2"}}}
            """#
        let quota = try #require(KubeResourceQuota(try JSONValue.parse(Array(text.utf8))))
        #expect(quota.key == ObjectKey(namespace: "shop", name: "q"))
        #expect(quota.hard == ["count/profiles.profefe.io": "100", "pods": "4", "cpu": "1.5"])
        #expect(quota.statusHard == ["pods": "4"])
        #expect(quota.used == ["count/profiles.profefe.io": "2"])
        #expect(!quota.isScoped)
    }

    @Test(arguments: [#"{"scopes":["Terminating"]}"#, #"{"scopeSelector":{"matchExpressions":[]}}"#])
    func aQuotaMayBeScoped(_ spec: String) throws {
        let text = #"{"metadata":{"name":"q"},"spec":\#(spec)}"#
        #expect(KubeResourceQuota(try JSONValue.parse(Array(text.utf8)))?.isScoped == true)
    }

    @Test func aConfigMapHasItsTexts() throws {
        let text = #"{"metadata":{"name":"c","resourceVersion":"7"},"data":{"a":"b","n":null,"o":{}}}"#
        let map = try #require(KubeConfigMap(try JSONValue.parse(Array(text.utf8))))
        #expect(map.data == ["a": "b"] && map.resourceVersion == "7")
    }
}
