import Foundation
import Pprof
import TestSupport
import Testing

@testable import ProfileReport

/// Layout of flame graphs and their text forms.
struct FlameGraphTests {
    @Test(arguments: Corpus.allCases)
    func childrenFitIntoTheirParents(_ corpus: Corpus) throws {
        for maxNodes in [1, 2, 7, 50, 8192] {
            var options = ReportOptions()
            options.maxNodes = maxNodes
            let graph = try FlameGraph(corpus.profile(), options)
            #expect(graph.boxes.filter { $0.cutCount == 0 }.count <= maxNodes)
            var open: [(mass: Int64, used: Int64, flat: Int64)] = []
            for box in graph.boxes {
                while open.count > box.depth {
                    let last = open.removeLast()
                    #expect(last.used <= last.mass)
                }
                if !open.isEmpty { open[open.count - 1].used += box.mass }
                open.append((box.mass, 0, box.flat))
            }
        }
    }

    @Test(arguments: Corpus.allCases)
    func theRootIsTheSumOfAllSamples(_ corpus: Corpus) throws {
        let profile = try corpus.profile()
        let graph = try FlameGraph(profile)
        let pruned = try profile.withoutDroppedFrames()
        let index = profile.facts.sampleTypes.firstIndex { $0.valueType == graph.valueType } ?? 0
        let values = (0..<pruned.samples.count).map {
            pruned.samples.values[$0 * pruned.samples.valuesPerSample + index]
        }
        #expect(graph.boxes[0].cum == values.reduce(0, +))
        #expect(graph.boxes[0].mass == values.reduce(0) { $0 + abs($1) })
    }

    @Test func whatIsCutIsShownAsSuch() throws {
        var options = ReportOptions()
        options.maxNodes = 20
        let profile = try Corpus.real("cpu-large").profile()
        let cut = try FlameGraph(profile, options)
        let all = try FlameGraph(profile)
        let missing = cut.boxes.reduce(0) { $0 + $1.cutCount }
        #expect(cut.boxes.count { $0.cutCount == 0 } == 20)
        #expect(missing == all.boxes.count - 20)
        #expect(try cut.json().contains("more frames)"))
        #expect(try cut.svg(title: "x").contains("class=\"cut\""))
    }

    @Test(arguments: Corpus.allCases)
    func theJSONIsANestedTree(_ corpus: Corpus) throws {
        let graph = try FlameGraph(corpus.profile())
        let root = try JSONSerialization.jsonObject(with: Data(graph.json().utf8)) as? [String: Any]
        func count(_ node: [String: Any]) -> Int {
            1 + (node["children"] as? [[String: Any]] ?? []).reduce(0) { $0 + count($1) }
        }
        #expect(root.map(count) == graph.boxes.count)
        #expect(root?["name"] as? String == "all")
        #expect(root?["value"] as? Int64 == graph.boxes[0].mass)
    }

    @Test(arguments: Corpus.allCases)
    func foldedStacksSumUpToTheProfile(_ corpus: Corpus) throws {
        let graph = try FlameGraph(corpus.profile())
        let lines = try FoldedStacks(corpus.profile()).text.split(separator: "\n")
        let values = lines.map { $0.split(separator: " ").last.flatMap { Int64($0) } ?? .min }
        #expect(values.reduce(0, +) == graph.boxes[0].cum)
        #expect(Set(lines).count == lines.count)
    }

    @Test func foldedStacksHaveOneFrameBetweenSemicolons() throws {
        let text = try FoldedStacks(Corpus.shape(.recursion).profile()).text
        #expect(
            text.contains(
                "main.main;tree.(*Node).Walk;tree.(*Node).Walk;tree.(*Node).Walk;tree.(*Node).Walk 40000000\n"))
        let hostile = try FoldedStacks(Corpus.shape(.hostile).profile()).text
        #expect(hostile.split(separator: "\n").count == 10)
        #expect(hostile.split(separator: "\n").map { $0.split(separator: ";").count }.sorted() == Array(1...10))
    }

    @Test(arguments: Corpus.allCases)
    func speedscopeReadsIt(_ corpus: Corpus) throws {
        if case .shape(.negative) = corpus {
            #expect(throws: ReportError(.negativeValues, "")) { _ = try SpeedscopeFile(corpus.profile(), name: "x") }
            return
        }
        let text = try SpeedscopeFile(corpus.profile(), name: "x").text
        let file = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        let profile = (file?["profiles"] as? [[String: Any]])?.first
        let frames = (file?["shared"] as? [String: Any])?["frames"] as? [[String: Any]]
        let weights = profile?["weights"] as? [Int64]
        let samples = profile?["samples"] as? [[Int]]
        #expect(weights?.reduce(0, +) == profile?["endValue"] as? Int64)
        #expect(samples?.count == weights?.count)
        #expect(samples?.joined().allSatisfy { $0 < frames?.count ?? 0 } == true)
    }

    @Test func aFormThatIsTooLargeIsRefused() throws {
        var options = ReportOptions()
        options.maxBytes = 1000
        let profile = try Corpus.real("cpu").profile()
        #expect(throws: ReportError(.tooLarge, "")) { _ = try FoldedStacks(profile, options) }
        #expect(throws: ReportError(.tooLarge, "")) { _ = try SpeedscopeFile(profile, options, name: "x") }
        #expect(throws: ReportError(.tooLarge, "")) { _ = try FlameGraph(profile, options).json() }
        #expect(throws: ReportError(.tooLarge, "")) { _ = try FlameGraph(profile, options).svg(title: "x") }
        #expect(throws: ReportError(.tooLarge, "")) { _ = try DotGraph(profile, options) }
    }

    static let packages: [(String, String, String)] = [
        ("github.com/a/b.(*T).Run", "", "github.com/a/b"), ("main.main", "", "main"),
        ("net/http.(*conn).serve", "", "net/http"),
        ("runtime.mallocgc", "", "runtime"), ("std::vector<std::string>::push_back", "", "std"),
        ("alloc::vec::Vec<T>::push", "", "alloc"),
        ("com.example.shop.Cart.add", "", "com.example.shop"), ("java/util/HashMap.resize", "", "java/util/HashMap"),
        ("handle", "/app/src/index.js", "/app/src"), ("main", "", "main"), ("", "", ""), ("[libc.so]", "", "[libc.so]"),
    ]

    @Test(arguments: packages)
    func packagesAreFound(_ name: String, _ file: String, _ package: String) {
        #expect(FramePackage.of(name: name, file: file) == package)
    }

    @Test func coloursAreStable() {
        #expect(FlameColor.className(package: "runtime") == FlameColor.className(package: "runtime"))
        #expect(["runtime", "main", "net/http"].map { FlameColor.className(package: $0) } == ["c17", "c10", "c15"])
        #expect(FlameColor.className(change: 5, of: 5) == "g5")
        #expect(FlameColor.className(change: -1, of: 100) == "l1")
        #expect(FlameColor.className(change: 0, of: 100) == "n")
    }
}
