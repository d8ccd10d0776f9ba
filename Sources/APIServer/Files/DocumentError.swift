/// A configuration file that can't be used, with everything that is wrong with it.
public struct DocumentError: Error, Sendable, Equatable, CustomStringConvertible {
    /// One thing that is wrong.
    public struct Fault: Sendable, Equatable {
        /// `line 7` of a text that is no YAML, else the field: `rules[2].level`; empty for the whole document.
        public let place: String
        /// What is wrong, with the value and what is allowed.
        public let message: String
    }

    /// The file.
    public let file: String
    /// At least one.
    public let faults: [Fault]

    /// File, place and message of each fault, `; ` between them.
    public var description: String {
        faults.map { fault in
            fault.place.isEmpty ? "\(file): \(fault.message)" : "\(file): \(fault.place): \(fault.message)"
        }.joined(separator: "; ")
    }
}
