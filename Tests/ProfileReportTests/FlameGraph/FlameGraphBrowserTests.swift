import Foundation
import Pprof
import TestSupport
import Testing

@testable import ProfileReport

/// The picture in a real browser: what it draws, what clicks, keys and searches do, and that no name is code.
///
/// Screenshots are kept in `.build/screenshots`.
@Suite(.enabled(if: Browser.program != nil, "no chromium on PATH"))
struct FlameGraphBrowserTests {
    @Test func clicksKeysAndSearchWork() async throws {
        let svg = try FlameGraph(Corpus.real("cpu-large").profile()).svg(title: "cpu of frontend")
        let report = try await Browser.report(
            svg,
            """
            var boxes = function () { return document.querySelectorAll('#frames .box').length; };
            var box = function (text) { return [].find.call(document.querySelectorAll('#frames .box'), function (b) { return b.getAttribute('aria-label').indexOf(text) === 0; }); };
            var key = function (k) { document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: k, bubbles: true})); };
            var shown = function (id) { return getComputedStyle(document.querySelector(id)).display !== 'none'; };
            out.static = document.querySelectorAll('#static').length;
            out.all = boxes();
            out.resetAtFirst = shown('#reset');
            box('main.main').dispatchEvent(new MouseEvent('click', {bubbles: true}));
            out.zoomed = boxes(); out.resetAfterZoom = shown('#reset');
            out.details = document.querySelector('#details').textContent;
            key('ArrowDown'); out.down = document.activeElement.getAttribute('aria-label');
            key('ArrowUp'); out.up = document.activeElement.getAttribute('aria-label');
            key('Escape'); out.afterEscape = boxes(); out.resetAfterEscape = shown('#reset');
            key('/'); out.searchFocused = document.activeElement.id;
            var input = document.querySelector('#search'); input.value = 'json'; input.dispatchEvent(new Event('input'));
            out.matched = document.querySelector('#matched').textContent; out.hits = document.querySelectorAll('.hit').length;
            box('main.main').dispatchEvent(new MouseEvent('mousemove', {bubbles: true, clientX: 50, clientY: 100}));
            out.tip = document.querySelector('#tip').textContent;
            """)
        let all = report["all"] as? Int ?? 0
        #expect(report["static"] as? Int == 0)
        #expect(all > 100)
        #expect(report["resetAtFirst"] as? Bool == false)
        #expect((report["zoomed"] as? Int ?? 0) != all)
        #expect(report["resetAfterZoom"] as? Bool == true)
        #expect((report["details"] as? String ?? "").hasPrefix("main.main — cum "))
        #expect((report["down"] as? String ?? "main.main") != report["up"] as? String)
        #expect((report["up"] as? String ?? "").hasPrefix("main.main"))
        #expect(report["afterEscape"] as? Int == all)
        #expect(report["resetAfterEscape"] as? Bool == false)
        #expect(report["searchFocused"] as? String == "search")
        #expect((report["matched"] as? String ?? "").firstMatch(of: /matched \d+\.\d\d% \(.*s, \d+ frames\)/) != nil)
        #expect((report["hits"] as? Int ?? 0) > 10)
        #expect((report["tip"] as? String ?? "").contains("main.main"))
    }

    @Test func noNameIsCode() async throws {
        let svg = try FlameGraph(Corpus.shape(.hostile).profile()).svg(
            title: "</title><script>document.title='pwned'</script>")
        let report = try await Browser.report(
            svg,
            """
            out.scripts = document.querySelectorAll('script').length;
            out.labels = [].map.call(document.querySelectorAll('#frames .box'), function (b) { return b.getAttribute('aria-label'); });
            out.handlers = document.querySelectorAll('[onload],[onclick],[onerror]').length;
            out.links = document.querySelectorAll('a,image,use,iframe,[href]').length;
            """)
        // Ours and the test's.
        #expect(report["scripts"] as? Int == 2)
        #expect(report["handlers"] as? Int == 0)
        #expect(report["links"] as? Int == 0)
        let labels = report["labels"] as? [String] ?? []
        #expect(labels.contains { $0.hasPrefix("</text><script>alert(1)</script>,") })
        #expect(labels.contains { $0.hasPrefix("__proto__,") })
    }

