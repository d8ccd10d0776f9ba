import APIMachinery
import Testing

struct LabelSelectorJSONTests {
    static func read(_ json: JSONValue?) -> (LabelSelector, [String]) {
        var errors = FieldErrorList()
        let selector = LabelSelector(json: json, path: FieldPath("spec.selector"), errors: &errors)
        return (selector, errors.map(\.description))
    }

    @Test(
        arguments: [
            (nil, ""), (.null, ""), ([:], ""), (["matchLabels": ["b": "2", "a": "1"]], "a=1,b=2"),
            (["matchExpressions": [["key": "a", "operator": "In", "values": ["y", "x"]]]], "a in (x,y)"),
            (["matchExpressions": [["key": "a", "operator": "NotIn", "values": ["x"]]]], "a!=x"),
            (["matchExpressions": [["key": "a", "operator": "Exists"]], "matchLabels": nil], "a"),
            (["matchExpressions": [["key": "a", "operator": "DoesNotExist", "values": []]]], "!a"),
        ] as [(JSONValue?, String)])
    func readsLabelsAndExpressions(json: JSONValue?, canonical: String) {
        let (selector, errors) = Self.read(json)
        #expect(selector.description == canonical)
        #expect(errors == [])
    }

    @Test(
        arguments: [
            (
                "text",
                "spec.selector: Invalid value: \"string\": spec.selector in body must be of type object: \"string\""
            ),
            (
                ["matchLabels": ["a": 1]],
                "spec.selector.matchLabels[a]: Invalid value: \"integer\": spec.selector.matchLabels[a] in body must be of type string: \"integer\""
            ),
            (
                ["matchExpressions": [["key": "a", "operator": "In"]]],
                "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'"
            ),
            (
                ["matchExpressions": [["key": "a", "operator": "Exists", "values": ["x"]]]],
                "spec.selector.matchExpressions[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            ),
            (
                ["matchExpressions": [["key": "a", "operator": "Gt", "values": ["1"]]]],
                "spec.selector.matchExpressions[0].operator: Invalid value: \"Gt\": not a valid selector operator"
            ),
            (
                ["matchExpressions": [7]],
                "spec.selector.matchExpressions[0]: Invalid value: \"integer\": spec.selector.matchExpressions[0] in body must be of type object: \"integer\""
            ),
        ] as [(JSONValue, String)])
    func reportsFaults(json: JSONValue, error: String) {
        #expect(Self.read(json).1 == [error])
    }

    @Test func labelRulesHoldInside() {
        let json: JSONValue = [
            "matchLabels": ["-": "ok", "ok": "-"], "matchExpressions": [["key": "", "operator": "Exists"]],
        ]
        let (selector, errors) = Self.read(json)
        #expect(errors.count == 4)
        #expect(selector.requirements.isEmpty)
    }
}
