internal import APIMachinery

/// A merge or JSON patch of one object (conformance 8.6), read from its bytes.
struct ObjectPatch: Sendable {
    private enum Content: Sendable {
        case merge(MergePatch)
        case operations(JSONPatch)
    }

    private let content: Content
    /// What is strange about the patch itself, in the words of kube-apiserver.
    private let strangeFields: [String]

    /// - Throws: 400 `error decoding patch: …`, 413 for too many operations, 422 for operations that are none.
    init(_ bytes: [UInt8], _ encoding: PatchEncoding) throws(StatusError) {
        let document: JSONDocument
        do {
            document = try JSONParser.parse(bytes)
        } catch {
            throw .badRequest("error decoding patch: \(error)")
        }
        let duplicates = document.duplicateFields.map { "duplicate field \($0.quoted)" }
        do throws(PatchError) {
            switch encoding {
            case .jsonPatch:
                let patch = try JSONPatch(document.value)
                content = .operations(patch)
                strangeFields = (patch.unknownFields.map { "unknown field \($0.quoted)" } + duplicates)
                    .map { "json patch \($0)" }
            default:
                content = .merge(try MergePatch(document.value))
                strangeFields = duplicates
            }
        } catch {
            throw Self.refusal(error)
        }
    }

    /// A stored object with the changes; 422 where they can't be made.
    func apply(to value: JSONValue) throws(StatusError) -> PatchedObject {
        switch content {
        case .merge(let patch):
            return PatchedObject(value: patch.apply(to: value), strangeFields: strangeFields)
        case .operations(let patch):
            do throws(PatchError) {
                return PatchedObject(value: try patch.apply(to: value), strangeFields: strangeFields)
            } catch {
                throw Self.refusal(error)
            }
        }
    }

    private static func refusal(_ error: PatchError) -> StatusError {
        switch error.code {
        case .malformed: .badRequest("error decoding patch: \(error)")
        case .tooManyOperations: .requestEntityTooLarge(error.message)
        default: .unprocessable(error)
        }
    }
}

/// What a patch has made of an object, before it is known whether it is one of its kind.
struct PatchedObject: Sendable {
    let value: JSONValue
    /// See ``ObjectPatch``.
    let strangeFields: [String]
}

extension StatusError {
    /// 422 in kube-apiserver's words, with the place and the reason as a cause: kubectl prints that.
    fileprivate static func unprocessable(_ error: PatchError) -> StatusError {
        var refusal = StatusError.unprocessable()
        let place = error.operation.map { "patch[\($0)]" } ?? "patch"
        refusal.status.details?.causes = [
            StatusCause(reason: FieldError.Kind.invalid.rawValue, message: error.message, field: place)
        ]
        return refusal.caused(by: error)
    }
}
