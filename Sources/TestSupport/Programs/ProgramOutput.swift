/// How a program ended and what it printed.
public struct ProgramOutput: Sendable {
    /// The exit status; 128 and the signal's number if a signal ended it.
    public let status: Int32
    /// Its standard output.
    public let out: [UInt8]
    /// Its standard error.
    public let err: String

    /// Its standard output.
    public var text: String { String(decoding: out, as: UTF8.self) }
    /// The lines of the standard output that are not empty.
    public var lines: [String] { text.split(separator: "\n").map(String.init) }
    /// The standard output and, behind it, the standard error.
    public var everything: String { text + err }
}
