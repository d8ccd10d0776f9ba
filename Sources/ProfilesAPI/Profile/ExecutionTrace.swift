/// Go's execution trace: opaque to us but for its header, `go 1.N trace` padded with NUL to 16 bytes (runtime/trace).
enum ExecutionTrace {
    /// - Throws: ``ProfileFault`` where the bytes are no such trace.
    static func check(_ bytes: [UInt8]) throws(ProfileFault) {
        guard bytes.count >= 16, bytes.starts(with: Array("go 1.".utf8)),
            bytes[5..<16].contains(UInt8(ascii: "t"))
        else {
            throw ProfileFault(
                place: "header",
                "an execution trace begins with \"go 1.N trace\" (16 bytes); these \(bytes.count) bytes don't")
        }
    }
}
