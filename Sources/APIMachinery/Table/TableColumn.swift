/// One column of a Table: what `kubectl get` prints above the cells.
public struct TableColumn: Sendable, Hashable {
    /// The heading, such as `Name`; kubectl prints it in capitals.
    public let name: String
    /// The OpenAPI type of its cells: `string`, `integer`, `number`, `boolean`.
    public let type: String
    /// The OpenAPI format; `name` marks the column of names, to which kubectl adds the kind.
    public let format: String
    /// What the cells mean.
    public let description: String
    /// 0 is always printed, above only with `-o wide`.
    public let priority: Int

    /// A column of its parts.
    public init(name: String, type: String = "string", format: String = "", description: String, priority: Int = 0) {
        self.name = name
        self.type = type
        self.format = format
        self.description = description
        self.priority = priority
    }

    /// The first column of every Table.
    public static let name = TableColumn(
        name: "Name", format: "name", description: "Name must be unique within a namespace.")
    /// The age, made from `EncodedObject.createdAt` when the Table is.
    public static let age = TableColumn(name: "Age", description: "How long ago the object was made.")

    /// The columns as `columnDefinitions` has them, in JSON.
    public static func definitions(_ columns: [TableColumn]) -> [UInt8] {
        var writer = JSONWriter(capacity: 128 * columns.count)
        writer.beginArray()
        for column in columns {
            writer.beginObject()
            writer.field("name", column.name)
            writer.field("type", column.type)
            writer.field("format", column.format)
            writer.field("description", column.description)
            writer.field("priority", column.priority)
            writer.endObject()
        }
        writer.endArray()
        return writer.bytes
    }
}
