internal import NIOHTTP1

/// The trace that a request belongs to, from its `traceparent` header (W3C Trace Context, level 1 §3.2).
///
/// | accepted | refused (as if there were no header) |
/// |---|---|
/// | `00-<32 hex>-<16 hex>-<2 hex>`, lower case | other lengths, upper case, ids of zeros only |
/// | version `01` to `fe` with these first and more behind a `-` | version `ff`, two headers |
struct TraceContext: Sendable, Equatable {
    /// 32 hexadecimal digits in lower case.
    let traceID: String
    /// 16 of them: the span of the caller.
    let parentID: String
    let isSampled: Bool

    init?(_ headers: HTTPHeaders) {
        let values = headers[canonicalForm: "traceparent"]
        guard values.count == 1, let value = values.first else { return nil }
        self.init(String(value))
    }

    init?(_ text: String) {
        let bytes = Array(text.utf8.prefix(56))
        let dash = UInt8(ascii: "-")
        guard bytes.count >= 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash,
            Self.isHex(bytes[0..<2]), Self.isHex(bytes[3..<35]), Self.isHex(bytes[36..<52]), Self.isHex(bytes[53..<55])
        else { return nil }
        let version = bytes[0..<2]
        guard !version.elementsEqual("ff".utf8) else { return nil }
        guard bytes.count == 55 || (!version.elementsEqual("00".utf8) && bytes[55] == dash) else { return nil }
        guard Self.isNotZero(bytes[3..<35]), Self.isNotZero(bytes[36..<52]) else { return nil }
        traceID = String(decoding: bytes[3..<35], as: UTF8.self)
        parentID = String(decoding: bytes[36..<52], as: UTF8.self)
        isSampled = Self.value(bytes[54]) & 1 == 1
    }

    private static func isHex(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    private static func isNotZero(_ bytes: ArraySlice<UInt8>) -> Bool { bytes.contains { $0 != UInt8(ascii: "0") } }

    private static func value(_ digit: UInt8) -> UInt8 { digit <= 0x39 ? digit &- 0x30 : digit &- 0x57 }
}
