internal import APIMachinery
internal import APIServer
internal import ProfileStore

/// What can be changed of a capture: metadata, and how long it is kept. It has begun already; to take other profiles is
/// another capture.
extension CaptureREST {
    func validate(_ new: DecodedObject, replacing old: DecodedObject) -> FieldErrorList {
        ImmutableFields(mutable: ["ttlSecondsAfterFinished"])
            .faults(new.value["spec"], old.value["spec"], FieldPath("spec"))
    }

    func draft(_ object: DecodedObject, replacing stored: StoredObject) throws(StoreError) -> ObjectDraft {
        var document = try CaptureDocument(stored)
        document.metadata = object.metadata
        document.spec = object.value["spec"] ?? document.spec
        return document.draft
    }
}
