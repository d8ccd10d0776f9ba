@testable import APIMachinery

/// The entry for fuzzing: the bytes before the first newline are a document, those behind it a patch of either kind.
///
/// Checks what must hold of every patch that is accepted; false is a finding.
func fuzzPatch(_ bytes: [UInt8]) -> Bool {
    let split = bytes.firstIndex(of: 0x0A) ?? bytes.endIndex
    let limits = JSONLimits(depth: 64)
    guard let document = try? JSONValue.parse(Array(bytes[..<split]), limits: limits),
        let json = try? JSONValue.parse(Array(bytes[split...]), limits: limits)
    else { return true }
    if let patch = try? MergePatch(json) {
        let once = patch.apply(to: document)
        // A merge patch done twice is a merge patch done once, and what it makes can be read again.
        guard patch.apply(to: once) == once, (try? JSONValue.parse(once.encoded())) == once else { return false }
    }
    if let patch = try? JSONPatch(json) {
        guard let result = try? patch.apply(to: document) else { return true }
        guard (try? JSONValue.parse(result.encoded())) == result else { return false }
        guard (try? patch.apply(to: document)) == result else { return false }
    }
    return true
}
