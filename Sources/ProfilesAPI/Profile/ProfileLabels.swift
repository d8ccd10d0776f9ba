internal import APIMachinery
internal import APIServer

/// The labels of a profile, whichever way they come in: what they may be, and which of them are not taken.
///
/// At most 64 labels; keys have 1 to 317 bytes, values at most 1024. Keys may come twice and in any order, as profefe keeps them.
/// Not taken, with a warning: keys under `profefe.io/`, which are the server's, but for ``pinned``. Not taken: `namespace`, since the URL's counts.
enum ProfileLabels {
    static let limit = 64
    static let longestKey = 317
    static let longestValue = 1024

    /// Notes what is wrong with `labels`; `path` gives the place of one of them.
    static func check(
        _ labels: [(key: String, value: String)], _ all: FieldPath, _ errors: inout FieldErrorList,
        at path: (_ index: Int) -> FieldPath
    ) {
        if labels.count > limit { errors.append(.tooMany(all, count: labels.count, limit: limit)) }
        for (index, label) in labels.prefix(limit).enumerated() {
            let bounds = "the key must have 1 to \(longestKey) bytes, the value at most \(longestValue)"
            if label.key.isEmpty || label.key.utf8.count > longestKey || label.value.utf8.count > longestValue {
                errors.append(.invalid(path(index), .text(String(label.key.prefix(64))), bounds))
            }
        }
    }

    /// The labels that are kept.
    static func taken(
        _ labels: [(key: String, value: String)], namespace: String, _ warnings: WarningCollector
    ) -> [(key: String, value: String)] {
        labels.filter { key, value in
            if key == "namespace" {
                if value != namespace {
                    warnings.add(
                        "label \"namespace\" is ignored: the profile belongs to namespace \"\(namespace)\" of the URL")
                }
                return false
            }
            if isOwn(key) { warn(key, warnings) }
            return !isOwn(key)
        }
    }

    /// Tells which labels of an object's metadata are not taken.
    static func warn(of metadata: ObjectMeta, _ warnings: WarningCollector) {
        for pair in metadata.labels.pairs where isOwn(pair.key) { warn(pair.key, warnings) }
    }

    /// Whether the label is the server's own.
    static func isOwn(_ key: String) -> Bool { key.hasPrefix(ownPrefix) && key != pinned }

    /// The one label of the server's that clients set: `true` exempts the profile from retention and limits.
    static let pinned = "profefe.io/pinned"

    /// The prefix of the server's own labels.
    static let ownPrefix = "profefe.io/"

    static func warn(_ key: String, _ warnings: WarningCollector) {
        warnings.add("label \"\(key.prefix(longestKey))\" is ignored: labels under \(ownPrefix) are set by the server")
    }
}
