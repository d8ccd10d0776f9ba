internal import APIMachinery

/// The parameter `labels` of an upload: `k=v,k2=v2`, repeatable.
///
/// Accepted: empty parts (`,a=b,,`), empty values, `=` inside a value, keys that come twice. Refused: a part without `=`, an empty key,
/// and what ``ProfileLabels`` refuses.
enum UploadLabels {
    static func parse(_ parameters: [String], _ errors: inout FieldErrorList) -> [(key: String, value: String)] {
        let path = FieldPath("labels")
        var labels: [(key: String, value: String)] = []
        for part in parameters.flatMap({ $0.split(separator: ",") }).prefix(ProfileLabels.limit + 1) {
            guard let equal = part.firstIndex(of: "="), equal != part.startIndex else {
                errors.append(.invalid(path, .text(String(part.prefix(64))), "must be key=value"))
                continue
            }
            labels.append((String(part[..<equal]), String(part[part.index(after: equal)...])))
        }
        ProfileLabels.check(labels, path, &errors) { _ in path }
        return labels
    }
}
