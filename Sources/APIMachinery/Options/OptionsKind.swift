/// The kinds of options, as the 422 answers name them.
enum OptionsKind: String {
    case create = "CreateOptions"
    case update = "UpdateOptions"
    case patch = "PatchOptions"
    case delete = "DeleteOptions"
    case list = "ListOptions"

    /// - Throws: 422 `CreateOptions.meta.k8s.io "" is invalid: …` if there are faults.
    func check(_ errors: FieldErrorList) throws(StatusError) {
        guard errors.isEmpty else { throw .invalid(GroupKind(group: "meta.k8s.io", kind: rawValue), name: "", errors) }
    }

    /// The faults of `dryRun`: only `All` is known.
    static func dryRunErrors(_ values: [String]) -> FieldErrorList {
        guard values.contains(where: { $0 != "All" }) else { return [] }
        return [.notSupported(FieldPath("dryRun"), .texts(values), supported: ["All"])]
    }

    /// The faults of a field manager's name: at most 128 bytes, printable characters only.
    static func fieldManagerErrors(
        _ manager: String, _ path: FieldPath = FieldPath("fieldManager")
    ) -> FieldErrorList {
        var errors = FieldErrorList()
        if manager.utf8.count > FieldWriter.longestName {
            errors.append(.tooLong(path, limit: FieldWriter.longestName))
        }
        var position = 0
        for scalar in manager.unicodeScalars {
            if !scalar.isPrintable {
                let hexadecimal = String(scalar.value, radix: 16, uppercase: true)
                let name = "U+" + String(repeating: "0", count: max(0, 4 - hexadecimal.count)) + hexadecimal
                errors.append(
                    .invalid(path, .text(manager), "invalid character \(name) (at position \(position))"))
            }
            position += UTF8.width(scalar)
        }
        return errors
    }
}
