internal import APIMachinery
internal import NIOConcurrencyHelpers
internal import ProfilesAPI

/// Shows how far an import is: a bar that stays in its line on a terminal, else a line now and then; at the end the summary.
struct ImportDisplay: Sendable {
    private struct State {
        var shownAt: ContinuousClock.Instant?
        var hasBar = false
    }

    let isTerminal: Bool
    let write: @Sendable (String) -> Void
    private let state = NIOLockedValueBox(State())
    private let start = ContinuousClock.now

    init(isTerminal: Bool, write: @escaping @Sendable (String) -> Void) {
        self.isTerminal = isTerminal
        self.write = write
    }

    /// The present state; shown if the last one is some time ago.
    func show(_ progress: CollectorImport.Progress, at now: ContinuousClock.Instant = .now) {
        let interval = isTerminal ? Duration.milliseconds(100) : .seconds(10)
        let isDue = state.withLockedValue { state in
            if let shownAt = state.shownAt, now - shownAt < interval { return false }
            state.shownAt = now
            state.hasBar = isTerminal
            return true
        }
        guard isDue else { return }
        write(isTerminal ? "\r\u{1b}[K\(Self.bar(progress)) \(Self.line(progress))" : "\(Self.line(progress))\n")
    }

    /// Leaves the bar as it is.
    func interrupt() {
        if state.withLockedValue({ $0.hasBar }) { write("\n") }
    }

    /// The last word.
    func end(_ summary: CollectorImport.Progress) {
        if state.withLockedValue({ $0.hasBar }) { write("\r\u{1b}[K") }
        write(Self.summary(summary, in: ContinuousClock.now - start))
    }

    /// `[#########-----------]  45%`; by services and types, of which nobody knows how many profiles they have.
    static func bar(_ progress: CollectorImport.Progress) -> String {
        let width = 24
        let part = progress.total > 0 ? Double(min(progress.done, progress.total)) / Double(progress.total) : 0
        let filled = Int(part * Double(width))
        let percent = String(Int(part * 100))
        return "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled) + "] "
            + String(repeating: " ", count: max(0, 3 - percent.count)) + percent + "%"
    }

    /// `120 copied (3.1Mi), 4 there already, 1 refused; frontend`
    static func line(_ progress: CollectorImport.Progress) -> String {
        var line =
            "\(progress.copied) copied (\(HumanBytes.text(Int64(progress.bytes)))), \(progress.known) there already"
        if progress.refusedCount > 0 { line += ", \(progress.refusedCount) refused" }
        let service = printable(progress.service)
        return service.isEmpty ? line : "\(line); \(service)"
    }

    /// What was done, and what was not and why.
    static func summary(_ summary: CollectorImport.Progress, in time: Duration) -> String {
        var text =
            "Copied \(summary.copied) profiles (\(HumanBytes.text(Int64(summary.bytes)))) in \(time.components.seconds) s; "
        text += "\(summary.known) were there already, \(summary.refusedCount) could not be taken.\n"
        for why in CollectorImport.Refusal.allCases {
            if let count = summary.refused[why] { text += "  \(count): \(why.rawValue)\n" }
        }
        for example in summary.examples { text += "    \(printable(example))\n" }
        if summary.refusedCount > summary.examples.count { text += "    …\n" }
        return text
    }

    /// Names come from outside: nothing of them may steer the terminal.
    private static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.prefix(300).unicodeScalars.map { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) ? "?" : $0 }))
    }
}
