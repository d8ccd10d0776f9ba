import APIMachinery
import Testing

@testable import ProfilesAPI

struct UploadLabelsTests {
    private func parse(_ parameters: String...) -> (labels: [String], faults: Int) {
        var errors = FieldErrorList()
        let labels = UploadLabels.parse(parameters, &errors)
        return (labels.map { "\($0.key)=\($0.value)" }, errors.errors.count)
    }

    @Test func reads() {
        #expect(parse().labels == [])
        #expect(parse("").labels == [])
        #expect(parse("a=b").labels == ["a=b"])
        #expect(parse(",a=b,,c=").labels == ["a=b", "c="])
        #expect(parse("a=1,a=2", "a=3").labels == ["a=1", "a=2", "a=3"])
        #expect(parse("a=b=c").labels == ["a=b=c"])
        #expect(parse(" a = b ").labels == [" a = b "])
        #expect(parse("ключ=значение").labels == ["ключ=значение"])
        #expect(parse(String(repeating: "k", count: 317) + "=" + String(repeating: "v", count: 1024)).faults == 0)
    }

    @Test(arguments: [
        "a", "=b", "a,b=c", String(repeating: "k", count: 318) + "=v", "k=" + String(repeating: "v", count: 1025),
        (0...64).map { "k\($0)=v" }.joined(separator: ","),
    ])
    func refuses(_ text: String) {
        #expect(parse(text).faults == 1)
    }

    @Test func manyFaultsAreNotAllTold() {
        #expect(parse(String(repeating: "x,", count: 100_000)).faults <= 66)
    }
}
