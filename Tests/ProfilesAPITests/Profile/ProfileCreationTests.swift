import APIMachinery
import Digests
import NIOHTTP1
import Pprof
import TestSupport
import Testing

@testable import ProfilesAPI

struct ProfileCreationTests {
    @Test func tellsWhatTheBytesSay() async throws {
        let bytes = try ProfileFixture.cpu.bytes
        let facts = try ProfileDecoder(limits: .default).facts(of: bytes)
        try await TestAPI.with { api in
            let created = try await api.create(TestAPI.profiles, try profileObject(.cpu))
            #expect(created.status == 201)
            #expect(created.warnings.isEmpty)
            let object = created.json
            #expect(object.at("spec/data") == nil)
            #expect(object.at("spec/service")?.stringValue == "frontend")
            #expect(object.at("spec/id")?.stringValue == created.name)
            #expect(object.at("spec/source/kind")?.stringValue == "Upload")
            #expect(object.at("spec/source/requestedBy")?.stringValue == "alice")
            #expect(object.at("status/sizeBytes")?.integerValue == Int64(bytes.count))
            #expect(object.at("status/sha256")?.stringValue == SHA256.hex(bytes))
            #expect(object.at("status/sampleCount")?.integerValue == Int64(facts.sampleCount))
            #expect(object.at("status/duration")?.stringValue == Duration.nanoseconds(facts.durationNanos).goString)
            #expect(object.at("status/period/type")?.stringValue == "cpu")
            let types = object.at("status/sampleTypes")?.arrayValue ?? []
            #expect(types.compactMap { $0["total"]?.integerValue } == facts.sampleTypes.map(\.total))
            #expect(types.compactMap { $0["unit"]?.stringValue } == ["count", "nanoseconds"])
            // The profile's own time, to the nanosecond in the spec and to the second in the metadata.
            let taken = Timestamp(nanosecondsSince1970: facts.timeNanos)
            #expect(object.at("spec/createdAt")?.stringValue == taken.rfc3339(fraction: .auto))
            #expect(object.at("metadata/creationTimestamp")?.stringValue == taken.rfc3339())
            #expect(object.at("metadata/labels")?["profefe.io/created-at"]?.stringValue == String(taken.seconds))
            #expect(object.at("metadata/labels")?["profefe.io/type"]?.stringValue == "cpu")
            #expect(object.at("metadata/labels")?["profefe.io/service"]?.stringValue == "frontend")
            let read = try await api.send(.GET, "\(TestAPI.profiles)/\(created.name)")
            #expect(read.json == object)
        }
    }

    @Test func theBytesComeBackAsTheyWere() async throws {
        try await TestAPI.with { api in
            for fixture in ProfileFixture.allCases {
                let bytes = try fixture.bytes
                let name = try await api.create(TestAPI.profiles, try profileObject(fixture)).name
                let answer = try await api.send(.GET, "\(TestAPI.profiles)/\(name)/download")
                #expect(answer.body == bytes)
                #expect(answer.header("content-type") == "application/octet-stream")
                #expect(answer.header("content-disposition") == "attachment; filename=\"\(name).pb.gz\"")
                #expect(answer.header("content-encoding") == nil)
                #expect(answer.header("etag") == "\"\(SHA256.hex(bytes))\"")
            }
        }
    }

    @Test func aProfileInYAMLMayWrapItsBase64() async throws {
        let bytes = try ProfileFixture.goroutine.bytes
        let text = Base64.encode(bytes)
        var lines: [Substring] = []
        var rest = text[...]
        while !rest.isEmpty {
            lines.append(rest.prefix(76))
            rest = rest.dropFirst(76)
        }
        let yaml = """
            apiVersion: profefe.io/v1
            kind: Profile
            metadata: {namespace: shop}
            spec:
              service: a/b c
              type: goroutine
              podRef: {name: web-1}
              data: |
            \(lines.map { "    \($0)" }.joined(separator: "\n"))
            """
        try await TestAPI.with { api in
            let answer = try await api.send(
                .POST, TestAPI.profiles, ["content-type": "application/yaml"], body: Array(yaml.utf8))
            #expect(answer.status == 201)
            #expect(answer.json.at("status/sha256")?.stringValue == SHA256.hex(bytes))
            // A service that is no label value is not made one.
            #expect(answer.json.at("spec/service")?.stringValue == "a/b c")
            #expect(answer.json.at("metadata/labels")?["profefe.io/service"] == nil)
            #expect(answer.json.at("status/duration") == nil)
        }
    }

