/// What to do with unknown and duplicate fields of a body (conformance 8.9).
public enum FieldValidation: String, Sendable, Hashable {
    /// Drop them silently.
    case ignore = "Ignore"
    /// Drop them and say so in `Warning` headers; the default.
    case warn = "Warn"
    /// Refuse the body.
    case strict = "Strict"

    /// Judges the strange fields of a body.
    ///
    /// - Parameters:
    ///   - unknown: dotted paths of unknown fields.
    ///   - duplicates: dotted paths of fields given more than once.
    /// - Returns: the texts of warnings to send, also if the request fails later.
    /// - Throws: 400 if strict and anything is strange.
    public func judge(
        unknown: [String], duplicates: [String], kind: GroupVersionKind
    ) throws(StatusError) -> [String] {
        let faults = unknown.map { "unknown field \($0.quoted)" } + duplicates.map { "duplicate field \($0.quoted)" }
        switch self {
        case .ignore: return []
        case .warn: return faults
        case .strict where faults.isEmpty: return []
        case .strict:
            throw .badRequest(
                "\(kind.kind) in version \(kind.version.quoted) cannot be handled as a \(kind.kind): "
                    + "strict decoding error: \(faults.joined(separator: ", "))")
        }
    }

    static func parse(_ text: String) -> (value: FieldValidation, errors: FieldErrorList) {
        if text.isEmpty { return (.warn, []) }
        if let value = FieldValidation(rawValue: text) { return (value, []) }
        let error = FieldError.notSupported(
            FieldPath("fieldValidation"), .text(text), supported: ["", "Ignore", "Strict", "Warn"])
        return (.warn, [error])
    }
}
