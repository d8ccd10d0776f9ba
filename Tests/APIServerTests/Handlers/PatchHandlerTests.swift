import APIMachinery
import NIOHTTP1
import Testing

@testable import APIServer

/// PATCH (conformance 8.6).
struct PatchHandlerTests {
    static let merge = "application/merge-patch+json"
    static let json = "application/json-patch+json"

    let api = WidgetAPI()
    let path = WidgetAPI.widgets + "/w1"

    init() { api.storage.put(UpdateHandlerTests.stored()) }

    private func patch(
        _ body: String, _ type: String? = PatchHandlerTests.merge, query: String = "",
        accept: String = "application/json"
    ) async throws -> WidgetAPI.Answer {
        var headers: HTTPHeaders = ["accept": accept]
        if let type { headers.add(name: "content-type", value: type) }
        return try await api.send(.PATCH, path + query, headers, body: body)
    }

    /// C06: the garbage collector and kubectl go on from here.
    @Test(arguments: [
        "application/strategic-merge-patch+json", "application/json", "application/apply-patch+cbor", "text/plain", "x",
        nil,
    ])
    func c06OtherTypesAre415WithTheListOfThoseThatAreServed(_ type: String?) async throws {
        let answer = try await patch(#"{"metadata":{"labels":{"a":"b"}}}"#, type, query: "?fieldManager=x")
        #expect(answer.status == 415)
        #expect(answer.reason == "UnsupportedMediaType")
        #expect(
            answer.message == "the body of the request was in an unknown format - accepted media types include: "
                + "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml")
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let type: String
        let body: String
        let status: Int
        let message: String
        var query = ""
        init(_ type: String, _ body: String, _ status: Int, _ message: String, query: String = "") {
            (self.type, self.body, self.status, self.message, self.query) = (type, body, status, message, query)
        }
        var testDescription: String { String(body.prefix(90)) + query }
    }

