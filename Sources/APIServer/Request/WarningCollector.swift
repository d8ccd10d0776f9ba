internal import Synchronization

/// The warnings of one answer, sent as `Warning` headers (conformance 8.10); kubectl prints each as `Warning: text`.
///
/// Same text, one header. When the total would pass 4096 scalars every warning is cut to 256, and more are dropped once
/// the total is reached (Kubernetes' `filters/warning.go`). Control characters become spaces.
public final class WarningCollector: Sendable {
    private static let totalLimit = 4096
    private static let cutLimit = 256

    private let texts = Mutex<[String]>([])

    /// Makes an empty collector.
    public init() {}

    /// Adds a warning; empty ones and ones already there are ignored.
    public func add(_ text: String) {
        let clean = Self.sanitized(text)
        guard !clean.isEmpty else { return }
        texts.withLock { texts in
            if !texts.contains(clean) { texts.append(clean) }
        }
    }

    /// The values of the `Warning` headers, in the order the warnings were added.
    public var headerValues: [String] {
        let texts = texts.withLock { $0 }
        guard !texts.isEmpty else { return [] }
        let cut = texts.reduce(0) { $0 + $1.unicodeScalars.count } > Self.totalLimit
        var total = 0
        var values: [String] = []
        for text in texts {
            let shown = cut ? String(String.UnicodeScalarView(text.unicodeScalars.prefix(Self.cutLimit))) : text
            total += shown.unicodeScalars.count
            guard total <= Self.totalLimit else { break }
            values.append("299 - \"" + Self.quoted(shown) + "\"")
        }
        return values
    }

    private static func sanitized(_ text: String) -> String {
        var view = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            view.append(scalar.properties.generalCategory == .control ? " " : scalar)
        }
        return String(view)
    }

    private static func quoted(_ text: String) -> String {
        var view = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { view.append("\\") }
            view.append(scalar)
        }
        return String(view)
    }
}
