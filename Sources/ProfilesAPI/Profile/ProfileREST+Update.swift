internal import APIMachinery
internal import APIServer
internal import ProfileStore

/// What can be changed of a profile: labels, annotations, finalizers and ownerReferences.
extension ProfileREST {
    func prepare(_ new: inout DecodedObject, replacing old: DecodedObject) -> [String] {
        var metadata = old.metadata
        let (labels, texts) = Self.labels(new.metadata.labels, old.metadata.labels)
        metadata.labels = labels
        metadata.annotations = new.metadata.annotations
        metadata.finalizers = new.metadata.finalizers
        metadata.ownerReferences = new.metadata.ownerReferences
        // What the rules of every update judge stays as the client has it.
        metadata.name = new.metadata.name
        metadata.uid = new.metadata.uid
        metadata.resourceVersion = new.metadata.resourceVersion
        metadata.deletionTimestamp = new.metadata.deletionTimestamp
        metadata.deletionGracePeriodSeconds = new.metadata.deletionGracePeriodSeconds
        new.metadata = metadata
        return texts
    }

    func validate(_ new: DecodedObject, replacing old: DecodedObject) -> FieldErrorList {
        ImmutableFields().faults(new.value["spec"], old.value["spec"], FieldPath("spec"))
    }

    func draft(_ object: DecodedObject, replacing stored: StoredObject) throws(StoreError) -> ObjectDraft {
        stored.draft(object.metadata)
    }

    /// The client's labels with the server's own as they were, and a warning if the client would have them otherwise.
    private static func labels(_ new: Labels, _ old: Labels) -> (Labels, [String]) {
        let changed = new.filter { ProfileLabels.isOwn($0.key) && old[$0.key] != $0.value }
        let texts = changed.map {
            "label \($0.key.quoted) is left as it was: labels under \(ProfileLabels.ownPrefix) are set by the server"
        }
        let pairs = new.filter { !ProfileLabels.isOwn($0.key) } + old.filter { ProfileLabels.isOwn($0.key) }
        return (Labels(pairs.map { ($0.key, $0.value) }), texts)
    }
}
