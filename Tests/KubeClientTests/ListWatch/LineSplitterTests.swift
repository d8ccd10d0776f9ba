import NIOCore
import Testing

@testable import KubeClient

struct LineSplitterTests {
    private func split(_ pieces: [String], limit: Int = 100) throws(KubeClientError) -> (
        lines: [String], isInside: Bool
    ) {
        var splitter = LineSplitter(limit: limit)
        var lines: [String] = []
        for piece in pieces {
            lines += try splitter.lines(ByteBuffer(string: piece)).map { String(decoding: $0, as: UTF8.self) }
        }
        return (lines, splitter.isInsideLine)
    }

    @Test(
        arguments: [
            ([], [], false),
            (["a\n"], ["a"], false),
            (["a\nb\nc"], ["a", "b"], true),
            (["a", "b", "\n", "c\n"], ["ab", "c"], false),
            (["\n\n", "a\n\nb\n"], ["a", "b"], false),
            (["a\r\n"], ["a\r"], false),
            (["\u{0}", "é\n"], ["\u{0}é"], false),
        ] as [([String], [String], Bool)])
    func linesAreCutHoweverTheyCome(_ pieces: [String], _ lines: [String], _ isInside: Bool) throws {
        let result = try split(pieces)
        #expect(result.lines == lines && result.isInside == isInside)
    }

    @Test func everySplitOfATextHasTheSameLines() throws {
        let text = "{\"a\":1}\n\n{\"b\":\"\u{1F600}\"}\nrest"
        let bytes = Array(text.utf8)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                var splitter = LineSplitter(limit: 100)
                var lines: [[UInt8]] = []
                for piece in [bytes[..<first], bytes[first..<second], bytes[second...]] {
                    lines += try splitter.lines(ByteBuffer(bytes: piece))
                }
                #expect(lines == [Array("{\"a\":1}".utf8), Array("{\"b\":\"\u{1F600}\"}".utf8)])
                #expect(splitter.isInsideLine)
            }
        }
    }

    @Test(arguments: [["aaaaa\n"], ["aaa", "aa\n"], ["aaaaa"], ["aaaa", "a"]])
    func aLineOverTheLimitIsRefused(_ pieces: [String]) async {
        let error = await failure { () throws(KubeClientError) in _ = try self.split(pieces, limit: 4) }
        #expect(error == KubeClientError(.badAnswer, ""))
        #expect(error?.message.contains("larger than 4 bytes") == true)
    }

    @Test func aLineOfExactlyTheLimitIsTaken() throws {
        #expect(try split(["aaaa\nbb", "bb\n"], limit: 4).lines == ["aaaa", "bbbb"])
    }
}
