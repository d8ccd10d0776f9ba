internal import APIMachinery
internal import Foundation

/// Reads the texts of options and collects every fault, so that one start tells all of them.
struct Faults {
    /// One line per fault, in the order of the options.
    private(set) var messages: [String] = []
    /// The options of `messages`.
    private var faulty: Set<String> = []
    /// Options of which nothing more is told, see ``settle()``.
    private var settled: Set<String> = []

    /// Notes a fault of `option`.
    mutating func add(_ option: String, _ message: String) {
        guard !settled.contains(option) else { return }
        faulty.insert(option)
        messages.append("\(option): \(message)")
    }

    /// Whether an option has a fault so far.
    func concern(_ option: String) -> Bool { faulty.contains(option) }

    /// From here on options that have a fault get no other: it would follow from the first, as that a file can't be read
    /// which isn't there.
    mutating func settle() { settled = faulty }

    /// A whole number within `range`.
    mutating func integer(_ option: String, _ text: String, in range: ClosedRange<Int>) -> Int {
        guard let value = Int(text), range.contains(value) else {
            add(option, "\"\(text)\" is not a number from \(range.lowerBound) to \(range.upperBound)")
            return range.lowerBound
        }
        return value
    }

    /// A switch, off when it is not given: what kube-apiserver takes behind `--name=` (Go's `strconv.ParseBool`).
    mutating func boolean(_ option: String, _ text: String?) -> Bool {
        switch text {
        case "1", "t", "T", "true", "TRUE", "True": return true
        case nil, "0", "f", "F", "false", "FALSE", "False": return false
        case let text?:
            add(option, "\"\(text)\" is not true or false")
            return false
        }
    }

    /// A duration as Go writes it (`1m30s`), within `range`.
    mutating func duration(_ option: String, _ text: String, in range: ClosedRange<Duration>) -> Duration {
        guard let value = Duration(goDuration: text), range.contains(value) else {
            let bounds = "\(range.lowerBound.goString) to \(range.upperBound.goString)"
            add(option, "\"\(text)\" is not a duration such as 30s or 1m30s from \(bounds)")
            return range.lowerBound
        }
        return value
    }

    /// One of the raw values of `Choice`.
    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ option: String, _ text: String, _ fallback: Choice
    ) -> Choice {
        guard let value = Choice(rawValue: text) else {
            let allowed = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            add(option, "\"\(text)\" is not one of \(allowed)")
            return fallback
        }
        return value
    }

    /// A file that can be read now.
    mutating func readable(_ option: String, _ path: String) -> String {
        if !FileManager.default.isReadableFile(atPath: path) {
            let exists = FileManager.default.fileExists(atPath: path)
            add(option, "\"\(path)\" \(exists ? "can't be read" : "does not exist")")
        }
        return path
    }

    /// What `make` reads out of the files of `option`; nil if it throws, which is noted.
    mutating func read<Value>(_ option: String, _ make: () throws -> Value) -> Value? {
        do { return try make() } catch {
            add(option, "\(error)")
            return nil
        }
    }

    /// A text that must be given.
    mutating func required(_ option: String, _ text: String?, _ why: String) -> String {
        guard let text, !text.isEmpty else {
            add(option, "is required: \(why)")
            return ""
        }
        return text
    }
}

/// Every fault of a configuration, for people.
public struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    /// One line per fault.
    public let messages: [String]

    /// The faults below one heading.
    public var description: String {
        "\(messages.count) fault\(messages.count == 1 ? "" : "s") in the configuration:\n"
            + messages.map { "  \($0)" }.joined(separator: "\n")
    }
}
