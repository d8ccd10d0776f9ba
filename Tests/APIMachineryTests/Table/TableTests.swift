import APIMachinery
import Testing

/// B01-B04, C02, C03, L01: lists, Tables, PartialObjectMetadata and watch events (conformance 8.2, 8.3, 9).
struct TableTests {
    static let kind = GroupVersionKind(group: "profefe.io", version: "v1", kind: "Profile")
    static let columns = [
        TableColumn.name, TableColumn(name: "Samples", type: "integer", description: "How many.", priority: 1), .age,
    ]

    static func object(_ name: String, version: UInt64, createdAt: Int64? = 1000) -> EncodedObject {
        var metadata = ObjectMeta(name: name, namespace: "prod")
        metadata.resourceVersion = ResourceVersion(version)
        metadata.creationTimestamp = createdAt.flatMap { Timestamp(seconds: $0) }
        return EncodedObject(
            kind, metadata: metadata,
            cells: { row in
                row.string(name)
                row.integer(1200)
                row.ageCell()
            }, members: { $0.object("spec") { $0.field("service", "api") } })
    }

    static func table(_ include: TableEncoder.IncludeObject = .metadata, now: Int64 = 1161) -> TableEncoder {
        TableEncoder(columns: columns, includeObject: include, now: Timestamp(seconds: now) ?? .earliest)
    }

    static func parse(_ bytes: [UInt8]) throws -> JSONValue { try JSONValue.parse(bytes) }

    static let listMetadata = ListMetadata(
        resourceVersion: ResourceVersion(812),
        continueToken: ContinueToken(snapshot: ResourceVersion(812), after: ObjectKey(namespace: "prod", name: "b")),
        remainingItemCount: 6)

