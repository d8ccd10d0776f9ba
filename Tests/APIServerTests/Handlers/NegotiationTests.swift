import APIMachinery
import NIOHTTP1
import Testing

@testable import APIServer

/// C01 to C08, B01, B02: the forms an answer can have.
struct NegotiationTests {
    let api = WidgetAPI()

    @Test func c01AClientThatPrefersProtobufGetsJSON() async throws {
        api.storage.put("w1")
        for path in [WidgetAPI.widgets + "/w1", WidgetAPI.widgets] {
            let answer = try await api.send(.GET, path, .protobufFirst)
            #expect(answer.status == 200)
            #expect(answer.headers.first(name: "content-type") == "application/json")
        }
    }

    @Test func aPlainGetIsTheStoredBytesAndANewline() async throws {
        let stored = api.storage.put("w1", size: 7)
        for headers in [HTTPHeaders.json, [:], ["accept": "application/json, */*", "user-agent": "kubectl/v1.32"]] {
            let answer = try await api.send(.GET, WidgetAPI.widgets + "/w1", headers)
            #expect(answer.text == String(decoding: stored.json, as: UTF8.self) + "\n")
        }
    }

    @Test func c02MetadataOnlyOfAnObjectAndOfAList() async throws {
        api.storage.put("w1", labels: ["app": "web"])
        let one = try await api.send(.GET, WidgetAPI.widgets + "/w1", .partial("PartialObjectMetadata"))
        #expect(one.json["kind"] == "PartialObjectMetadata")
        #expect(one.json["apiVersion"] == "meta.k8s.io/v1")
        #expect(one.json["metadata"]?["labels"]?["app"] == "web")
        #expect(one.json["spec"] == nil)
        let list = try await api.send(.GET, WidgetAPI.widgets, .partial("PartialObjectMetadataList"))
        #expect(list.json["kind"] == "PartialObjectMetadataList")
        #expect(list.items.map { $0["kind"] } == ["PartialObjectMetadata"])
        let wrong = try await api.send(.GET, WidgetAPI.widgets, .partial("PartialObjectMetadata"))
        #expect(wrong.status == 406)
    }

    @Test(arguments: ["v1", "v1beta1"])
    func c03B01TablesOfObjectsAndLists(_ version: String) async throws {
        api.storage.put("w1", size: 7)
        let headers: HTTPHeaders = ["accept": "application/json;as=Table;v=\(version);g=meta.k8s.io"]
        for path in [WidgetAPI.widgets + "/w1", WidgetAPI.widgets] {
            let answer = try await api.send(.GET, path, headers)
            #expect(answer.json["kind"] == "Table")
            #expect(answer.json["apiVersion"]?.stringValue == "meta.k8s.io/\(version)")
            #expect(answer.version == "101")
            let columns = answer.json["columnDefinitions"]?.arrayValue ?? []
            #expect(columns.compactMap { $0["name"]?.stringValue } == ["Name", "Size", "Age"])
            #expect(columns.first?["format"] == "name")
            let row = answer.json["rows"]?.arrayValue?.first
            #expect(row?["cells"] == ["w1", 7, "2m41s"])
            #expect(row?["object"]?["kind"] == "PartialObjectMetadata")
        }
    }

    @Test func c03UnknownConversionsArePassedOverAndRefusedWhereNothingElseIsAccepted() async throws {
        api.storage.put("w1")
        let bogus = "application/json;as=Bogus;v=v1;g=meta.k8s.io"
        let next = try await api.send(.GET, WidgetAPI.widgets, ["accept": "\(bogus),application/json"])
        #expect(next.json["kind"] == "WidgetList")
        let none = try await api.send(.GET, WidgetAPI.widgets, ["accept": bogus])
        #expect(none.status == 406)
        #expect(none.message == "only the following media types are accepted: application/json, application/yaml")
    }

    @Test(arguments: [
        ("None", "null"), ("Metadata", "PartialObjectMetadata"), ("Object", "Widget"), ("", "PartialObjectMetadata"),
    ])
    func b02WhatRowsCarry(_ include: String, _ kind: String) async throws {
        api.storage.put("w1")
        let answer = try await api.send(.GET, WidgetAPI.widgets + "?includeObject=\(include)", .table)
        let object = answer.json["rows"]?.arrayValue?.first?["object"]
        #expect(object?["kind"]?.stringValue ?? "null" == kind)
    }

