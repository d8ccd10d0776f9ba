/// YAML in and out, with the meaning of sigs.k8s.io/yaml, which every Kubernetes tool uses.
public enum YAML {
    /// The only document of the text. An empty text, or more than one document, is refused.
    public static func parse(_ bytes: [UInt8], limits: YAMLLimits = .default) throws(YAMLError) -> JSONDocument {
        _ = (bytes, limits)
        throw YAMLError(code: .syntax, offset: 0, line: 1, column: 1, message: "not yet built")
    }

    /// All documents of the text (`---` between them); empty ones are left out.
    public static func parseAll(_ bytes: [UInt8], limits: YAMLLimits = .default) throws(YAMLError) -> [JSONDocument] {
        [try parse(bytes, limits: limits)]
    }

    /// The value as one block-style document with a newline at the end, keys sorted as sigs.k8s.io/yaml does.
    public static func encode(_ value: JSONValue) -> [UInt8] {
        value.encoded()
    }
}