    @Test func anObjectKnowsWhereItsMetadataIs() throws {
        let object = Self.object("a", version: 7)
        #expect(
            String(decoding: object.json, as: UTF8.self)
                == #"{"kind":"Profile","apiVersion":"profefe.io/v1","metadata":{"name":"a","namespace":"prod","resourceVersion":"7","creationTimestamp":"1970-01-01T00:16:40Z"},"spec":{"service":"api"}}"#
        )
        #expect(try Self.parse(Array(object.metadataJSON))["name"] == "a")
        #expect(object.cells == Array("\"a\",1200,\0".utf8))
        let outside = EncodedObject(
            json: [1], metadata: 5..<9, cells: [], createdAt: 0, resourceVersion: ResourceVersion(1))
        #expect(outside.metadataJSON.isEmpty)
    }

    @Test func aListJoinsItsItems() throws {
        let items = [Self.object("a", version: 7), Self.object("b", version: 9)]
        let bytes = ListEncoder(kind: "ProfileList", apiVersion: "profefe.io/v1", metadata: Self.listMetadata)
            .encode(items)
        let list = try Self.parse(bytes)
        #expect(list["kind"] == "ProfileList" && list["apiVersion"] == "profefe.io/v1")
        #expect(list["metadata"]?["resourceVersion"] == "812" && list["metadata"]?["remainingItemCount"] == 6)
        #expect(try ContinueToken(parsing: list["metadata"]?["continue"]?.stringValue ?? "").after.name == "b")
        #expect(try list["items"]?.arrayValue == items.map { try Self.parse($0.json) })
    }

    @Test func portionsGiveTheSameBytesAsTheWhole() {
        let items = (0..<7).map { Self.object("p\($0)", version: UInt64($0) + 1) }
        let encoders = [
            ListEncoder(kind: "ProfileList", apiVersion: "profefe.io/v1", metadata: Self.listMetadata),
            ListEncoder(table: Self.table(), metadata: Self.listMetadata),
            ListEncoder(partialObjectMetadata: .v1, metadata: Self.listMetadata),
        ]
        for encoder in encoders {
            var portioned = encoder
            var bytes = portioned.prefix
            portioned.append([], to: &bytes)
            portioned.append(items[..<3], to: &bytes)
            portioned.append(items[3..<4], to: &bytes)
            portioned.append(items[4...], to: &bytes)
            bytes += portioned.suffix
            #expect(bytes == encoder.encode(items))
        }
    }

    @Test func anEmptyListHasItems() throws {
        let metadata = ListMetadata(resourceVersion: ResourceVersion(5))
        let list = ListEncoder(kind: "ProfileList", apiVersion: "profefe.io/v1", metadata: metadata).encode([])
        #expect(
            String(decoding: list, as: UTF8.self)
                == #"{"kind":"ProfileList","apiVersion":"profefe.io/v1","metadata":{"resourceVersion":"5"},"items":[]}"#
        )
        let table = try Self.parse(ListEncoder(table: Self.table(), metadata: metadata).encode([]))
        #expect(table["rows"] == [] && table["columnDefinitions"]?.arrayValue?.count == 3)
    }

    @Test func aTableHasColumnsRowsAndMetadata() throws {
        let table = try Self.parse(
            ListEncoder(table: Self.table(), metadata: Self.listMetadata).encode([Self.object("a", version: 7)]))
        #expect(table["kind"] == "Table" && table["apiVersion"] == "meta.k8s.io/v1")
        #expect(
            table["columnDefinitions"]?.arrayValue?.first
                == [
                    "name": "Name", "type": "string", "format": "name",
                    "description": "Name must be unique within a namespace.", "priority": 0,
                ])
        #expect(table["metadata"]?["resourceVersion"] == "812")
        let row = table["rows"]?.arrayValue?.first
        #expect(row?["cells"] == ["a", 1200, "2m41s"])
        #expect(row?["object"]?["kind"] == "PartialObjectMetadata" && row?["object"]?["spec"] == nil)
        #expect(row?["object"]?["metadata"]?["name"] == "a")
    }

    @Test(
        arguments: [
            ("", "PartialObjectMetadata"), ("Metadata", "PartialObjectMetadata"), ("Object", "Profile"), ("None", nil),
        ] as [(String, String?)])
    func rowsIncludeWhatIsAskedFor(text: String, kind: String?) throws {
        let include = try TableEncoder.IncludeObject(query: QueryItems(parsing: "includeObject=\(text)"))
        let table = try Self.parse(Self.table(include).encode(Self.object("a", version: 7)))
        let object = table["rows"]?.arrayValue?.first?["object"]
        #expect(object?["kind"]?.stringValue == kind)
        #expect(object != nil && object?.isNull == (kind == nil))
        #expect(table["metadata"] == ["resourceVersion": "7"])
    }

    @Test func otherIncludesAreRefused() {
        let error = #expect(throws: StatusError.badRequest("")) {
            try TableEncoder.IncludeObject(query: QueryItems(parsing: "includeObject=Bogus"))
        }
        #expect(
            error?.message == "Unable to convert to Table as requested: includeObject: Invalid value: \"Bogus\": "
                + "must be 'Metadata', 'Object', 'None', or empty")
    }

    @Test func theTableOfADryRunHasNoVersion() throws {
        #expect(try Self.parse(Self.table().encode(Self.object("a", version: 0)))["metadata"] == [:])
    }

    @Test(
        arguments: [
            (1000, 1161, "2m41s"), (1000, 998, "<invalid>"), (1000, 999, "0s"), (1000, 1119, "119s"),
            (nil, 5, "<unknown>"),
            (-62_135_596_800, 253_402_300_799, "10005y"),
        ] as [(Int64?, Int64, String)])
    func agesAreFilledIn(createdAt: Int64?, now: Int64, age: String) throws {
        let table = try Self.parse(Self.table(now: now).encode(Self.object("a", version: 1, createdAt: createdAt)))
        #expect(table["rows"]?.arrayValue?.first?["cells"]?.arrayValue?.last?.stringValue == age)
    }

    @Test func theOlderVersionDiffersInNameOnly() throws {
        let encoder = TableEncoder(columns: Self.columns, version: .v1beta1, now: .earliest)
        let table = try Self.parse(encoder.encode(Self.object("a", version: 7)))
        #expect(table["apiVersion"] == "meta.k8s.io/v1beta1")
        #expect(table["rows"]?.arrayValue?.first?["object"]?["apiVersion"] == "meta.k8s.io/v1beta1")
    }

    @Test func partialObjectMetadataOfObjectsAndLists() throws {
        let single = try Self.parse(PartialObjectMetadataEncoder().encode(Self.object("a", version: 7)))
        #expect(single["kind"] == "PartialObjectMetadata" && single["apiVersion"] == "meta.k8s.io/v1")
        #expect(single["metadata"]?["name"] == "a" && single.objectValue?.count == 3)
        let encoder = ListEncoder(partialObjectMetadata: .v1, metadata: Self.listMetadata)
        let list = try Self.parse(encoder.encode([Self.object("a", version: 7)]))
        #expect(list["kind"] == "PartialObjectMetadataList" && list["items"]?.arrayValue == [single])
    }
}

