import Foundation
import TestSupport
import Testing

/// Conformance.md tells no more and no less than there is.
struct ConformanceTableTests {
    private static let page = BuiltPrograms.sources.appendingPathComponent(
        "Sources/ServerApp/Documentation.docc/Conformance.md")
    /// How many numbers each letter has.
    private static let numbers = [
        "T": 14, "N": 12, "Z": 7, "Q": 3, "C": 9, "D": 10, "O": 6, "L": 8, "W": 12, "R": 20, "B": 4, "E": 3, "H": 5,
        "A": 3,
        "G": 6, "S": 11,
    ]

    /// The cells of each row below a table's head.
    private func rows(below head: String) throws -> [[String]] {
        let lines = try String(contentsOf: Self.page, encoding: .utf8).components(separatedBy: "\n")
        return lines.drop { $0 != head }.dropFirst(2).prefix { $0.hasPrefix("|") }.map { row in
            row.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
                .map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    /// The tests that a cell names.
    private func named(_ cell: String) -> [(suite: String, function: String)] {
        cell.components(separatedBy: "<br>").map { item in
            let name = item.trimmingCharacters(in: CharacterSet(charactersIn: "`"))
            let dot = name.firstIndex(of: ".") ?? name.endIndex
            return (String(name[..<dot]), String(name[dot...].dropFirst()))
        }
    }

    /// Every test source, by the suites in it.
    private static let sources: [(path: String, text: String)] = {
        let root = BuiltPrograms.sources.appendingPathComponent("Tests")
        let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)?.allObjects ?? []
        return files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }.compactMap { file in
            (try? String(contentsOf: file, encoding: .utf8)).map { (file.lastPathComponent, $0) }
        }
    }()

    private func text(of suite: String) -> String? {
        Self.sources.first { $0.text.contains("struct \(suite) {") }?.text
    }

    private func check(_ cell: String, _ what: String) -> [String] {
        named(cell).map { suite, function in
            guard let text = text(of: suite) else {
                Issue.record("\(what): there is no suite \(suite)")
                return ""
            }
            #expect(
                text.contains("func \(function)(") || text.contains("func `\(function)`("),
                "\(what): \(suite) has no test \(function)")
            return text
        }
    }

    @Test func everyNumberHasATestOrAReason() throws {
        let rows = try rows(below: "| number | what must hold | tests |")
        let expected = Self.numbers.flatMap { letter, count in
            (1...count).map { letter + ($0 < 10 ? "0\($0)" : "\($0)") }
        }
        #expect(rows.map { $0[0] }.sorted() == expected.sorted())
        for row in rows {
            guard row.count == 3 else {
                Issue.record("a row of \(row.count) cells: \(row)")
                continue
            }
            if row[2].hasPrefix("reason: ") { continue }
            let texts = check(row[2], row[0])
            #expect(
                texts.contains { $0.range(of: row[0], options: .caseInsensitive) != nil },
                "\(row[0]): none of its suites names it")
        }
    }

    @Test func everyFaultHasATest() throws {
        let rows = try rows(below: "| fault | tests |")
        #expect(rows.count >= 10)
        for row in rows where row.count == 2 { _ = check(row[1], row[0]) }
    }
}
