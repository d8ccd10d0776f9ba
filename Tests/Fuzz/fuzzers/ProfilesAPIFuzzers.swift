import APIMachinery
import APIServer
import NIOHTTP1
import ProfileCapture
import ProfileStore
import TestSupport

@testable import ProfilesAPI

/// Every reader of this group that takes what clients send, or what a damaged store gives back.
let profilesAPIFuzzers = [
    Fuzzer("upload-labels", seeds: ["a=b,c=d", "version=1.0,,x", "a=%2C"], marks: "=,% \0", holds: fuzzUploadLabels),
    Fuzzer(
        "json-members",
        seeds: [#"{"id":"x","labels":[{"key":"k","value":"}"}],"createdAt":"2026-11-22T08:00:05Z","n":-1.5,"b":null}"#],
        marks: "{}[]\":,\\0", holds: fuzzMemberScan),
    Fuzzer(
        "collector-spec",
        seeds: [
            #","spec":{"id":"x","service":"s","type":"cpu","labels":[{"key":"k","value":"v"}],"createdAt":"2026-11-22T08:00:05.25Z","source":{"kind":"Agent"}},"status":{}}"#,
            #","spec":{"id":"x","service":"s\"","type":"allocs","labels":[],"createdAt":"2026-11-22T08:00:05Z","podRef":{"name":"p"},"nodeName":"n","source":{"kind":"Upload"}}}"#,
        ], marks: "{}[]\":,\\0Z", holds: fuzzCollectorSpec),
    Fuzzer(
        "collector-request",
        seeds: [
            "GET /api/0/profiles?service=a&from=2026-11-22T08:00:05&to=2026-11-22T08:00:06&limit=2&labels=,a%3Db",
            "POST /api/0/profiles?service=a&type=cpu&labels=namespace%3Dshop&created_at=2026-11-22T08:00:05",
            "GET /api/0/profiles/dc1b4db8di1926omun9g+P0.a%252F1%252Fdc1b4db8di1926omun9g",
        ], marks: "/?&=+%0,-:T2", holds: fuzzCollectorRequest),
    Fuzzer(
        "capture",
        seeds: [
            #"{"spec":{"target":{"podName":"web-1"},"types":["cpu"],"duration":"30s","retry":{"limit":1,"backoff":"5s"}}}"#,
            #"{"spec":{"target":{"selector":{"matchExpressions":[{"key":"a","operator":"In","values":["b"]}]}},"maxPods":3}}"#,
            #"{"spec":{"target":{"podName":"a"},"endpoint":{"port":6060,"path":"/x","scheme":"HTTP"},"profileLabels":{"a":"b"}}}"#,
            #"{"status":{"phase":"Running","startTime":"2026-01-01T00:00:00Z","targets":{"selected":1},"results":[{"pod":"a","type":"cpu"}]}}"#,
            #"{"spec":{"activeDeadlineSeconds":9223372036854775807,"ttlSecondsAfterFinished":-1}}"#,
        ].map { Array($0.utf8) },
        pieces: [
            "9223372036854775808", "-1", "1e400", "null", "\"\"", "{}", "[]", "\"-9999999h\"", "\"\\u0000\"", ",",
            "\"a\":", "0.5",
        ].map { Array($0.utf8) }, holds: fuzzCapture),
    Fuzzer(
        "retention-rules",
        seeds: [
            "{apiVersion: profefe.io/v1, kind: RetentionRules, rules: [{types: [heap], retention: 240h}]}",
            """
            apiVersion: profefe.io/v1
            kind: RetentionRules
            rules:
            - namespaces: [shop, cart]
              types: [cpu, trace]
              retention: 1h30m
            - retention: 0
            """,
        ].map { Array($0.utf8) },
        pieces: [
            "rules:", "retention: ", "\n- ", "0", "-1h", "9999999h", "[", "]", "*", "&a", "null", "types: []", "\t",
        ]
        .map { Array($0.utf8) }, holds: fuzzRetentionRules),
    Fuzzer(
        "profile-expiry", seeds: [#"{"status":{"a":[]}}"#, #"{"status":{"a":[],"expiresAt":"2026-11-27T08:00:35Z"}}"#],
        marks: "\"}{,:Z", holds: fuzzProfileExpiry),
    Fuzzer(
        "analysis-query",
        seeds: [
            "type=cpu&from=-1h&to=-5m&labelSelector=a%3Db,c&maxProfiles=10&sample=newest&strict",
            "type=heap&from=2026-11-22T08:00:00.5Z&to=9999-12-31T23:59:59Z&focus=%5Emain%5C.&ignore=(a%7Cb)*&n=0",
            "type=mutex&sampleIndex=1&granularity=lines&sort=cum&nodeFraction=0.5&edgeFraction=1e-3&maxNodes=7",
        ].map { Array($0.utf8) },
        pieces: [
            "&", "=", "%", "%2B", "from=", "to=", "-", "--", "99999999999h", "-9223372036854775808ns", "nan", "1e400",
            "(?R)",
            "0001-01-01T00:00:00Z", "-9223372036854775809", "%00",
        ].map { Array($0.utf8) }, holds: fuzzAnalysisQuery),
]

/// A range begins before its end and is within the limits, or the refusal is a 400 with a message.
private func fuzzAnalysisQuery(_ bytes: [UInt8]) -> Bool {
    let query = AnalysisQuery(QueryItems(parsing: String(decoding: bytes, as: UTF8.self)))
    let limits = AnalysisLimits()
    do throws(StatusError) {
        _ = try query.options(limits, nodeCount: 10)
        let range = try ProfileRange(
            query, now: Timestamp(nanosecondsSince1970: 1_795_334_400_000_000_000), limits: limits)
        return !(range.to < range.from) && (1...limits.mostProfiles).contains(range.maxProfiles)
            && range.boundedSelector.requirements.count >= range.labelSelector.requirements.count
    } catch {
        return error.code == 400 && !error.message.isEmpty
    }
}

/// A file is read, or every fault of it has a place or a message.
private func fuzzRetentionRules(_ bytes: [UInt8]) -> Bool {
    do throws(DocumentError) {
        let rules = try RetentionRulesDecoder.decode(SourceFile(path: "rules.yaml", bytes: bytes))
        return rules.allSatisfy { !$0.namespaces.contains("") && $0.lifetime != .seconds(0) }
    } catch {
        return !error.faults.isEmpty && error.faults.allSatisfy { !$0.message.isEmpty }
    }
}

/// What was stamped is stamped anew as if it never had been.
private func fuzzProfileExpiry(_ bytes: [UInt8]) -> Bool {
    func object(_ json: [UInt8]) -> EncodedObject {
        EncodedObject(json: json, metadata: 0..<0, cells: [], createdAt: 0, resourceVersion: ResourceVersion(1))
    }
    let none = ProfileExpiry.stamp(object(bytes), nil)
    let stamped = ProfileExpiry.stamp(none, 1_795_334_400)
    return ProfileExpiry.stamp(stamped, nil).json == none.json
        && ProfileExpiry.stamp(ProfileExpiry.stamp(stamped, 7), 1_795_334_400).json == stamped.json
}

/// Of valid JSON, what is cut out are the members.
private func fuzzMemberScan(_ bytes: [UInt8]) -> Bool {
    guard var scan = JSONMembers(bytes, 0..<bytes.count) else { return true }
    var count = 0
    while let (_, value) = scan.next() {
        count += 1
        guard !value.isEmpty || (try? JSONValue.parse(bytes)) == nil else { return false }
    }
    guard let document = try? JSONParser.parse(bytes), document.duplicateFields.isEmpty,
        let object = document.value.objectValue, document.value.encoded() == bytes
    else { return true }
    return object.count == count
}

/// What is told of a profile is JSON with its id and service, whatever else a damaged store says of it.
private func fuzzCollectorSpec(_ bytes: [UInt8]) -> Bool {
    var told = CollectorRows()
    guard let spec = CollectorSpec(bytes), let time = spec.decodedTime, let type = spec.decodedType,
        told.append(ObjectKey(namespace: "a", name: "b"), spec, at: time, type: type), let row = told.rows.first
    else { return true }
    let whole = Array("{\"kind\":\"Profile\"".utf8) + bytes
    guard let document = try? JSONParser.parse(whole), document.duplicateFields.isEmpty,
        document.value.encoded() == whole, let id = document.value["spec"]?["id"],
        let service = document.value["spec"]?["service"]
    else { return true }
    let json = try? JSONValue.parse(Array(told.json(row)))
    return json?["id"] == id && json?["service"] == service
}

/// What a request means is a resource of this group in some namespace, or the version; ids are whole or none.
private func fuzzCollectorRequest(_ bytes: [UInt8]) -> Bool {
    let words = String(decoding: bytes, as: UTF8.self).split(separator: " ", maxSplits: 1).map(String.init)
    guard words.count == 2, let target = try? RequestTarget(words[1]) else { return true }
    let query = QueryItems(parsing: target.query ?? "")
    if let search = try? CollectorFind(query), search.service.isEmpty || search.limit == 0 { return false }
    if case .profile(let path)? = CollectorCall(path: target.path), let ids = try? CollectorFetch.ids(path),
        ids.contains("")
    {
        return false
    }
    let dialect = CollectorDialect(unscopedNamespace: "default")
    guard let info = try? dialect.info(HTTPMethod(rawValue: words[0]), target, query) else { return true }
    return info.isResourceRequest
        ? info.group == "profefe.io" && (info.verb != "create" || Names.dns1123Label(info.namespace).isEmpty)
        : info.path == "/version"
}

private func fuzzUploadLabels(_ bytes: [UInt8]) -> Bool {
    var errors = FieldErrorList()
    let labels = UploadLabels.parse([String(decoding: bytes, as: UTF8.self)], &errors)
    return !errors.isEmpty || labels.count <= ProfileLabels.limit
}

/// What we wrote ourselves is read and written again unchanged; a spec is read, or there is an error.
private func fuzzCapture(_ bytes: [UInt8]) -> Bool {
    guard let value = try? JSONValue.parse(bytes) else { return true }
    let once = rewritten(CaptureStatus(json: value["status"] ?? value))
    guard rewritten(once).progress == once.progress else { return false }
    let checked = CaptureSchema.schema.check(value, path: .root)
    guard checked.errors.isEmpty else { return true }
    var reader = CaptureSpecReader(checked.value["spec"] ?? .null)
    return (reader.read() == nil) != reader.errors.isEmpty
}

private func rewritten(_ status: CaptureStatus) -> CaptureStatus {
    var writer = JSONWriter()
    writer.object { status.encode(into: &$0, generation: 1) }
    return CaptureStatus(json: (try? JSONValue.parse(writer.bytes)) ?? .null)
}
