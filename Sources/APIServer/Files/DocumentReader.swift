public import APIMachinery

/// Reads the fields of a configuration file and gathers everything that is wrong with it, so that all is told at once. What is wrong is
/// read as if it were missing, and so is `null`.
public struct DocumentReader {
    private let file: String
    private let root: JSONValue
    private var faults: [DocumentError.Fault] = []

    /// Reads a file of one document, YAML or JSON; throws where it is neither.
    public init(_ file: SourceFile) throws(DocumentError) {
        self.file = file.path
        let document: JSONDocument
        do throws(YAMLError) {
            document = try YAML.parse(file.bytes)
        } catch {
            throw DocumentError(
                file: file.path, faults: [.init(place: "line \(error.line)", message: error.message)])
        }
        root = document.value
        for field in document.duplicateFields { fault(field, "is given twice") }
    }

    /// Throws what was wrong, if anything was.
    public func finish() throws(DocumentError) {
        guard faults.isEmpty else { throw DocumentError(file: file, faults: faults) }
    }

    /// Whether nothing was wrong so far.
    public var isClean: Bool { faults.isEmpty }

    /// Tells of something that is wrong.
    public mutating func fault(_ place: String, _ message: String) {
        faults.append(.init(place: place, message: message))
    }

    /// The whole document, of this version and kind, with no other fields than these and `metadata`; nil if it is no object.
    public mutating func document(_ apiVersion: String, _ kind: String, fields: Set<String>) -> JSONObject? {
        guard let object = root.objectValue else {
            fault("", "must be an object with apiVersion and kind, not \(root.typeName)")
            return nil
        }
        refuseUnknown(object, fields.union(["apiVersion", "kind", "metadata"]), "")
        expect(object, "apiVersion", apiVersion)
        expect(object, "kind", kind)
        return object
    }

    /// The object at `path`, with no other fields than these; nil if it is none.
    public mutating func object(_ value: JSONValue, at path: String, fields: Set<String>) -> JSONObject? {
        guard let object = value.objectValue else {
            fault(path, "must be an object, not \(value.typeName)")
            return nil
        }
        refuseUnknown(object, fields, path)
        return object
    }

    /// True or false.
    public mutating func flag(_ object: JSONObject, _ name: String, _ path: String) -> Bool? {
        guard let value = object[name], !value.isNull else { return nil }
        if value.boolValue == nil { fault(Self.join(path, name), "must be true or false, not \(Self.shown(value))") }
        return value.boolValue
    }

    /// A text; the empty one if there is none.
    public mutating func text(_ object: JSONObject, _ name: String, _ path: String) -> String {
        guard let value = object[name], !value.isNull else { return "" }
        return text(value, Self.join(path, name)) ?? ""
    }

    /// A list; nil if there is none.
    public mutating func list(_ object: JSONObject, _ name: String, _ path: String) -> [JSONValue]? {
        guard let value = object[name], !value.isNull else { return nil }
        if value.arrayValue == nil { fault(Self.join(path, name), "must be a list, not \(value.typeName)") }
        return value.arrayValue
    }

    /// The texts of a list, and where each stands; nil if there is no list.
    public mutating func texts(
        _ object: JSONObject, _ name: String, _ path: String
    ) -> [(text: String, place: String)]? {
        guard let list = list(object, name, path) else { return nil }
        var texts: [(text: String, place: String)] = []
        for (index, value) in list.enumerated() {
            let place = "\(Self.join(path, name))[\(index)]"
            if let text = text(value, place) { texts.append((text, place)) }
        }
        return texts
    }

    /// A value in a message; long ones cut.
    public static func shown(_ value: JSONValue) -> String {
        let text = String(decoding: value.encoded(), as: UTF8.self)
        return text.count > 80 ? "\(text.prefix(80))…" : text
    }

    private static func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    private mutating func text(_ value: JSONValue, _ place: String) -> String? {
        if value.stringValue == nil { fault(place, "must be a string, not \(Self.shown(value))") }
        return value.stringValue
    }

    private mutating func refuseUnknown(_ object: JSONObject, _ known: Set<String>, _ path: String) {
        for (name, _) in object where !known.contains(name) { fault(Self.join(path, name), "no such field") }
    }

    private mutating func expect(_ object: JSONObject, _ name: String, _ expected: String) {
        guard object[name]?.stringValue != expected else { return }
        let found = object[name].map { Self.shown($0) } ?? "nothing"
        fault(name, "must be \(expected.quoted), not \(found)")
    }
}
