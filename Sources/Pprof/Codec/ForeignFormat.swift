/// Names what bytes are that are no profile. Asked only after decoding has failed.
enum ForeignFormat {
    /// A beginning that tells what follows.
    private struct Signature {
        let prefix: [UInt8]
        let code: PprofError.Code
        let meaning: String

        init(_ prefix: String, _ code: PprofError.Code, _ meaning: String) {
            self.init(Array(prefix.utf8), code, meaning)
        }

        init(_ prefix: [UInt8], _ code: PprofError.Code, _ meaning: String) {
            self.prefix = prefix
            self.code = code
            self.meaning = meaning
        }
    }

    private static let legacy =
        "a format from before profile.proto; ask for the profile without ?debug=, or convert it with go tool pprof -proto"
    private static let packed = "which is not gzip; send the profile plain or in gzip"

    private static let signatures = [
        Signature([0x1f, 0x8b], .notAProfile, "gzip inside of gzip"),
        Signature("heap profile:", .legacyFormat, "this is a text heap profile, \(legacy)"),
        Signature("--- heap", .legacyFormat, "this is a text heap profile, \(legacy)"),
        Signature("--- growth", .legacyFormat, "this is a text heap growth profile, \(legacy)"),
        Signature("--- contention", .legacyFormat, "this is a text contention profile, \(legacy)"),
        Signature("--- mutex:", .legacyFormat, "this is a text mutex profile, \(legacy)"),
        Signature("--- thread", .legacyFormat, "this is a text thread profile, \(legacy)"),
        Signature("goroutine profile:", .legacyFormat, "this is a text goroutine profile, \(legacy)"),
        Signature("threadcreate profile:", .legacyFormat, "this is a text thread creation profile, \(legacy)"),
        Signature("goroutine ", .legacyFormat, "this is a text dump of goroutines, \(legacy)"),
        Signature([0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0], .legacyFormat, "this is a binary CPU profile, \(legacy)"),
        Signature([0, 0, 0, 0, 3, 0, 0, 0], .legacyFormat, "this is a binary CPU profile, \(legacy)"),
        Signature("go 1.", .executionTrace, "this is a Go execution trace, not a profile; read it with go tool trace"),
        Signature("go 2.", .executionTrace, "this is a Go execution trace, not a profile; read it with go tool trace"),
        Signature([0x28, 0xb5, 0x2f, 0xfd], .notAProfile, "this is zstd, \(packed)"),
        Signature([0xfd, 0x37, 0x7a, 0x58, 0x5a], .notAProfile, "this is xz, \(packed)"),
        Signature([0x42, 0x5a, 0x68], .notAProfile, "this is bzip2, \(packed)"),
        Signature([0x50, 0x4b, 0x03, 0x04], .notAProfile, "this is a zip archive, \(packed)"),
        Signature([0x7f, 0x45, 0x4c, 0x46], .notAProfile, "this is an ELF file, not a profile"),
    ]

    /// The error that names the format; nil if it isn't one of those known.
    static func recognize(_ bytes: [UInt8]) -> PprofError? {
        for signature in signatures where bytes.starts(with: signature.prefix) {
            return PprofError(signature.code, at: 0, signature.meaning)
        }
        let head = bytes.prefix(64)
        guard head.allSatisfy(isText) else { return nil }
        let text = String(decoding: head, as: UTF8.self)
        if text.contains(" profile: total ") {
            return PprofError(.legacyFormat, at: 0, "this is a text profile, \(legacy)")
        }
        let kind =
            switch head.first(where: { $0 > 0x20 }) {
            case UInt8(ascii: "<"): "HTML or XML"
            case UInt8(ascii: "{"), UInt8(ascii: "["): "JSON"
            default: "text"
            }
        return PprofError(.notAProfile, at: 0, "this looks like \(kind), not a profile; it begins with \(quote(text))")
    }

    private static func isText(_ byte: UInt8) -> Bool { byte >= 0x20 && byte < 0x7f || (9...13).contains(byte) }

    private static func quote(_ text: String) -> String {
        "\"" + text.prefix(40).map { $0.isNewline || $0 == "\t" ? " " : String($0) }.joined() + "\""
    }
}
