/// A message of `profile.proto` that has integer fields only (or is read for these), by field number.
struct MessageShape {
    let name: String
    /// Names of the fields 1, 2, 3 …
    let fields: [String]

    static let valueType = MessageShape(name: "ValueType", fields: ["type", "unit"])
    static let label = MessageShape(name: "Label", fields: ["key", "str", "num", "num_unit"])
    static let mapping = MessageShape(
        name: "Mapping",
        fields: [
            "id", "memory_start", "memory_limit", "file_offset", "filename", "build_id", "has_functions",
            "has_filenames",
            "has_line_numbers", "has_inline_frames",
        ])
    static let line = MessageShape(name: "Line", fields: ["function_id", "line", "column"])
    static let function = MessageShape(
        name: "Function", fields: ["id", "name", "system_name", "filename", "start_line"])

    /// `Function.name`; the message's name alone for a number that isn't a field.
    func fieldName(_ number: UInt64) -> String {
        guard let index = Int(exactly: number), fields.indices.contains(index - 1) else { return name }
        return "\(name).\(fields[index - 1])"
    }
}

/// The integer fields of one message, by field number; 0 where a field is absent. The last of a repeated field wins.
struct ScalarFields {
    private var values = InlineArray<11, UInt64>(repeating: 0)
    /// Where the message begins, for errors.
    let offset: Int

    /// Reads all of `cursor`: fields 1 to `highest`, which is at most 10; others are skipped. `shape` names them in errors.
    @inline(__always)
    init(_ cursor: WireCursor, highest: UInt64, _ shape: @autoclosure () -> MessageShape) throws(PprofError) {
        offset = cursor.offset
        var cursor = cursor
        var number: UInt64 = 0
        do throws(PprofError) {
            // First the order that all producers write, without a look-up of each tag; then whatever else there is.
            for field in 1...highest {
                number = field
                guard cursor.skipTag(WireTag.raw(field, .varint)) else { continue }
                values[Int(truncatingIfNeeded: field)] = try cursor.varint()
            }
            while cursor.hasMore {
                number = 0
                let start = cursor.offset
                let tag = try cursor.tag()
                number = tag.number
                if number <= highest {
                    guard tag.type == .varint else { throw tag.wrongType(at: start) }
                    values[Int(truncatingIfNeeded: number)] = try cursor.varint()
                } else {
                    try cursor.skip(tag.type)
                }
            }
        } catch {
            throw error.inField(shape().fieldName(number))
        }
    }

    /// The value of field `number`, 1 to 10.
    subscript(number: Int) -> UInt64 { values[number] }

    func signed(_ number: Int) -> Int64 { Int64(bitPattern: values[number]) }
}
