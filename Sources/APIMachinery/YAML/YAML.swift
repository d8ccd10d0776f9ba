/// YAML in and out, with the meaning of sigs.k8s.io/yaml, which every Kubernetes tool uses.
///
/// Reading is YAML 1.1 as libyaml and goyaml.v2 take it: plain `y yes true on n no false off` are booleans,
/// `~ null` and nothing are null, numbers are Go's (`0x1F 0o17 017 0b11 1_000 .5 1e3`), timestamps stay strings, what
/// is quoted is a string, `!!str !!int !!float !!bool !!null !!binary` are heeded and other tags are not. Floats
/// without a fraction become integers, as in Go's JSON. Keys that are numbers or booleans become their text. `<<`
/// merges; aliases are followed, within the limits. A key written twice keeps its last value, and is reported.
///
/// Refused, with the place: no UTF-8, NUL and other controls, UTF-16, keys that are null, mappings or sequences,
/// `.inf` and `.nan`, unknown and recursive aliases, and what is over a limit.
public enum YAML {
    /// The only document of the text. An empty text, or more than one document, is refused.
    public static func parse(_ bytes: [UInt8], limits: YAMLLimits = .default) throws(YAMLError) -> JSONDocument {
        let documents = try parseAll(bytes, limits: limits)
        guard let document = documents.first else {
            throw YAMLError(code: .empty, offset: 0, line: 1, column: 1, message: "the text has no document")
        }
        guard documents.count == 1 else {
            throw YAMLError(
                code: .manyDocuments, offset: 0, line: 1, column: 1,
                message: "expected one document, the text has \(documents.count)")
        }
        return document
    }

    /// All documents of the text (`---` between them); empty ones are left out, and `null` is one.
    public static func parseAll(_ bytes: [UInt8], limits: YAMLLimits = .default) throws(YAMLError) -> [JSONDocument] {
        try YAMLBuilder(bytes, limits: limits).build()
    }

    /// The value as one document with a newline at the end, as kubectl prints it: block style, keys in the order of
    /// sigs.k8s.io/yaml (letters last, numbers by value: `a-b a2 a10 ab`), sequences as far left as their key,
    /// `{}` and `[]` when empty, strings of more than one line as literal blocks, quotes where a string would be read
    /// as something else, long lines folded at 80 columns.
    public static func encode(_ value: JSONValue) -> [UInt8] {
        var emitter = YAMLEmitter()
        return emitter.document(value)
    }
}
