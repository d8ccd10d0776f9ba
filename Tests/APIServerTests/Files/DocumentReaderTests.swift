import APIMachinery
import Testing

@testable import APIServer

/// What the readers of audit policies and retention rules share.
struct DocumentReaderTests {
    private static func reader(_ text: String) throws(DocumentError) -> DocumentReader {
        try DocumentReader(SourceFile(path: "a.yaml", bytes: Array(text.utf8)))
    }

    private static func told(_ reader: DocumentReader) -> String {
        do throws(DocumentError) {
            try reader.finish()
            return ""
        } catch {
            return error.description
        }
    }

    @Test func whatIsThereIsRead() throws {
        var reader = try Self.reader(
            "apiVersion: v1\nkind: A\nmetadata: {name: a}\nt: x\nf: false\nl: [a, b]\nnothing: null\n")
        let document = reader.document("v1", "A", fields: ["f", "l", "nothing", "t"])
        let object = try #require(document)
        let (text, flag) = (reader.text(object, "t", ""), reader.flag(object, "f", ""))
        let (list, texts) = (reader.list(object, "l", ""), reader.texts(object, "l", ""))
        #expect(text == "x" && flag == false && list == [.string("a"), .string("b")])
        #expect(texts?.map(\.text) == ["a", "b"] && texts?.map(\.place) == ["l[0]", "l[1]"])
        #expect(reader.isClean && Self.told(reader).isEmpty)
    }

    @Test(arguments: ["nothing", "none"])
    func nullIsMissingAndWhatIsMissingIsNoFault(_ name: String) throws {
        var reader = try Self.reader("apiVersion: v1\nkind: A\nnothing: null\n")
        let document = reader.document("v1", "A", fields: ["nothing"])
        let object = try #require(document)
        let (text, flag) = (reader.text(object, name, ""), reader.flag(object, name, ""))
        let (list, texts) = (reader.list(object, name, ""), reader.texts(object, name, ""))
        #expect(text.isEmpty && flag == nil && list == nil && texts == nil && reader.isClean)
    }

    @Test func everyFaultIsToldWithItsPlace() throws {
        var reader = try Self.reader("kind: B\nt: 1\nt: 2\nf: 1\nl: {}\nm: [a, 7]\nz: 0\ninner: {w: 1}\nlist: []\n")
        let document = reader.document("v1", "A", fields: ["f", "inner", "l", "list", "m", "t"])
        let object = try #require(document)
        _ = (reader.text(object, "t", ""), reader.flag(object, "f", ""), reader.list(object, "l", ""))
        let texts = reader.texts(object, "m", "")
        let inner = reader.object(object["inner"] ?? .null, at: "inner", fields: ["t"])
        let list = reader.object(object["list"] ?? .null, at: "list", fields: [])
        #expect(texts?.map(\.text) == ["a"] && inner != nil && list == nil)
        #expect(!reader.isClean)
        let faults = Self.told(reader).split(separator: "; ").map(String.init)
        #expect(
            faults == [
                "a.yaml: t: is given twice", "a.yaml: z: no such field",
                #"a.yaml: apiVersion: must be "v1", not nothing"#, #"a.yaml: kind: must be "A", not "B""#,
                "a.yaml: t: must be a string, not 2", "a.yaml: f: must be true or false, not 1",
                "a.yaml: l: must be a list, not object", "a.yaml: m[1]: must be a string, not 7",
                "a.yaml: inner.w: no such field", "a.yaml: list: must be an object, not array",
            ], "\(faults)")
    }

    @Test(arguments: [("a: [", "a.yaml: line 2: "), ("", "a.yaml: line 1: "), ("a: 1\n---\nb: 2\n", "a.yaml: line ")])
    func whatIsNoDocumentIsRefusedWithItsLine(_ text: String, _ beginning: String) {
        do throws(DocumentError) {
            _ = try Self.reader(text)
            Issue.record("it was read")
        } catch {
            #expect(error.description.hasPrefix(beginning) && error.faults.count == 1, "\(error)")
        }
    }

    @Test func longValuesAreCutInMessages() throws {
        let value = JSONValue.string(String(repeating: "x", count: 500))
        #expect(DocumentReader.shown(value).count == 81)
        #expect(DocumentReader.shown(.string("x")) == "\"x\"")
    }
}
