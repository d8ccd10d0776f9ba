extension ObjectMeta {
    /// The most bytes that all keys and values of the annotations may have together.
    public static let annotationsLimit = 262_144
    /// The finalizer by which the garbage collector orphans dependents.
    public static let orphanFinalizer = "orphan"
    /// The finalizer by which the garbage collector deletes dependents first.
    public static let foregroundFinalizer = "foregroundDeletion"

    /// What is wrong with the metadata of an object to be created, whose name was generated already (conformance 8.14).
    ///
    /// - Parameters:
    ///   - namespaced: whether it must have a namespace, or may have none.
    ///   - nameRule: the rule for names of this resource, such as `Names.dns1123Subdomain`; that a name is a legal path
    ///     segment is checked anyway.
    ///   - path: where the metadata are.
    public func validate(
        namespaced: Bool, nameRule: Names.Rule, path: FieldPath = FieldPath("metadata")
    ) -> FieldErrorList {
        var errors = FieldErrorList()
        if !generateName.isEmpty {
            // What is generated ends in letters, so the prefix may end where a name may not.
            let prefix = generateName.hasSuffix("-") ? String(generateName.dropLast()) + "a" : generateName
            errors.append(path.child("generateName"), generateName, nameRule(prefix))
        }
        if name.isEmpty {
            errors.append(.required(path.child("name"), "name or generateName is required"))
        } else {
            errors.append(path.child("name"), name, Names.pathSegment(name) + nameRule(name))
        }
        if !namespaced, !namespace.isEmpty {
            errors.append(.forbidden(path.child("namespace"), "not allowed on this type"))
        } else if namespaced, namespace.isEmpty {
            errors.append(.required(path.child("namespace")))
        } else if namespaced {
            errors.append(path.child("namespace"), namespace, Names.dns1123Label(namespace))
        }
        return errors + validateRest(path)
    }

    /// What is wrong with metadata that replace others (conformance 8.5, 8.14). Server-set fields missing in the new
    /// ones must have been restored before.
    public func validate(
        replacing old: ObjectMeta, path: FieldPath = FieldPath("metadata")
    ) -> FieldErrorList {
        var errors = FieldErrorList()
        if old.deletionTimestamp != nil {
            let added = Set(finalizers).subtracting(old.finalizers).sorted { $0.precedesBytewise($1) }
            if !added.isEmpty {
                let list = added.map(\.quoted).joined(separator: ", ")
                errors.append(
                    .forbidden(
                        path.child("finalizers"),
                        "no new finalizers can be added if the object is being deleted, found new finalizers "
                            + "[]string{\(list)}"))
            }
        }
        if resourceVersion == nil {
            errors.append(.invalid(path.child("resourceVersion"), 0, "must be specified for an update"))
        }
        let immutable = "field is immutable"
        func check(_ field: String, _ new: String?, _ before: String?) {
            guard new != before else { return }
            let value = new.map { FieldError.Value.text($0) } ?? FieldError.Value(printed: "null")
            errors.append(.invalid(path.child(field), value, immutable))
        }
        check("name", name, old.name)
        check("namespace", namespace, old.namespace)
        check("uid", uid, old.uid)
        check("creationTimestamp", creationTimestamp?.rfc3339(), old.creationTimestamp?.rfc3339())
        check("deletionTimestamp", deletionTimestamp?.rfc3339(), old.deletionTimestamp?.rfc3339())
        if deletionGracePeriodSeconds != old.deletionGracePeriodSeconds {
            let value = deletionGracePeriodSeconds.map { FieldError.Value.integer($0) }
            errors.append(
                .invalid(path.child("deletionGracePeriodSeconds"), value ?? .init(printed: "null"), immutable))
        }
        return errors + validateRest(path)
    }

    /// What to warn of: finalizers without a domain, owners named twice (conformance 8.10).
    public func warnings(path: FieldPath = FieldPath("metadata")) -> [String] {
        let known = [Self.orphanFinalizer, Self.foregroundFinalizer]
        var warnings = finalizers.filter { !$0.contains("/") && !known.contains($0) }.map {
            "\(path.child("finalizers")): \($0.quoted): prefer a domain-qualified finalizer name to avoid accidental "
                + "conflicts with other finalizer writers"
        }
        var seen: Set<String> = []
        for (index, owner) in ownerReferences.enumerated() where !seen.insert(owner.uid).inserted {
            warnings.append(
                "\(path.child("ownerReferences").index(index)): duplicate owner reference with uid \(owner.uid.quoted)")
        }
        return warnings
    }

    private func validateRest(_ path: FieldPath) -> FieldErrorList {
        var errors = FieldErrorList()
        if generation < 0 {
            errors.append(
                .invalid(path.child("generation"), .integer(generation), "must be greater than or equal to 0"))
        }
        errors += labels.validateAsLabels(path.child("labels"))
        errors += validateAnnotations(path.child("annotations"))
        errors += validateOwners(path.child("ownerReferences"))
        return errors + validateFinalizers(path.child("finalizers"))
    }

    private func validateAnnotations(_ path: FieldPath) -> FieldErrorList {
        var errors = FieldErrorList()
        for pair in annotations { errors.append(path, pair.key, Names.annotationKey(pair.key)) }
        if annotations.reduce(0, { $0 + $1.key.utf8.count + $1.value.utf8.count }) > Self.annotationsLimit {
            errors.append(.tooLong(path, limit: Self.annotationsLimit))
        }
        return errors
    }

    private func validateOwners(_ path: FieldPath) -> FieldErrorList {
        var errors = FieldErrorList()
        var controller: String?
        for owner in ownerReferences {
            errors += owner.validate(path)
            guard owner.controller == true else { continue }
            let name = "\(owner.kind)/\(owner.name)"
            if let controller {
                errors.append(
                    .invalid(
                        path, .owners(ownerReferences),
                        "Only one reference can have Controller set to true. Found \"true\" in references for "
                            + "\(controller) and \(name)"))
            } else {
                controller = name
            }
        }
        return errors
    }

    private func validateFinalizers(_ path: FieldPath) -> FieldErrorList {
        var errors = FieldErrorList()
        for finalizer in finalizers { errors.append(path, finalizer, Names.qualifiedName(finalizer)) }
        if finalizers.contains(Self.orphanFinalizer), finalizers.contains(Self.foregroundFinalizer) {
            errors.append(
                .invalid(
                    path, .texts(finalizers),
                    "finalizer \(Self.orphanFinalizer) and \(Self.foregroundFinalizer) cannot be both set"))
        }
        return errors
    }
}

