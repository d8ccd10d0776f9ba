import APIMachinery
import Testing

/// R04, R15: checking bodies against a schema.
struct SchemaTests {
    static let schema = Schema.resource([
        .init(
            "spec",
            .object([
                .init("size", .integer(.int32, minimum: 1, maximum: 10), required: true),
                .init("total", .integer()), .init("ratio", .number), .init("on", .boolean, default: true),
                .init("phase", .enumeration(["A", "B"])), .init("at", .time), .init("wait", .duration, default: "30s"),
                .init("data", .bytes), .init("port", .integerOrString), .init("extra", .any),
                .init("note", Schema.string.nullable), .init("short", .string(minLength: 2, maxLength: 3)),
                .init("name", .string(rule: Names.dns1123Label)), .init("tags", .array(of: .string, topology: .set)),
                .init(
                    "items",
                    .array(
                        of: .object([.init("name", .string, required: true), .init("value", .integer())]),
                        topology: .map(keys: ["name"]), minItems: 1, maxItems: 3)),
                .init("labels", .map(of: .string)),
                .init("open", .object([.init("known", .string)], keepsUnknownFields: true)),
            ]), required: true)
    ])

    static func check(_ spec: JSONValue) -> SchemaResult { schema.check(["spec": spec]) }

    @Test func whatTheServerSetsIsTakenAsItIs() {
        let size = Schema.object([.init("size", .integer(), required: true)])
        let sent: JSONValue = ["size": "x", "strange": true]
        let told = Schema.object([.init("status", size.setByServer)]).check(["status": sent])
        #expect(told.errors.isEmpty && told.unknownFields.isEmpty)
        #expect(told.value == ["status": sent])
        #expect(!Schema.object([.init("status", size)]).check(["status": sent]).errors.isEmpty)
        #expect(!Schema.object([.init("status", size.neverReturned)]).check(["status": sent]).errors.isEmpty)
    }

    @Test func legalValuesPassAndGetDefaults() {
        let spec: JSONValue = [
            "size": 5, "total": 9_000_000_000, "ratio": 0.5, "phase": "A", "at": "2026-01-01T00:00:00Z", "wait": "1m",
            "data": "AQID", "port": "http", "extra": ["any": [1, nil]], "note": nil, "short": "ab", "name": "a-b",
            "tags": ["a", "b"], "items": [["name": "x", "value": 1], ["name": "y"]], "labels": ["k": "v"],
            "open": ["unknown": 1], "on": false,
        ]
        let result = Self.check(spec)
        #expect(result.errors.isEmpty && result.unknownFields == [])
        #expect(result.value["spec"] == spec)
        #expect(Self.check(["size": 1, "total": nil]).value["spec"] == ["size": 1, "on": true, "wait": "30s"])
    }

    @Test func unknownFieldsAreDroppedAndNamed() {
        let result = Self.schema.check([
            "Spec": 1, "spec": ["size": 1, "x": 1, "items": [["name": "a", "y": 2]], "labels": ["free": "x"]],
            "metadata": [
                "name": "a", "bogus": 1,
                "ownerReferences": [["uid": "u", "z": 1, "apiVersion": "v1", "kind": "k", "name": "n"]],
            ],
        ])
        #expect(
            result.unknownFields
                == ["Spec", "spec.x", "spec.items[0].y", "metadata.bogus", "metadata.ownerReferences[0].z"])
        #expect(result.errors.isEmpty)
        #expect(result.value["spec"]?["x"] == nil && result.value["Spec"] == nil)
        #expect(result.value["spec"]?["items"] == [["name": "a"]])
    }

    @Test(
        arguments: [
            ([:], "spec.size: Required value"),
            (
                ["size": "5"],
                "spec.size: Invalid value: \"string\": spec.size in body must be of type integer: \"string\""
            ),
            (["size": 0], "spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1"),
            (["size": 11], "spec.size: Invalid value: 11: spec.size in body should be less than or equal to 10"),
            (
                ["size": 1.5],
                "spec.size: Invalid value: \"number\": spec.size in body must be of type integer: \"number\""
            ),
            (
                ["size": 1, "port": 3_000_000_000],
                "spec.port: Invalid value: 3000000000: spec.port in body should be less than or equal to 2147483647"
            ),
            (
                ["size": 1, "ratio": "x"],
                "spec.ratio: Invalid value: \"string\": spec.ratio in body must be of type number: \"string\""
            ),
            (
                ["size": 1, "on": 1],
                "spec.on: Invalid value: \"integer\": spec.on in body must be of type boolean: \"integer\""
            ),
            (["size": 1, "phase": "C"], "spec.phase: Unsupported value: \"C\": supported values: \"A\", \"B\""),
            (
                ["size": 1, "at": "x"],
                "spec.at: Invalid value: \"x\": spec.at in body must be of type date-time: \"x\""
            ),
            (
                ["size": 1, "wait": "30"],
                "spec.wait: Invalid value: \"30\": spec.wait in body must be of type duration: \"30\""
            ),
            (
                ["size": 1, "data": "?"],
                "spec.data: Invalid value: \"?\": spec.data in body must be of type byte: \"?\""
            ),
            (["size": 1, "short": "abcd"], "spec.short: Too long: may not be more than 3 bytes"),
            (["size": 1, "short": "a"], "spec.short: Too short: must be at least 2 characters"),
            (["size": 1, "name": "a.b"], "spec.name: Invalid value: \"a.b\": must not contain dots"),
            (["size": 1, "tags": ["a", "a"]], "spec.tags[1]: Duplicate value: \"a\""),
            (["size": 1, "items": []], "spec.items: Too few: 0: must have at least 1 item"),
            (["size": 1, "items": [[:], [:], [:], [:]]], "spec.items: Too many: 4: must have at most 3 items"),
            (
                ["size": 1, "items": [["name": "a"], ["name": "a", "value": 2]]],
                "spec.items[1]: Duplicate value: {\"name\":\"a\"}"
            ),
            (["size": 1, "items": [["value": 2]]], "spec.items[0].name: Required value"),
            (
                ["size": 1, "labels": ["k": 1]],
                "spec.labels[k]: Invalid value: \"integer\": spec.labels[k] in body must be of type string: \"integer\""
            ),
            ([1], "spec: Invalid value: \"array\": spec in body must be of type object: \"array\""),
        ] as [(JSONValue, String)])
    func faultsAreTold(spec: JSONValue, fault: String) {
        #expect(Self.check(spec).errors.map(\.description) == [fault])
    }

    @Test func everyFaultIsToldUpToALimit() {
        #expect(Self.check(["size": 0, "on": 1, "phase": "C"]).errors.errors.count == 3)
        let many = Schema.array(of: .string).check(.array(Array(repeating: 1, count: 5000)))
        #expect(many.errors.errors.count == 100)
        let unknown = Schema.object([]).check(.object(JSONObject((0..<5000).map { ("f\($0)", 1) })))
        #expect(unknown.unknownFields.count == 100)
    }

    @Test func conditionsFollowKubernetes() {
        let good: JSONValue = [
            "type": "Ready", "status": "True", "reason": "AllGood", "message": "",
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        ]
        #expect(Schema.conditions.check([good]).errors.isEmpty)
        #expect(Schema.conditions.check([good, good]).errors.errors.count == 1)
        let bad: JSONValue = [
            "type": "Ready", "status": "Yes", "reason": "not good", "message": "", "lastTransitionTime": "x",
        ]
        #expect(
            Schema.condition.check(bad).errors.map(\.path.description) == ["status", "reason", "lastTransitionTime"])
    }
}