    @Test func b02ABadIncludeObjectIsRefusedBeforeAnythingIsDone() async throws {
        let answer = try await api.send(
            .POST, WidgetAPI.widgets + "?includeObject=Bogus", .table, body: #"{"metadata":{"name":"w1"},"spec":{}}"#)
        #expect(answer.status == 400)
        #expect(answer.message.contains("must be 'Metadata', 'Object', 'None', or empty"))
        #expect(api.storage.currentVersion == ResourceVersion(100))
    }

    @Test(arguments: [HTTPMethod.POST, .DELETE])
    func c04A406HasNoSideEffect(_ method: HTTPMethod) async throws {
        let before = api.storage.put("w1").resourceVersion
        let path = method == .POST ? WidgetAPI.widgets : WidgetAPI.widgets + "/w1"
        let answer = try await api.send(
            method, path, ["accept": "text/html"],
            body: method == .POST ? #"{"metadata":{"name":"w2"},"spec":{}}"# : nil)
        #expect(answer.status == 406)
        #expect(answer.reason == "NotAcceptable")
        #expect(api.storage.currentVersion == before)
    }

    @Test(arguments: [
        ("application/json; charset=utf-8", 201), ("", 201), ("text/plain", 415),
        ("application/vnd.kubernetes.protobuf", 415),
    ])
    func c05MediaTypesOfABody(_ type: String, _ status: Int) async throws {
        let headers: HTTPHeaders = type.isEmpty ? [:] : ["content-type": type]
        let answer = try await api.send(
            .POST, WidgetAPI.widgets, headers, body: #"{"metadata":{"name":"w1"},"spec":{}}"#)
        #expect(answer.status == status)
        if status == 415 {
            #expect(answer.reason == "UnsupportedMediaType")
            #expect(
                answer.message == "the body of the request was in an unknown format - accepted media types include: "
                    + "application/json, application/yaml")
        }
    }

    @Test func c07YAMLInAndOut() async throws {
        let body = "apiVersion: example.io/v1\nkind: Widget\nmetadata:\n  name: w1\nspec:\n  size: 3\n"
        let created = try await api.send(
            .POST, WidgetAPI.widgets, ["content-type": "application/yaml", "accept": "application/yaml"], body: body)
        #expect(created.status == 201)
        #expect(created.headers.first(name: "content-type") == "application/yaml")
        #expect(try YAML.parse(Array(created.text.utf8)).value["spec"]?["size"] == 3)
        api.storage.put("w2", color: "two\nlines")
        let list = try await api.send(.GET, WidgetAPI.widgets, .yaml)
        let value = try YAML.parse(Array(list.text.utf8)).value
        let plain = try await api.send(.GET, WidgetAPI.widgets, .json)
        #expect(value == plain.json)
        #expect(plain.names == ["w1", "w2"])
    }

    @Test func c07AnEmptyListIsYAMLToo() async throws {
        let list = try await api.send(.GET, WidgetAPI.widgets, .yaml)
        #expect(try YAML.parse(Array(list.text.utf8)).value["items"] == [])
    }

    @Test(arguments: [
        ("", "curl/8.5.0", "", true), ("", "kubectl/v1.32", "", false), ("?pretty=true", "kubectl", "", true),
        ("?pretty=false", "curl/8.5.0", "", false), ("", "kubectl", ";pretty=1", true),
        ("", "Mozilla/5.0 (X)", "", true),
    ])
    func c08IndentedForPeopleOnly(
        _ query: String, _ agent: String, _ parameter: String, _ isIndented: Bool
    ) async throws {
        api.storage.put("w1")
        let headers: HTTPHeaders = ["user-agent": agent, "accept": "application/json\(parameter)"]
        for path in [WidgetAPI.widgets + "/w1", WidgetAPI.widgets] {
            let answer = try await api.send(.GET, path + query, headers)
            #expect(answer.text.contains("{\n  \"kind\": \"Widget") == isIndented)
            #expect(answer.text.hasSuffix("}\n"))
            let compact = try JSONValue.parse(Array(answer.text.utf8)).encoded(pretty: true)
            if isIndented { #expect(answer.text == String(decoding: compact, as: UTF8.self) + "\n") }
        }
    }
}
