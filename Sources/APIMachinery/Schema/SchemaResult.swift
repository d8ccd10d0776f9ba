/// What checking a value against a schema gives.
public struct SchemaResult: Sendable {
    /// The value without unknown fields and without `null` members, with defaults filled in. Where there are errors the
    /// faulty parts are as given.
    public let value: JSONValue
    /// The dotted paths of unknown fields, in the order found; at most 100.
    public let unknownFields: [String]
    /// What is wrong; at most 100 faults.
    public let errors: FieldErrorList
}

extension Schema {
    /// Checks a value, drops what the type doesn't know and fills in defaults.
    ///
    /// Costs time linear in the value; depth is that of the schema. Error texts are those of Kubernetes' structural
    /// schemas. `null` counts as missing where the type isn't nullable.
    public func check(_ value: JSONValue, path: FieldPath = .root) -> SchemaResult {
        var checker = SchemaChecker()
        let checked = checker.check(value, self, path)
        return SchemaResult(value: checked, unknownFields: checker.unknownFields, errors: checker.errors)
    }
}