    @Test(arguments: [
        ("cpu", "light"), ("cpu", "dark"), ("difference", "light"), ("difference", "dark"), ("hostile", "light"),
        ("cut", "light"),
    ])
    func screenshotsAreKept(_ name: String, _ scheme: String) async throws {
        var options = ReportOptions()
        let profile: ValidatedProfile
        switch name {
        case "difference": profile = try Corpus.real("cpu-labels").profile().subtracting(Corpus.real("cpu").profile())
        case "hostile": profile = try Corpus.shape(.hostile).profile()
        case "cut":
            profile = try Corpus.real("cpu-large").profile()
            options.maxNodes = 60
        default: profile = try Corpus.real("cpu-large").profile()
        }
        let svg = try FlameGraph(profile, options).svg(title: "\(name) in \(scheme)")
        let file = try await Browser.screenshot(svg, name: "flamegraph-\(name)-\(scheme)", isDark: scheme == "dark")
        let bytes = try Data(contentsOf: file)
        // A PNG of one colour is far smaller.
        #expect(bytes.starts(with: [0x89, 0x50, 0x4e, 0x47]))
        #expect(bytes.count > 20_000)
    }
}

/// A headless Chromium.
enum Browser {
    static let program = ["chromium", "chromium-browser", "google-chrome"].map { Tool($0) }.first { $0.isPresent }

    /// What `script` put into `out` after the picture was loaded.
    static func report(_ svg: String, _ script: String) async throws -> [String: Any] {
        let test = """
            <script><![CDATA[
            var out = {};
            try { \(script) } catch (e) { out.error = String(e); }
            document.documentElement.setAttribute('data-report', btoa(unescape(encodeURIComponent(JSON.stringify(out)))));
            ]]></script></svg>
            """
        let folder = try TemporaryDirectory("browser")
        let end = svg.range(of: "</svg>", options: .backwards)?.lowerBound ?? svg.endIndex
        try folder.write(svg[..<end] + test, "page.svg")
        let page = try await run(["--dump-dom", folder.url.appendingPathComponent("page.svg").absoluteString], folder)
        let report = page.firstMatch(of: /data-report="([^"]*)"/).flatMap { Data(base64Encoded: String($0.1)) }
        guard let report, let object = try JSONSerialization.jsonObject(with: report) as? [String: Any] else {
            return [:]
        }
        #expect(object["error"] == nil, "\(object["error"] ?? "")")
        return object
    }

    /// Takes a picture of 1400 by 700 pixels into the build folder.
    static func screenshot(_ svg: String, name: String, isDark: Bool) async throws -> URL {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let screenshots = root.appendingPathComponent(".build/screenshots")
        try FileManager.default.createDirectory(at: screenshots, withIntermediateDirectories: true)
        let picture = screenshots.appendingPathComponent("\(name).png")
        let folder = try TemporaryDirectory("browser")
        try folder.write(svg, "page.svg")
        _ = try await run(
            [
                "--blink-settings=preferredColorScheme=\(isDark ? 0 : 1)", "--window-size=1400,700",
                "--screenshot=\(picture.path)", folder.url.appendingPathComponent("page.svg").absoluteString,
            ], folder)
        return picture
    }

    private static func run(_ arguments: [String], _ folder: TemporaryDirectory) async throws -> String {
        guard let program else { throw Trouble("no chromium on PATH") }
        let common = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
            "--no-first-run", "--user-data-dir=\(folder.path("data"))",
        ]
        let said = try await program.run(common + arguments)
        guard said.status == 0 else { throw Trouble("\(program.name) ended with \(said.status): \(said.err)") }
        return said.text
    }
}
