internal import APIMachinery

/// Reads the objects of RBAC out of manifests as `kubectl apply` takes them: YAML or JSON, several documents, `List`s.
///
/// Objects of other API groups are passed over, so that a manifest may hold the ServiceAccount beside its role. Everything
/// else that isn't right is refused, with file, line of the document, object and field. Rules are checked as
/// kube-apiserver's validation does (`pkg/apis/rbac/validation`).
enum RBACManifest {
    private static let kinds = ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"]

    /// The objects of all files; the same object twice is refused.
    static func read(_ files: [SourceFile]) throws(RBACError) -> RBACObjects {
        var objects = RBACObjects()
        for file in files {
            for (line, bytes) in documents(file.bytes) {
                try read(bytes, RBACObjects.Place(path: file.path, line: line), into: &objects)
            }
        }
        try refuseDuplicates(objects)
        return objects
    }

    /// The documents between lines that begin with `---`, each with the number of its first line.
    private static func documents(_ bytes: [UInt8]) -> [(line: Int, bytes: [UInt8])] {
        var documents: [(line: Int, bytes: [UInt8])] = []
        var current: [UInt8] = []
        var (start, line) = (1, 0)
        for text in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            line += 1
            if text.starts(with: "---".utf8), text.dropFirst(3).allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) {
                documents.append((start, current))
                current = []
                start = line + 1
            } else {
                current.append(contentsOf: text)
                current.append(UInt8(ascii: "\n"))
            }
        }
        documents.append((start, current))
        return documents
    }

    private static func read(_ bytes: [UInt8], _ place: RBACObjects.Place, into objects: inout RBACObjects)
        throws(RBACError)
    {
        let documents: [JSONDocument]
        do throws(YAMLError) {
            documents = try YAML.parseAll(bytes)
        } catch {
            let at = RBACObjects.Place(path: place.path, line: place.line + error.line - 1)
            throw RBACError(code: .syntax, place: at, message: error.message)
        }
        for document in documents {
            if let field = document.duplicateFields.first {
                throw RBACError(code: .syntax, place: place, message: "the field \(field.quoted) is given twice")
            }
            try read(document.value, place, into: &objects, depth: 0)
        }
    }

    private static func read(
        _ value: JSONValue, _ place: RBACObjects.Place, into objects: inout RBACObjects, depth: Int
    ) throws(RBACError) {
        if value == .null { return }
        guard let object = value.objectValue, let version = object["apiVersion"]?.stringValue,
            let kind = object["kind"]?.stringValue
        else { throw RBACError(code: .kind, place: place, message: "not an object with apiVersion and kind") }
        let isOurs = version.hasPrefix("\(RBACObjects.group)/")
        if let items = object["items"]?.arrayValue, kind.hasSuffix("List"), isOurs || version == "v1" {
            guard depth < 8 else { throw RBACError(code: .kind, place: place, message: "Lists in Lists too deep") }
            for item in items { try read(item, place, into: &objects, depth: depth + 1) }
            return
        }
        guard isOurs else { return }
        guard version == "\(RBACObjects.group)/v1" else {
            throw RBACError(
                code: .kind, place: place, message: "\(version.quoted) is not served, only \(RBACObjects.group)/v1")
        }
        guard kinds.contains(kind) else {
            throw RBACError(code: .kind, place: place, message: "no kind \(kind.quoted) in \(version)")
        }
        try RBACDecoder(kind: kind, place: place, object: object).decode(into: &objects)
    }

    private static func refuseDuplicates(_ objects: RBACObjects) throws(RBACError) {
        var seen: [ExactText: RBACObjects.Place] = [:]
        let all =
            objects.roles.map { ("\($0.namespace == nil ? "ClusterRole" : "Role")", $0.namespace, $0.name, $0.place) }
            + objects.bindings.map {
                ("\($0.namespace == nil ? "ClusterRoleBinding" : "RoleBinding")", $0.namespace, $0.name, $0.place)
            }
        for (kind, namespace, name, place) in all {
            let title = "\(kind) \((namespace.map { "\($0)/" } ?? "") + name)"
            if let first = seen.updateValue(place, forKey: ExactText(title)) {
                throw RBACError(code: .duplicate, place: place, message: "\(title) is there already, at \(first)")
            }
        }
    }
}
