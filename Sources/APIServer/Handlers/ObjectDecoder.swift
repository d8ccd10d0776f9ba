internal import APIMachinery

/// From the bytes of a body to an object of the right kind, pruned and with its defaults (conformance 8.4, 8.9).
struct ObjectDecoder: Sendable {
    let context: ResourceContext
    let schema: Schema

    /// The object, and what doesn't fit its schema.
    ///
    /// Unknown and duplicate fields become warnings at once, so that they are sent even if the request fails later, or a 400
    /// where the client asked for strictness.
    func decode(
        _ bytes: [UInt8], _ reader: RequestBodyReader, _ validation: FieldValidation, _ warnings: WarningCollector
    ) throws -> (value: JSONValue, faults: FieldErrorList) {
        let document = try self.document(bytes, reader)
        let value = try typed(document.value)
        let result = schema.check(value, path: .root)
        let kind = context.groupVersion.kind(context.description.kind)
        let texts = try validation.judge(
            unknown: result.unknownFields, duplicates: document.duplicateFields, kind: kind)
        for text in texts { warnings.add(text) }
        return (result.value, result.errors)
    }

    private func document(_ bytes: [UInt8], _ reader: RequestBodyReader) throws -> JSONDocument {
        let document: JSONDocument
        do {
            document = try reader.decode(bytes)
        } catch {
            throw unrecognized(error.message)
        }
        guard document.value.objectValue != nil else {
            throw unrecognized("the body is \(document.value.typeName), not an object")
        }
        return document
    }

    /// The value with its apiVersion and kind checked. A kind that isn't said is that of the URL.
    func typed(_ value: JSONValue) throws(StatusError) -> JSONValue {
        guard var object = value.objectValue else { throw unrecognized("the body is not an object") }
        let apiVersion = try text(object["apiVersion"], "apiVersion")
        let kind = try text(object["kind"], "kind")
        let expected = context.description.kind
        guard apiVersion == context.apiVersion || (apiVersion.isEmpty && kind.isEmpty) else {
            throw StatusError.badRequest(
                "the API version in the data (\(apiVersion)) does not match the expected API version "
                    + "(\(context.apiVersion))")
        }
        guard kind.isEmpty || kind == expected else {
            throw StatusError.badRequest(
                "\(kind) in version \"\(context.groupVersion.version)\" cannot be handled as a \(expected): "
                    + "no kind \"\(kind)\" is registered for version \"\(context.apiVersion)\"")
        }
        object["apiVersion"] = .string(context.apiVersion)
        object["kind"] = .string(expected)
        return .object(object)
    }

    private func text(_ value: JSONValue?, _ field: String) throws(StatusError) -> String {
        switch value {
        case nil, .null: return ""
        case .string(let text): return text
        case .some(let other): throw unrecognized("\(field) is \(other.typeName), not a string")
        }
    }

    private func unrecognized(_ why: String) -> StatusError {
        .badRequest("the object provided is unrecognized (must be of type \(context.description.kind)): \(why)")
    }
}