extension OwnerReference {
    func validate(_ path: FieldPath) -> FieldErrorList {
        var errors = FieldErrorList()
        if GroupVersion(apiVersion) == nil {
            errors.append(.invalid(path.child("apiVersion"), .text(apiVersion), "version must not be empty"))
        }
        for (field, value) in [("kind", kind), ("name", name), ("uid", uid)] where value.isEmpty {
            errors.append(.invalid(path.child(field), .text(value), "must not be empty"))
        }
        if apiVersion == "v1", kind == "Event" {
            errors.append(
                .invalid(path, .owners([self]), "/v1, Kind=Event is disallowed from being an owner"))
        }
        return errors
    }
}

extension Labels {
    /// What is wrong with these as labels: keys are qualified names, values label values; all reported on `path`.
    public func validateAsLabels(_ path: FieldPath) -> FieldErrorList {
        var errors = FieldErrorList()
        for pair in self {
            errors.append(path, pair.key, Names.qualifiedName(pair.key))
            errors.append(path, pair.value, Names.labelValue(pair.value))
        }
        return errors
    }
}

extension FieldErrorList {
    /// Adds one `Invalid value` for each message.
    mutating func append(_ path: FieldPath, _ value: String, _ messages: [String]) {
        for message in messages { append(.invalid(path, .text(value), message)) }
    }
}

extension FieldError.Value {
    fileprivate static func owners(_ owners: [OwnerReference]) -> FieldError.Value {
        var writer = JSONWriter(capacity: 256)
        writer.beginArray()
        for owner in owners { owner.encode(into: &writer) }
        writer.endArray()
        return FieldError.Value(printed: String(decoding: writer.bytes, as: UTF8.self))
    }
}
