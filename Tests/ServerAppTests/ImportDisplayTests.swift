import ArgumentParser
import NIOConcurrencyHelpers
import ProfilesAPI
import Testing

@testable import ServerApp

struct ImportDisplayTests {
    private static var progress: CollectorImport.Progress {
        var progress = CollectorImport.Progress()
        progress.done = 3
        progress.total = 8
        progress.service = "front\u{1b}[2Jend"
        progress.copied = 120
        progress.bytes = 3 << 20
        progress.known = 4
        return progress
    }

    @Test(arguments: [
        (0, 0, "[------------------------]   0%"), (1, 2, "[############------------]  50%"),
        (2, 2, "[########################] 100%"), (9, 8, "[########################] 100%"),
    ])
    func theBar(done: Int, total: Int, bar: String) {
        var progress = CollectorImport.Progress()
        progress.done = done
        progress.total = total
        #expect(ImportDisplay.bar(progress) == bar)
    }

    @Test func theLineSaysWhatWasDoneAndNamesSteerNoTerminal() {
        #expect(ImportDisplay.line(Self.progress) == "120 copied (3Mi), 4 there already; front?[2Jend")
    }

    @Test func theSummarySaysWhatWasNotTakenAndWhy() {
        var progress = Self.progress
        progress.refused = [.unreachable: 2, .bad: 1]
        progress.examples = ["P0.a/1/x of a: the id has a \"+\""]
        let text = ImportDisplay.summary(progress, in: .seconds(61))
        #expect(
            text == """
                Copied 120 profiles (3Mi) in 61 s; 4 were there already, 3 could not be taken.
                  2: an id that the collector can't be asked for
                  1: bytes that are no profile, or too large
                    P0.a/1/x of a: the id has a "+"
                    …

                """)
    }

    @Test(arguments: [(true, 2), (false, 1)])
    func onATerminalTheBarStaysInItsLine(isTerminal: Bool, shown: Int) {
        let written = NIOLockedValueBox<[String]>([])
        let display = ImportDisplay(isTerminal: isTerminal) { text in written.withLockedValue { $0.append(text) } }
        let start = ContinuousClock.now
        for milliseconds in [0, 50, 150] {
            display.show(Self.progress, at: start + .milliseconds(milliseconds))
        }
        let lines = written.withLockedValue { $0 }
        #expect(lines.count == shown)
        #expect(lines.allSatisfy { $0.hasPrefix("\r") == isTerminal && $0.hasSuffix("\n") == !isTerminal })
    }

    @Test(arguments: [
        (["--from", "collector:10100", "--data-dir", "x"], "--from"),
        (["--from", "http://c", "--data-dir", "x", "--parallel", "0"], "--parallel"),
        (["--from", "http://c", "--data-dir", "x", "--unscoped-namespace", "Not_A_Name"], "--unscoped-namespace"),
        (["--from", "https://c", "--data-dir", "x", "--ca-file", "/no/such/file"], "--ca-file"),
    ])
    func faultyFlagsAreTold(arguments: [String], flag: String) throws {
        let command = try ImportCommand.parse(arguments)
        let error = #expect(throws: ConfigurationError.self) { try command.complete() }
        #expect(error?.messages.count == 1)
        #expect(error?.messages.first?.hasPrefix(flag) == true)
    }
}
