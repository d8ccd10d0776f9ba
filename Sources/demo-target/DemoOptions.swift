/// What stands on the command line.
struct DemoOptions: Equatable, Sendable {
    /// An address of this machine.
    var host = "127.0.0.1"
    /// 0 lets the system choose.
    var port = 6060
    /// Busy threads.
    var workers = 2

    static let help = """
        usage: demo-target [--listen 127.0.0.1:6060] [--workers 2]
        A program with something to profile: serves /debug/pprof/* as Go's net/http/pprof does.
          --listen ADDRESS:PORT  where to listen; port 0 lets the system choose, and it is printed. Default 127.0.0.1:6060
          --workers COUNT        busy threads, 1 to 64. Default 2
        """

    /// Reads the arguments behind the program's name; both `--listen X` and `--listen=X`.
    init(_ arguments: [String]) throws(OptionError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let value = parts.count > 1 ? parts[1] : rest.popFirst() else {
                throw OptionError("\(argument) needs a value")
            }
            switch parts[0] {
            case "--listen": (host, port) = try Self.address(value)
            case "--workers":
                guard let count = Int(value), (1...64).contains(count) else {
                    throw OptionError("--workers is \(value), must be 1 to 64")
                }
                workers = count
            default: throw OptionError("unknown option \(parts[0])")
            }
        }
    }

    private static func address(_ text: String) throws(OptionError) -> (String, Int) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else {
            throw OptionError("--listen is \(text), must be ADDRESS:PORT with a port of 0 to 65535")
        }
        let host = text[..<colon].drop { $0 == "[" }.prefix { $0 != "]" }
        return (host.isEmpty ? "127.0.0.1" : String(host), port)
    }
}

/// A command line that can't be used.
struct OptionError: Error, Equatable, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
