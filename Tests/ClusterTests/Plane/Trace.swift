import Foundation

/// Profiles of type `trace`, which the server keeps as they are: for answers of any size.
enum Trace {
    /// Writes one; gives its ``sum(_:)``.
    static func write(megabytes: Int, to path: String) throws -> UInt64 {
        var bytes = Array("go 1.22 trace\0\0\0".utf8)
        bytes.reserveCapacity(megabytes << 20)
        var state: UInt64 = 42
        while bytes.count < megabytes << 20 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            withUnsafeBytes(of: state) { bytes.append(contentsOf: $0) }
        }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return sum(bytes)
    }

    /// FNV-1a: tells whether bytes came whole and in order.
    static func sum(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
