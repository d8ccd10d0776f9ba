/// The options of a create, checked (conformance 8.13).
public struct CreateOptions: Sendable, Hashable {
    /// Whether nothing may be stored.
    public var dryRun = false
    /// Who owns the fields; empty if not said (`FieldManager.name` then takes the User-Agent).
    public var fieldManager = ""
    /// What to do with strange fields.
    public var fieldValidation = FieldValidation.warn

    /// The defaults.
    public init() {}

    /// Reads and checks the options of a request.
    ///
    /// - Throws: 422 `CreateOptions.meta.k8s.io "" is invalid: …`.
    public init(query: QueryItems) throws(StatusError) {
        try self.init(query: query, as: .create, extra: [])
    }

    fileprivate init(query: QueryItems, as kind: OptionsKind, extra: FieldErrorList) throws(StatusError) {
        let dryRuns = query.all("dryRun").filter { !$0.isEmpty }
        let validation = FieldValidation.parse(query["fieldValidation"] ?? "")
        dryRun = !dryRuns.isEmpty
        fieldManager = query["fieldManager"] ?? ""
        fieldValidation = validation.value
        try kind.check(
            extra + OptionsKind.fieldManagerErrors(fieldManager) + OptionsKind.dryRunErrors(dryRuns)
                + validation.errors)
    }
}

/// The options of an update: those of a create.
public struct UpdateOptions: Sendable, Hashable {
    /// Whether nothing may be stored.
    public var dryRun = false
    /// Who owns the fields; empty if not said.
    public var fieldManager = ""
    /// What to do with strange fields.
    public var fieldValidation = FieldValidation.warn

    /// The defaults.
    public init() {}

    /// Reads and checks the options of a request.
    ///
    /// - Throws: 422 `UpdateOptions.meta.k8s.io "" is invalid: …`.
    public init(query: QueryItems) throws(StatusError) {
        let options = try CreateOptions(query: query, as: .update, extra: [])
        (dryRun, fieldManager, fieldValidation) = (options.dryRun, options.fieldManager, options.fieldValidation)
    }
}

/// The options of a patch: those of a create, and `force`, which only an apply may have.
public struct PatchOptions: Sendable, Hashable {
    /// Whether nothing may be stored.
    public var dryRun = false
    /// Who owns the fields; an apply must say it.
    public var fieldManager = ""
    /// What to do with strange fields.
    public var fieldValidation = FieldValidation.warn
    /// Whether an apply takes fields from their owners.
    public var force = false

    /// The defaults.
    public init() {}

    /// Reads and checks the options of a request; `isApply` for a server-side apply.
    ///
    /// - Throws: 422 `PatchOptions.meta.k8s.io "" is invalid: …`.
    public init(query: QueryItems, isApply: Bool) throws(StatusError) {
        let force = query.flag("force")
        var extra = FieldErrorList()
        if isApply {
            if (query["fieldManager"] ?? "").isEmpty {
                extra.append(.required(FieldPath("fieldManager"), "is required for apply patch"))
            }
        } else if force != nil {
            extra.append(.forbidden(FieldPath("force"), "may not be specified for non-apply patch"))
        }
        let options = try CreateOptions(query: query, as: .patch, extra: extra)
        (dryRun, fieldManager, fieldValidation) = (options.dryRun, options.fieldManager, options.fieldValidation)
        self.force = force ?? false
    }
}