    @Test func theTableHasTheColumnsOfTheAPI() async throws {
        try await TestAPI.with { api in
            let more = JSONObject([
                ("podRef", ["name": "web-1"]), ("container", "app"), ("nodeName", "node-1"),
            ])
            let cpu = try await api.create(TestAPI.profiles, try profileObject(.cpu, more))
            let heap = try await api.create(TestAPI.profiles, try profileObject(.heap))
            let table = try await api.send(.GET, TestAPI.profiles, .table)
            #expect(
                table.columns == [
                    "Name", "Service", "Type", "Pod", "Duration", "Size", "Age", "Container", "Node", "Total", "Source",
                ])
            let rows = Dictionary(uniqueKeysWithValues: table.rows.map { ($0[0], $0) })
            let cpuRow = try #require(rows[cpu.name])
            let size = cpu.json.at("status/sizeBytes")?.integerValue ?? 0
            try #require(cpuRow.count == 11)
            #expect(Array(cpuRow[1...3]) == ["frontend", "cpu", "web-1"])
            #expect(cpuRow[4].hasSuffix("s"))
            #expect(cpuRow[5] == HumanBytes.text(size))
            #expect(Array(cpuRow[7...8]) == ["app", "node-1"])
            #expect(cpuRow[9].hasSuffix("s") && cpuRow[10] == "Upload")
            #expect(rows[heap.name]?.dropFirst(3).prefix(2) == ["<none>", "<none>"])
        }
    }

    @Test func onlyAnXIDIsAName() async throws {
        try await TestAPI.with { api in
            #expect(try await api.create(TestAPI.profiles, try profileObject(name: sampleXID)).name == sampleXID)
            let again = try await api.create(TestAPI.profiles, try profileObject(name: sampleXID))
            #expect(again.status == 409 && again.reason == "AlreadyExists")
            #expect(again.message == "profiles.profefe.io \"\(sampleXID)\" already exists")
            for name in ["web", sampleXID + "0", String(sampleXID.dropLast()), "dc1b4db8di1926omunw0"] {
                let refused = try await api.create(TestAPI.profiles, try profileObject(name: name))
                #expect(refused.status == 422 && refused.causes == ["metadata.name"])
            }
            // The same xid in another namespace is another object, with another uid.
            let elsewhere = "/apis/profefe.io/v1/namespaces/bank/profiles"
            let other = try await api.create(elsewhere, try profileObject(name: sampleXID))
            let mine = try await api.send(.GET, "\(TestAPI.profiles)/\(sampleXID)")
            #expect(other.status == 201)
            #expect(other.json.at("metadata/uid") != mine.json.at("metadata/uid"))
        }
    }

    @Test func aGeneratedNameIsNotTakenAndSaidSo() async throws {
        var object = try profileObject().objectValue ?? JSONObject()
        object["metadata"] = ["generateName": "web-"]
        let sent = JSONValue.object(object)
        try await TestAPI.with { api in
            let answer = try await api.create(TestAPI.profiles, sent)
            #expect(answer.status == 201 && answer.name.utf8.count == 20)
            #expect(answer.warnings.contains { $0.contains("generateName") })
        }
    }

    @Test func everyFaultIsToldAtOnce() async throws {
        let object: JSONValue = [
            "metadata": ["name": "web"],
            "spec": [
                "service": "a\nb", "type": "heap", "data": "", "createdAt": "1969-12-31T23:59:59Z",
            ],
        ]
        try await TestAPI.with { api in
            let answer = try await api.create(TestAPI.profiles, object)
            #expect(answer.status == 422)
            #expect(Set(answer.causes) == ["metadata.name", "spec.service", "spec.data", "spec.createdAt"])
        }
    }

    @Test(
        arguments: [
            (["service": ""], "spec.service"), (["type": "speed"], "spec.type"), (["type": 7], "spec.type"),
            (["createdAt": "yesterday"], "spec.createdAt"), (["createdAt": -1], "spec.createdAt"),
            (["data": "%%%"], "spec.data"),
            (["data": "AAAA"], "spec.data"), (["data": "aGVsbG8gd29ybGQ="], "spec.data"), (["data": nil], "spec.data"),
            (["labels": [["key": "", "value": "x"]]], "spec.labels[0].key"), (["labels": ["a"]], "spec.labels[0]"),
            (["podRef": [:]], "spec.podRef.name"),
            (["container": .string(String(repeating: "c", count: 64))], "spec.container"),
        ] as [(JSONValue, String)])
    func refuses(_ change: JSONValue, _ place: String) async throws {
        var spec = JSONObject()
        for (key, value) in change.objectValue ?? JSONObject() { spec[key] = value }
        let object = try profileObject(.heap, spec)
        try await TestAPI.with { api in
            let answer = try await api.create(TestAPI.profiles, object)
            #expect(answer.status == 422)
            #expect(answer.reason == "Invalid")
            #expect(answer.causes == [place])
            #expect(try await api.send(.GET, TestAPI.profiles).names.isEmpty)
        }
    }

    @Test func aTraceIsOpaque() async throws {
        let object = try profileObject(
            .heap, JSONObject([("type", "trace"), ("data", .string(Base64.encode([1, 2, 3])))]))
        try await TestAPI.with { api in
            let answer = try await api.create(TestAPI.profiles, object)
            #expect(answer.status == 201)
            #expect(answer.json.at("status/sampleTypes") == nil)
            #expect(answer.json.at("spec/createdAt")?.stringValue == TestAPI.start.rfc3339())
            let file = try await api.send(.GET, "\(TestAPI.profiles)/\(answer.name)/download")
            #expect(file.body == [1, 2, 3])
            #expect(file.header("content-disposition")?.hasSuffix(".trace\"") == true)
        }
    }

    @Test func unknownFieldsAreToldAsTheClientWants() async throws {
        let object = try profileObject(.heap, JSONObject([("speed", 1)]))
        try await TestAPI.with { api in
            let warned = try await api.create(TestAPI.profiles, object)
            #expect(warned.status == 201)
            #expect(warned.warnings == ["299 - \"unknown field \\\"spec.speed\\\"\""])
            let strict = try await api.create("\(TestAPI.profiles)?fieldValidation=Strict", object)
            #expect(strict.status == 400)
            #expect(strict.message.contains("strict decoding error: unknown field \"spec.speed\""))
            let silent = try await api.create("\(TestAPI.profiles)?fieldValidation=Ignore", object)
            #expect(silent.status == 201 && silent.warnings.isEmpty)
        }
    }

    @Test func aDryRunKeepsNothing() async throws {
        let object = try profileObject(.heap)
        try await TestAPI.with { api in
            let answer = try await api.create("\(TestAPI.profiles)?dryRun=All", object)
            #expect(answer.status == 201)
            #expect(answer.json.at("metadata/resourceVersion") == nil)
            #expect(answer.json.at("status/sizeBytes")?.integerValue ?? 0 > 0)
            #expect(try await api.send(.GET, TestAPI.profiles).names.isEmpty)
            let bad = try await api.create(
                "\(TestAPI.profiles)?dryRun=All", try profileObject(.heap, JSONObject([("data", "AAAA")])))
            #expect(bad.status == 422)
        }
    }

    @Test func whatIsDeletedIsGoneWithItsBytes() async throws {
        let object = try profileObject(.heap)
        try await TestAPI.with { api in
            let created = try await api.create(TestAPI.profiles, object)
            let path = "\(TestAPI.profiles)/\(created.name)"
            let deleted = try await api.send(.DELETE, path)
            #expect(deleted.status == 200)
            #expect(deleted.json.at("details/uid") == created.json.at("metadata/uid"))
            #expect(deleted.json.at("details/kind")?.stringValue == "profiles")
            #expect(try await api.send(.GET, path).status == 404)
            #expect(try await api.send(.GET, "\(path)/download").status == 404)
            #expect(try await api.send(.DELETE, path).status == 404)
        }
    }
}
