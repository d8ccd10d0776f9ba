internal import APIMachinery

extension UpdateRules {
    /// What an apply makes of a stored object, and who owns what of it then; 409 with the conflicts.
    func apply(
        _ applied: AppliedObject, to old: DecodedObject, _ key: ObjectKey
    ) throws(StatusError) -> (object: DecodedObject, fields: ManagedFields) {
        let stored = (try? ManagedFields(json: old.metadata.managedFields)) ?? ManagedFields()
        let result: ApplyResult
        do throws(ApplyConflicts) {
            result = try owners.apply(applied, to: old.value, stored)
        } catch {
            throw error.statusError
        }
        let value = owners.withLastApplied(result.value, applied)
        guard result.isChanged || value != old.value else { return (old, result.fields) }
        let checked = schema.check(try ObjectDecoder(context: context, schema: schema).typed(value))
        let object = try object(checked.value, checked.errors, key)
        guard object.metadata.name == key.name else { throw .otherName(object.metadata.name, key) }
        return (object, result.fields)
    }
}
