import Digests
import TestSupport

@testable import APIMachinery

/// The nouns and wire forms.
let apiMachineryFuzzers = [
    Fuzzer(
        "json", seeds: [#"{"a":[1,-2.5e3,"\u00e9\n",null,{"b":true}],"c":{}}"#, "[[[[]]]]", #""\ud83d\ude00""#],
        marks: "{}[]:,\"\\ 0eE-.untf", holds: fuzzJSON),
    Fuzzer(
        "yaml",
        seeds: [
            "a: &x [1, 2]\nb: *x\nc: |\n  text\n", "- {a: b, ? c : d}\n- !!str 1\n", "---\na: 0x1F\n...\n---\nb: ~\n",
        ], marks: "{}[]:,\"\\&*<-|>%@ \n\t0eEu.?!#'", holds: fuzzYAML),
    Fuzzer(
        "indent", seeds: [#"{"a":{},"b":[1,2,{"c":"d,{}[]:\"\\"}]}"#, "[ \n ]"], marks: "{}[]:,\"\\ \n",
        holds: fuzzIndenter),
    Fuzzer(
        "encoded-object", seeds: [#"{"name":"w","annotations":{"a":"\"b\\"},"resourceVersion":"9"}"#],
        marks: "{}[]:,\"\\", holds: fuzzEncodedObject),
    Fuzzer(
        "label-selector", seeds: ["a=b,c in (d,e),!f,g>5,h notin (i)", "x in (,)", "example.com/a==b", "!a,b<-7"],
        marks: ",=!()<> in", holds: fuzzLabelSelector),
    Fuzzer("field-selector", seeds: ["a=b,c!=d\\,e", "metadata.name==p1"], marks: "=!,\\", holds: fuzzFieldSelector),
    Fuzzer(
        "query", seeds: ["/a?b=%2F&c=d+e;f", "?limit=5&watch", "?limit=-1&continue=x&timeoutSeconds=9e9"],
        marks: "%&=;+?#019", holds: fuzzQuery),
    Fuzzer(
        "continue-token",
        seeds: [
            ContinueToken(snapshot: ResourceVersion(812), after: ObjectKey(namespace: "prod", name: "p17")).encoded,
            Base64.encodeURL(Array(#"{"v":"meta.k8s.io/v1","rv":812,"start":"prod/p17\u0000"}"#.utf8)),
        ], marks: "AZaz09-_=+/", holds: fuzzContinueToken),
    Fuzzer(
        "continue-json", seeds: [#"{"v":"meta.k8s.io/v1","rv":812,"start":"prod/p17\u0000"}"#], marks: "\"{}:,-/.0",
        holds: { fuzzContinueToken(Array(Base64.encodeURL($0).utf8)) }),
    Fuzzer(
        "accept",
        seeds: [
            "application/json;as=Table;g=meta.k8s.io;v=v1,application/json;q=0.5", "text/html;level=1;q=0.7, */*;q=0.1",
        ], marks: ",;/=*q. \"0", holds: fuzzAccept),
    Fuzzer(
        "metadata",
        seeds: [
            #"{"name":"a","namespace":"b","labels":{"x/y":"z"},"annotations":{"c":"d"},"finalizers":["e"],"resourceVersion":"7","creationTimestamp":"2026-01-01T00:00:00Z","ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"p","uid":"u"}]}"#
        ], marks: "{}[]\":,0null", holds: fuzzMetadata),
    Fuzzer(
        "patch",
        seeds: [
            "{\"a\":{\"b\":[1,2]}}\n{\"a\":{\"b\":null,\"c\":1}}",
            "{\"a\":[1]}\n[{\"op\":\"add\",\"path\":\"/a/-\",\"value\":2},{\"op\":\"move\",\"from\":\"/a/0\",\"path\":\"/b\"}]",
            "{\"a~b\":1}\n[{\"op\":\"test\",\"path\":\"/a~0b\",\"value\":1},{\"op\":\"copy\",\"from\":\"\",\"path\":\"/x\"}]",
        ], marks: #"/~01-"{}[],:9"#, holds: fuzzPatch),
    Fuzzer(
        "apply",
        seeds: [
            #"{"f:spec":{".":{},"f:size":{},"f:tags":{"v:\"x\"":{}}},"f:list":{"k:{\"name\":\"a\"}":{".":{},"f:name":{}},"i:3":{}}}"#,
            #"[{"manager":"m","operation":"Apply","apiVersion":"a/v1","time":"2026-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:size":{}}}}]"#,
            #"{"live":{"spec":{"size":1,"tags":["a","b"]},"list":[{"name":"a"},{"name":"b","port":1}],"free":{"x":[1]},"map":{"a":{"b":"c"}}},"config":{"spec":{"tags":["b","c"]},"list":[{"name":"b","port":1},{"name":"a","port":80}],"map":{"a":{}}},"fields":[{"manager":"m","operation":"Apply","apiVersion":"a/v1","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:size":{},"f:tags":{"v:\"a\"":{}}}}}]}"#,
        ], marks: "{}[]\":,\\fkvi.0null", holds: fuzzApply),
    Fuzzer(
        "time", seeds: ["2024-02-29T12:34:56.789+05:30", "-1h2m3.5s", "9223372036s"], marks: "0123456789-+:.TZhmsuµn",
        holds: fuzzTime),
]

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// What is read can be written, and reads back as the same.
func fuzzJSON(_ bytes: [UInt8]) -> Bool {
    guard let value = try? JSONParser.parse(bytes).value else { return true }
    guard let again = try? JSONParser.parse(value.encoded()),
        let pretty = try? JSONParser.parse(value.encoded(pretty: true))
    else { return false }
    return again.value == value && pretty.value == value && again.duplicateFields.isEmpty
}

/// What is read can be written, and reads back as the same.
func fuzzYAML(_ bytes: [UInt8]) -> Bool {
    guard let documents = try? YAML.parseAll(bytes, limits: YAMLLimits(nodes: 20_000)) else { return true }
    return documents.allSatisfy { (try? YAML.parse(YAML.encode($0.value)).value) == $0.value }
}

/// In two pieces as in one; JSON stays the same JSON.
private func fuzzIndenter(_ bytes: [UInt8]) -> Bool {
    var indenter = JSONIndenter()
    var out: [UInt8] = []
    indenter.append(Array(bytes.prefix(bytes.count / 2)), to: &out)
    indenter.append(Array(bytes.dropFirst(bytes.count / 2)), to: &out)
    guard out == JSONPretty.indent(bytes) else { return false }
    guard let value = try? JSONValue.parse(bytes) else { return true }
    return (try? JSONValue.parse(out)) == value
}

private func fuzzEncodedObject(_ bytes: [UInt8]) -> Bool {
    let object = EncodedObject(
        json: bytes, metadata: 0..<bytes.count, cells: [], createdAt: 0, resourceVersion: ResourceVersion(9))
    let changed = object.atVersion(ResourceVersion(10))
    return changed.resourceVersion == ResourceVersion(10) && changed.metadata.upperBound == changed.json.count
        && (object.key == nil || changed.key == object.key)
}

/// What is accepted reads back from its canonical text.
private func fuzzLabelSelector(_ bytes: [UInt8]) -> Bool {
    guard let selector = try? LabelSelector(parsing: text(bytes)) else { return true }
    return (try? LabelSelector(parsing: selector.description)) == selector
}

/// What is accepted reads back from its own text.
private func fuzzFieldSelector(_ bytes: [UInt8]) -> Bool {
    guard let selector = try? FieldSelector(parsing: text(bytes)) else { return true }
    return (try? FieldSelector(parsing: selector.description)) == selector
}

/// A request target, and the options of every verb.
private func fuzzQuery(_ bytes: [UInt8]) -> Bool {
    let (_, query) = QueryItems.split(target: text(bytes))
    _ = try? ListOptions(query: query)
    _ = try? CreateOptions(query: query)
    _ = try? DeleteOptions(query: query)
    _ = try? PatchOptions(query: query, isApply: true)
    _ = try? GetOptions(query: query)
    return true
}

/// What is accepted can't leave its directory, and reads back.
private func fuzzContinueToken(_ bytes: [UInt8]) -> Bool {
    guard let token = try? ContinueToken(parsing: text(bytes)) else { return true }
    return !token.after.name.contains("/") && token.after.name != ".." && !token.after.namespace.contains("/")
        && (try? ContinueToken(parsing: token.encoded)) == token
}

/// `Accept`, `User-Agent` and `Content-Type`.
private func fuzzAccept(_ bytes: [UInt8]) -> Bool {
    let text = text(bytes)
    let preferences = AnswerPreferences(accept: [text], userAgent: text, query: QueryItems(parsing: text))
    for shape in [AnswerShape.object(kind: "A"), .list(kind: "AList"), .watch] {
        _ = try? Negotiated(preferences, for: shape)
    }
    _ = Negotiated(statusFor: preferences)
    _ = try? DiscoveryForm(accept: [text])
    _ = try? RequestEncoding(contentType: text)
    _ = try? PatchEncoding(contentType: text)
    return true
}

/// What is read is written as the same metadata; a label selector in JSON.
private func fuzzMetadata(_ bytes: [UInt8]) -> Bool {
    guard let json = try? JSONValue.parse(bytes) else { return true }
    _ = Schema.objectMeta.check(json, path: FieldPath("metadata"))
    var errors = FieldErrorList()
    _ = LabelSelector(json: json, path: FieldPath("spec"), errors: &errors)
    let metadata = ObjectMeta(json: json, errors: &errors)
    _ = metadata.validate(namespaced: true, nameRule: Names.dns1123Subdomain)
    var writer = JSONWriter()
    metadata.encode(into: &writer)
    var again = FieldErrorList()
    let copy = ObjectMeta(json: try? JSONValue.parse(writer.bytes), errors: &again)
    return again.isEmpty && copy.key == metadata.key && copy.labels == metadata.labels
}

/// The bytes before the first newline are a document, those behind it a patch of either kind. What must hold of every patch that
/// is accepted: a merge done twice is one done once, and what comes out can be read again.
func fuzzPatch(_ bytes: [UInt8]) -> Bool {
    let split = bytes.firstIndex(of: 0x0A) ?? bytes.endIndex
    let limits = JSONLimits(depth: 64)
    guard let document = try? JSONValue.parse(Array(bytes[..<split]), limits: limits),
        let json = try? JSONValue.parse(Array(bytes[split...]), limits: limits)
    else { return true }
    if let patch = try? MergePatch(json) {
        let once = patch.apply(to: document)
        guard patch.apply(to: once) == once, (try? JSONValue.parse(once.encoded())) == once else { return false }
    }
    if let patch = try? JSONPatch(json) {
        guard let result = try? patch.apply(to: document) else { return true }
        guard (try? JSONValue.parse(result.encoded())) == result else { return false }
        guard (try? patch.apply(to: document)) == result else { return false }
    }
    return true
}

/// What is accepted reads back from its own text.
private func fuzzTime(_ bytes: [UInt8]) -> Bool {
    if let moment = Timestamp(rfc3339: text(bytes)), Timestamp(rfc3339: moment.rfc3339(fraction: .auto)) != moment {
        return false
    }
    guard let duration = Duration(goDuration: text(bytes)) else { return true }
    return Duration(goDuration: duration.goString) == duration
}

/// Field sets that are read are written, and read back as the same; managed fields too. An object of any shape is owned, compared
/// and merged without a trap, and what it is merged with itself to is itself.
func fuzzApply(_ bytes: [UInt8]) -> Bool {
    guard let value = try? JSONValue.parse(bytes, limits: JSONLimits(depth: 64)) else { return true }
    if let set = try? FieldSet(json: value) {
        guard (try? FieldSet(json: set.json)) == set else { return false }
    }
    if let fields = try? ManagedFields(json: value), let json = fields.json {
        guard (try? ManagedFields(json: json))?.isSame(as: fields) == true else { return false }
    }
    let element = Schema.object([Schema.Field("name", .string), Schema.Field("port", .integer(), default: 80)])
    let schema = Schema.object([
        Schema.Field(
            "spec",
            .object([Schema.Field("size", .integer()), Schema.Field("tags", .array(of: .string, topology: .set))])),
        Schema.Field("list", .array(of: element, topology: .map(keys: ["name", "port"]))),
        Schema.Field("free", .any), Schema.Field("map", .map(of: .map(of: .string))),
        Schema.Field("metadata", .objectMeta), Schema.Field("apiVersion", .string),
    ])
    let manager = FieldManager(schema, apiVersion: "a/v1")
    guard let time = Timestamp(seconds: 0), let live = value["live"], let config = value["config"] else { return true }
    let writer = FieldWriter("m", at: time)
    let fields = (try? ManagedFields(json: value["fields"])) ?? ManagedFields()
    _ = manager.updated(fields, from: live, to: config, by: writer)
    guard let applied = try? AppliedObject(config, by: writer, force: true, manager),
        let result = try? manager.apply(applied, to: live, fields)
    else { return true }
    guard TypedValidation(live, schema).message == nil else { return true }
    // Applied once more it changes nothing.
    return (try? manager.apply(applied, to: result.value, result.fields))?.isChanged == false
}
