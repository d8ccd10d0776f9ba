internal import APIMachinery
internal import HTTPTransport
internal import NIOHTTP1

/// From whose ownership of fields a write starts (conformance 8.8).
///
/// | `metadata.managedFields` of the request | from |
/// |---|---|
/// | none, or not readable | the stored one |
/// | `[]` or `[{}]` | nobody's: ownership is no longer tracked, until the next apply |
/// | others | these |
///
/// An apply has settled it already.
struct OwnershipDemand: Sendable {
    /// Of the stored object.
    let stored: ManagedFields
    /// What to start from.
    let fields: ManagedFields
    /// Whether ``fields`` says who owns what of the new state already.
    let isSettled: Bool
    /// Whether ``fields`` may be other than ``stored``.
    let isOfItsOwn: Bool
    /// What is wrong with the entries of a request.
    let faults: FieldErrorList

    init(_ asked: JSONValue?, stored json: JSONValue?, settled: ManagedFields?) {
        let stored = (try? ManagedFields(json: json)) ?? ManagedFields()
        self.stored = stored
        isSettled = settled != nil
        if let settled {
            (fields, isOfItsOwn, faults) = (settled, true, [])
        } else if ManagedFields.isReset(asked) {
            (fields, isOfItsOwn, faults) = (ManagedFields(), true, [])
        } else if let asked, asked != json, let given = try? ManagedFields(json: asked), !given.isEmpty {
            (fields, isOfItsOwn) = (given, true)
            faults = given.validate(FieldPath("metadata").child("managedFields"))
        } else {
            (fields, isOfItsOwn, faults) = (stored, false, [])
        }
    }
}

extension DecodedObject {
    /// The whole object with the metadata that counts.
    var complete: JSONValue {
        guard var members = value.objectValue else { return value }
        members["metadata"] = metadata.json
        return .object(members)
    }
}

extension AuthorizedRequest {
    /// Who this request says writes.
    func writer(_ fieldManager: String, at time: Timestamp) -> FieldWriter {
        FieldWriter(
            fieldManager: fieldManager, userAgent: http.head.headers.first(name: "user-agent") ?? "", at: time)
    }
}
