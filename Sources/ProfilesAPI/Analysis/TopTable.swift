internal import APIMachinery
internal import ProfileReport

/// Top as a Table, which `kubectl get prof X --subresource=top` prints.
struct TopTable {
    let encoded: [UInt8]

    static let columns = [
        TableColumn(name: "Flat", description: "What the function did itself."),
        TableColumn(name: "Flat%", description: "Its part of the total."),
        TableColumn(name: "Sum%", description: "The part of all rows so far."),
        TableColumn(name: "Cum", description: "What the function did with all that it called."),
        TableColumn(name: "Cum%", description: "Its part of the total."),
        TableColumn(name: "Function", description: "The function, or file, line or address."),
        TableColumn(name: "File:Line", description: "Where the function is.", priority: 1),
    ]

    init(_ top: TopReport, _ analysed: AnalysedProfile) {
        var writer = JSONWriter(capacity: 256 + top.rows.count * 192)
        writer.beginObject()
        writer.field("kind", "Table")
        writer.field("apiVersion", "meta.k8s.io/v1")
        writer.key("metadata")
        writer.beginObject()
        writer.endObject()
        writer.key("columnDefinitions")
        writer.raw(TableColumn.definitions(Self.columns))
        writer.key("rows")
        writer.beginArray()
        var sum: Int64 = 0
        for row in top.rows {
            sum &+= row.flat
            let place = row.file.isEmpty ? "" : row.line == 0 ? row.file : "\(row.file):\(row.line)"
            let cells = [
                top.text(row.flat), top.percentage(row.flat), top.percentage(sum), top.text(row.cum),
                top.percentage(row.cum), row.inlineLabel.isEmpty ? row.name : "\(row.name) \(row.inlineLabel)", place,
            ]
            writer.beginObject()
            writer.field("cells", cells)
            Self.writeObject(analysed, &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        encoded = writer.bytes
    }

    /// The object that the row is of: kubectl looks for the namespace there.
    private static func writeObject(_ analysed: AnalysedProfile, _ writer: inout JSONWriter) {
        writer.key("object")
        writer.beginObject()
        writer.field("kind", "PartialObjectMetadata")
        writer.field("apiVersion", "meta.k8s.io/v1")
        writer.key("metadata")
        writer.beginObject()
        writer.field("name", analysed.name)
        writer.field("namespace", analysed.namespace)
        writer.endObject()
        writer.endObject()
    }
}