/// B03, C02, W03: watch events in every form.
struct WatchEventEncoderTests {
    let now = Timestamp(seconds: 1161) ?? .earliest

    private func events(_ bytes: [UInt8]) throws -> [JSONValue] {
        #expect(bytes.last == UInt8(ascii: "\n"))
        return try bytes.split(separator: UInt8(ascii: "\n")).map { try JSONValue.parse(Array($0)) }
    }

    private func stream(_ encoder: WatchEventEncoder) throws -> [JSONValue] {
        var encoder = encoder
        var bytes: [UInt8] = []
        encoder.append(.added, TableTests.object("a", version: 7), now: now, to: &bytes)
        encoder.append(.deleted, TableTests.object("a", version: 8), now: now, to: &bytes)
        encoder.appendBookmark(ResourceVersion(9), endsInitialEvents: true, to: &bytes)
        encoder.appendBookmark(ResourceVersion(10), to: &bytes)
        encoder.appendError(
            StatusError.watchExpired(ResourceVersion(1), oldest: ResourceVersion(796)).status, to: &bytes)
        return try events(bytes)
    }

    @Test func plainObjects() throws {
        let events = try stream(WatchEventEncoder(kind: TableTests.kind))
        #expect(events.map { $0["type"]?.stringValue } == ["ADDED", "DELETED", "BOOKMARK", "BOOKMARK", "ERROR"])
        #expect(events[0]["object"]?["spec"] == ["service": "api"])
        #expect(
            events[2]["object"] == [
                "kind": "Profile", "apiVersion": "profefe.io/v1",
                "metadata": [
                    "resourceVersion": "9", "creationTimestamp": nil,
                    "annotations": ["k8s.io/initial-events-end": "true"],
                ],
            ])
        #expect(events[3]["object"]?["metadata"] == ["resourceVersion": "10", "creationTimestamp": nil])
        #expect(
            events[4]["object"] == [
                "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure",
                "message": "too old resource version: 1 (796)", "reason": "Expired", "code": 410,
            ])
    }

    @Test func tablesTellTheirColumnsOnce() throws {
        let events = try stream(WatchEventEncoder(table: TableTests.table()))
        #expect(events[0]["object"]?["columnDefinitions"]?.arrayValue?.count == 3)
        #expect(events[0]["object"]?["rows"]?.arrayValue?.first?["cells"] == ["a", 1200, "2m41s"])
        for event in events[1...3] {
            #expect(event["object"]?["kind"] == "Table" && event["object"]?["columnDefinitions"] == .null)
            #expect(event["object"]?["rows"]?.arrayValue?.count == 1)
        }
        let row = events[2]["object"]?["rows"]?.arrayValue?.first
        #expect(row?["cells"] == [] && row?["object"]?["metadata"]?["resourceVersion"] == "9")
        #expect(row?["object"]?["metadata"]?["annotations"] == ["k8s.io/initial-events-end": "true"])
        #expect(events[4]["object"]?["kind"] == "Status")
    }

    @Test func metadataOnly() throws {
        let events = try stream(WatchEventEncoder(partialObjectMetadata: .v1))
        for event in events[0...3] {
            #expect(event["object"]?["kind"] == "PartialObjectMetadata")
            #expect(event["object"]?["apiVersion"] == "meta.k8s.io/v1")
        }
        #expect(events[1]["object"]?["metadata"]?["resourceVersion"] == "8")
        #expect(events[4]["object"]?["kind"] == "Status")
    }
}