    static let unprocessable = "the server rejected our request due to an error in our request"
    static let invalid = UpdateHandlerTests.invalid
    static let refused: [Case] = [
        Case(merge, "[]", 400, "error decoding patch: "),
        Case(merge, "5", 400, "error decoding patch: "),
        Case(merge, "", 400, "error decoding patch: "),
        Case(merge, "{", 400, "error decoding patch: "),
        Case(
            merge, #"{"metadata":{"name":"w2"}}"#, 400,
            "the name of the object (w2) does not match the name on the URL (w1)"),
        Case(merge, #"{"metadata":{"name":null}}"#, 400, "the name of the object (w1 based on URL) was undeterminable"),
        Case(merge, #"{"metadata":{"namespace":"test"}}"#, 400, "the namespace of the provided object does not match"),
        Case(
            merge, #"{"metadata":{"uid":"other"}}"#, 422,
            invalid + #"metadata.uid: Invalid value: "other": field is immutable"#),
        Case(
            merge, #"{"metadata":{"resourceVersion":"100"}}"#, 409,
            UpdateHandlerTests.conflict + "the object has been modified"),
        Case(
            merge, #"{"metadata":{"resourceVersion":null}}"#, 422,
            invalid + "metadata.resourceVersion: Invalid value: 0: must be specified for an update"),
        Case(merge, #"{"spec":{"size":"x"}}"#, 422, invalid + "spec.size: Invalid value"),
        Case(merge, #"{"spec":{"size":1}}"#, 422, invalid + "spec.size: Invalid value: 1: must not shrink"),
        Case(merge, #"{"spec":null}"#, 422, invalid + "spec: Required value"),
        Case(merge, #"{"metadata":{"labels":{"a":5}}}"#, 422, invalid + "metadata.labels[a]: Invalid value"),
        Case(merge, #"{"metadata":{"labels":{"a":"-"}}}"#, 422, invalid + "metadata.labels: Invalid value"),
        Case(merge, #"{"kind":"Gadget"}"#, 400, #"Gadget in version "v1" cannot be handled as a Widget"#),
        Case(merge, #"{"metadata":null}"#, 400, "the name of the object (w1 based on URL) was undeterminable"),
        Case(merge, "{}", 422, #"PatchOptions.meta.k8s.io "" is invalid: dryRun: "#, query: "?dryRun=x"),
        Case(
            merge, "{}", 422,
            #"PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch"#,
            query: "?force=true"),
        Case(
            merge, #"{"spec":{"x":1,"size":3,"size":4}}"#, 422, #" "" is invalid: patch: Invalid value: "#,
            query: "?fieldValidation=Strict"),
        Case(json, "{}", 400, "error decoding patch: "),
        Case(json, "[1]", 400, "error decoding patch: "),
        Case(json, "nonsense", 400, "error decoding patch: "),
        Case(json, #"[{"op":"test","path":"/spec/size","value":3}]"#, 422, unprocessable),
        Case(json, #"[{"op":"spam","path":"/spec/size"}]"#, 422, unprocessable),
        Case(json, #"[{"op":"remove","path":"/spec/none"}]"#, 422, unprocessable),
        Case(json, #"[{"op":"replace","path":"/spec/none/x","value":1}]"#, 422, unprocessable),
        Case(json, #"[{"op":"replace","path":"","value":5}]"#, 400, "the object provided is unrecognized"),
        Case(json, #"[{"op":"replace","path":"/metadata/name","value":"w2"}]"#, 400, "the name of the object (w2)"),
        Case(json, #"[{"op":"replace","path":"/spec/size","value":1}]"#, 422, invalid + "spec.size"),
        Case(
            json, "[" + Array(repeating: #"{"op":"remove","path":"/x"}"#, count: 10_001).joined(separator: ",") + "]",
            413,
            "Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001"),
        Case(
            merge, #"{"x":""# + String(repeating: "x", count: 3 << 20), 413,
            "Request entity too large: limit is 3145728"),
    ]

    @Test(arguments: refused)
    func r07WhatCantBeAppliedIsRefusedInKubeApiserversWords(_ example: Case) async throws {
        let answer = try await patch(example.body, example.type, query: example.query)
        #expect(answer.status == example.status)
        #expect(answer.message.hasPrefix(example.message), "\(answer.message)")
        #expect(api.storage.currentVersion == ResourceVersion(101))
    }

    @Test func r07BothKindsOfPatchChangeTheObject() async throws {
        let merged = try await patch(#"{"metadata":{"labels":{"app":null,"team":"a"}},"spec":{"size":3}}"#)
        #expect(merged.status == 200)
        #expect(merged.json["metadata"]?["labels"] == ["team": "a"])
        #expect(merged.json["metadata"]?["generation"] == 4)
        let operations =
            #"[{"op":"test","path":"/spec/size","value":3},{"op":"add","path":"/metadata/labels/x~1y","value":"z"}]"#
        let patched = try await patch(operations, Self.json + "; charset=utf-8")
        #expect(patched.json["metadata"]?["labels"] == ["team": "a", "x/y": "z"])
        #expect(patched.version == "103")
        #expect(try await api.send(.GET, path, .json).json == patched.json)
    }

    @Test(arguments: [
        (merge, #"{}"#), (merge, #"{"metadata":{"labels":{"app":"web","gone":null}}}"#),
        (merge, #"{"spec":{"color":null}}"#),
        (merge, #"{"metadata":{"resourceVersion":"101","deletionTimestamp":null,"creationTimestamp":null}}"#),
        (json, "[]"),
        (json, #"[{"op":"replace","path":"/spec/size","value":9},{"op":"replace","path":"/spec/size","value":2}]"#),
        (merge, #"{"status":{"x":1},"metadata":{"generation":77,"managedFields":[]}}"#),
    ])
    func r07APatchThatChangesNothingKeepsTheVersion(_ type: String, _ body: String) async throws {
        let answer = try await patch(body, type)
        #expect(answer.status == 200)
        #expect(answer.version == "101")
        #expect(api.storage.currentVersion == ResourceVersion(101))
    }

    @Test func r04UnknownAndDuplicateFieldsAreWarnedOfDroppedOrIgnored() async throws {
        let body = #"{"spec":{"x":1,"size":3,"size":4}}"#
        let warned = try await patch(body)
        #expect(warned.json["spec"] == ["size": 4, "color": "red"])
        #expect(
            warned.warnings == [#"299 - "duplicate field \"spec.size\"""#, #"299 - "unknown field \"spec.x\"""#])
        #expect(try await patch(body, query: "?fieldValidation=Ignore").warnings.isEmpty)
        let strict = try await patch(body, query: "?fieldValidation=Strict")
        #expect(strict.json["details"]?["causes"]?.arrayValue?.first?["field"] == "patch")
        #expect(
            strict.message.hasSuffix(#": strict decoding error: duplicate field "spec.size", unknown field "spec.x""#),
            "\(strict.message)")
        let operation = try await patch(#"[{"op":"test","path":"/spec/size","value":4,"z":1}]"#, Self.json)
        #expect(operation.warnings == [#"299 - "json patch unknown field \"[0].z\"""#])
    }

    @Test func r07AFailedOperationIsNamedInTheCauses() async throws {
        let answer = try await patch(
            #"[{"op":"test","path":"/spec/size","value":2},{"op":"remove","path":"/spec/none"}]"#, Self.json)
        #expect(answer.message == Self.unprocessable)
        #expect(answer.reason == "Invalid")
        let cause = answer.json["details"]?["causes"]?.arrayValue?.first
        #expect(cause?["field"] == "patch[1]")
        #expect(cause?["message"] == #"there is nothing to remove at "/spec/none""#)
    }

    @Test func r03ADryRunKeepsNothing() async throws {
        let answer = try await patch(#"{"spec":{"size":8}}"#, query: "?dryRun=All")
        #expect(answer.json["spec"]?["size"] == 8)
        #expect(answer.version == "101")
        #expect(api.storage.currentVersion == ResourceVersion(101))
    }

    @Test func anObjectThatIsNotThereIsA404() async throws {
        let answer = try await api.send(
            .PATCH, WidgetAPI.widgets + "/w2", ["content-type": Self.merge], body: #"{"spec":{"size":8}}"#)
        #expect(answer.status == 404)
    }

    /// Conformance 13.2: the garbage collector's patches, answered as it asks.
    @Test func theGarbageCollectorTakesAwayFinalizersAndOwners() async throws {
        api.storage.put(
            UpdateHandlerTests.stored {
                $0.finalizers = ["orphan"]
                $0.deletionTimestamp = Timestamp(rfc3339: "2026-01-02T00:00:00Z")
                $0.ownerReferences = [OwnerReference(apiVersion: "v1", kind: "Pod", name: "p", uid: "u")]
            })
        let accept =
            "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,"
            + "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"
        let owners = try await patch(#"{"metadata":{"resourceVersion":"102","ownerReferences":null}}"#, accept: accept)
        #expect(owners.json["kind"] == "PartialObjectMetadata")
        #expect(owners.json["metadata"]?["ownerReferences"] == nil)
        let stale = try await patch(#"{"metadata":{"resourceVersion":"102","finalizers":null}}"#, accept: accept)
        #expect(stale.status == 409)
        let last = try await patch(#"{"metadata":{"resourceVersion":"103","finalizers":null}}"#, accept: accept)
        #expect(last.status == 200)
        #expect(try await api.send(.GET, path, .json).status == 404)
    }

    @Test func r16AnObjectCantGrowBeyondTheLimitByManyPatches() async throws {
        let api = WidgetAPI(InMemoryStorage(bodyLimit: 4096))
        api.storage.put(UpdateHandlerTests.stored())
        var statuses: [Int] = []
        for round in 0..<3 {
            let labels = (0..<30).map { #""l\#(round).\#($0)":"\#(String(repeating: "x", count: 40))""# }
            let body = #"{"metadata":{"labels":{"# + labels.joined(separator: ",") + "}}}"
            statuses.append(try await api.send(.PATCH, path, ["content-type": Self.merge], body: body).status)
        }
        #expect(statuses == [200, 200, 413])
        #expect(api.storage.currentVersion == ResourceVersion(103))
    }
}
