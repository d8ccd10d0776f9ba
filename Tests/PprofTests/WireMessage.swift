@testable import Pprof

/// A protobuf field to be written as is, right or wrong.
enum Wire: Sendable {
    case int(UInt64, UInt64)
    case text(UInt64, String)
    case message(UInt64, [Wire])
    case packed(UInt64, [UInt64])
    case raw([UInt8])

    static func bytes(_ fields: [Wire]) -> [UInt8] {
        var writer = WireWriter()
        var bytes: [UInt8] = []
        for field in fields {
            writer = WireWriter()
            switch field {
            case .int(let number, let value):
                writer.varint(number << 3)
                writer.varint(value)
            case .text(let number, let text): writer.field(number, text.utf8)
            case .message(let number, let fields): writer.field(number, Wire.bytes(fields))
            case .packed(let number, let values):
                var content = WireWriter()
                for value in values { content.varint(value) }
                writer.field(number, content.bytes)
            case .raw(let raw):
                bytes += raw
                continue
            }
            bytes += writer.bytes
        }
        return bytes
    }
}

/// A small profile, valid unless a part is replaced by a wrong one.
///
/// Strings: 0 "", 1 cpu, 2 nanoseconds, 3 main.main, 4 main.go, 5 key, 6 value.
struct SmallProfile {
    var sampleTypes: [Wire] = [.message(1, [.int(1, 1), .int(2, 2)])]
    var samples: [Wire] = [.message(2, [.packed(1, [1]), .packed(2, [5])])]
    var mappings: [Wire] = [.message(3, [.int(1, 1), .int(2, 0x1000), .int(3, 0x2000)])]
    var locations: [Wire] = [.message(4, [.int(1, 1), .int(2, 1), .message(4, [.int(1, 1), .int(2, 10)])])]
    var functions: [Wire] = [.message(5, [.int(1, 1), .int(2, 3), .int(4, 4)])]
    var strings: [Wire] = ["", "cpu", "nanoseconds", "main.main", "main.go", "key", "value"].map { .text(6, $0) }
    var rest: [Wire] = []

    var bytes: [UInt8] { Wire.bytes(sampleTypes + samples + mappings + locations + functions + strings + rest) }

    static func with(_ change: (inout SmallProfile) -> Void) -> [UInt8] {
        var profile = SmallProfile()
        change(&profile)
        return profile.bytes
    }
}
