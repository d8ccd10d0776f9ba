import NIOHTTP1
import Testing

@testable import HTTPTransport

/// Fields that answers share, and those of one answer.
struct ResponseFieldsTests {
    private static let shared = ResponseFields(["content-type": "application/json", "X-A": "1"])

    @Test func aHeadHasItsFieldsInOrder() {
        let head = HTTPResponseHead(
            status: .ok, shared: Self.shared, headers: ["warning": "w"], unique: ("audit-id", "u"))
        let wanted = ["content-type: application/json", "X-A: 1", "warning: w", "audit-id: u"]
        #expect(head.headers.map { "\($0.name): \($0.value)" } == wanted)
        #expect(head.alone.headers.map { "\($0.name): \($0.value)" } == wanted)
        #expect(head.alone.shared == nil && head.alone.unique == nil)
    }

    @Test func fieldsThatAreSetReplaceAll() {
        var head = HTTPResponseHead(status: .ok, shared: Self.shared, unique: ("audit-id", "u"))
        head.headers.add(name: "b", value: "2")
        #expect(head.headers.map(\.name) == ["content-type", "X-A", "audit-id", "b"])
        head.headers = ["c": "3"]
        #expect(head.headers.map(\.name) == ["c"])
    }

    /// What HTTP/2 treats in its own way is looked at for each answer.
    @Test(arguments: ["connection", "Content-Length", "date", "keep-alive", "transfer-encoding", "upgrade"])
    func onlyPlainFieldsAreReady(_ name: String) {
        #expect(ResponseFields([name: "1", "content-type": "text/plain"]).block == nil)
        #expect(Self.shared.block != nil)
    }

    @Test func bytesAreKeptInOrderAndGrow() {
        var store = ByteStore()
        var wanted: [UInt8] = []
        for length in [0, 1, 511, 3, 2000, 0, 7] {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &+ length) }
            bytes.withUnsafeBytes { store.append($0) }
            wanted += bytes
        }
        #expect(store.withBytes { Array($0) } == wanted && store.count == wanted.count)
        store.clear(keepingUpTo: 100)
        #expect(store.count == 0 && store.withBytes { $0.isEmpty })
    }
}
