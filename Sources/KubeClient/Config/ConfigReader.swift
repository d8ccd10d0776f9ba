import APIMachinery
import Digests
import HTTPTransport

/// Reads members of a kubeconfig, and says in which file and field a fault is. `null` counts as missing.
struct ConfigReader: Sendable {
    let object: JSONObject
    let file: String
    /// `users[2].user`; empty is the whole document.
    let field: String

    init(_ value: JSONValue, file: String, field: String) throws(KubeClientError) {
        guard let object = value.objectValue else {
            let place = field.isEmpty ? "the document" : field
            throw KubeClientError(.configuration, "\(file): \(place): must be a mapping, not \(value.typeName)")
        }
        self.object = object
        self.file = file
        self.field = field
    }

    /// An error of a member.
    func fault(_ member: String, _ what: String) -> KubeClientError {
        KubeClientError(.configuration, "\(file): \(path(member)): \(what)")
    }

    private func path(_ member: String) -> String { field.isEmpty ? member : "\(field).\(member)" }

    private func value(_ member: String) -> JSONValue? { object[member].flatMap { $0.isNull ? nil : $0 } }

    private func wrongType(_ member: String, _ value: JSONValue, expected: String) -> KubeClientError {
        fault(member, "must be \(expected), not \(value.typeName)")
    }

    // MARK: texts

    func text(_ member: String) throws(KubeClientError) -> String? {
        guard let value = value(member) else { return nil }
        guard let text = value.stringValue else { throw wrongType(member, value, expected: "a string") }
        return text
    }

    /// A text that goes into a header field: no control characters, which a message must not repeat.
    func secret(_ member: String) throws(KubeClientError) -> String {
        let text = try text(member) ?? ""
        try checkField(text, member)
        return text
    }

    func required(_ member: String) throws(KubeClientError) -> String {
        guard let text = try text(member), !text.isEmpty else { throw fault(member, "is missing") }
        return text
    }

    func flag(_ member: String) throws(KubeClientError) -> Bool? {
        guard let value = value(member) else { return nil }
        guard let flag = value.boolValue else { throw wrongType(member, value, expected: "true or false") }
        return flag
    }

    func texts(_ member: String) throws(KubeClientError) -> [String] {
        guard let value = value(member) else { return [] }
        return try texts(value, member)
    }

    func textLists(_ member: String) throws(KubeClientError) -> [String: [String]] {
        guard let reader = try object(member) else { return [:] }
        var lists: [String: [String]] = [:]
        for (key, value) in reader.object {
            guard !key.isEmpty else { throw fault(member, "has an empty key") }
            lists[key] = value.isNull ? [] : try reader.texts(value, key)
        }
        return lists
    }

    private func texts(_ value: JSONValue, _ member: String) throws(KubeClientError) -> [String] {
        guard let elements = value.arrayValue else { throw wrongType(member, value, expected: "a list of strings") }
        var texts: [String] = []
        for (index, element) in elements.enumerated() {
            let place = "\(member)[\(index)]"
            guard let text = element.stringValue else { throw wrongType(place, element, expected: "a string") }
            try checkField(text, place)
            texts.append(text)
        }
        return texts
    }

    private func checkField(_ text: String, _ member: String) throws(KubeClientError) {
        guard !text.utf8.contains(where: { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F }) else {
            throw fault(member, "has control characters, such as a newline")
        }
    }

    // MARK: parts

    func object(_ member: String) throws(KubeClientError) -> ConfigReader? {
        guard let value = value(member) else { return nil }
        return try ConfigReader(value, file: file, field: path(member))
    }

    func requiredObject(_ member: String) throws(KubeClientError) -> ConfigReader {
        guard let object = try object(member) else { throw fault(member, "is missing") }
        return object
    }

    /// The elements of a list of mappings.
    func entries(_ member: String) throws(KubeClientError) -> [ConfigReader] {
        guard let value = value(member) else { return [] }
        guard let elements = value.arrayValue else { throw wrongType(member, value, expected: "a list") }
        var entries: [ConfigReader] = []
        for (index, element) in elements.enumerated() {
            entries.append(try ConfigReader(element, file: file, field: "\(path(member))[\(index)]"))
        }
        return entries
    }

    /// The element of that `name`; the first, if there are more.
    func entry(_ member: String, named name: String) throws(KubeClientError) -> ConfigReader? {
        for entry in try entries(member) where try entry.text("name") == name { return entry }
        return nil
    }

    /// PEM in Base64 (`<member>-data`), which counts first, or in a file (`<member>`).
    func material(_ member: String, in file: String) throws(KubeClientError) -> PEMSource? {
        let dataMember = "\(member)-data"
        if let data = try text(dataMember), !data.isEmpty {
            guard let bytes = Base64.decode(data) else { throw fault(dataMember, "is no Base64") }
            guard String(decoding: bytes, as: UTF8.self).contains("-----BEGIN ") else {
                throw fault(dataMember, "is no PEM in Base64: it has no -----BEGIN")
            }
            return .bytes(bytes)
        }
        guard let path = try text(member), !path.isEmpty else { return nil }
        return .file(KubeConfigFile.resolve(path, besides: file))
    }
}
