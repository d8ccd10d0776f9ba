internal import APIMachinery

/// Makes the YAML of a list item by item, from the pieces of its JSON.
struct YAMLListWriter: Sendable {
    private let member: [UInt8]
    private var isEmpty = true

    /// - Parameters:
    ///   - prefix: the JSON before the items; its last member is the array that it leaves open.
    ///   - suffix: the JSON behind them.
    ///   - out: where the YAML of all other members goes.
    init(prefix: [UInt8], suffix: [UInt8], to out: inout [UInt8]) throws {
        var object = try JSONValue.parse(prefix + suffix).objectValue ?? JSONObject()
        let name = object.keys.last ?? "items"
        object.remove(name)
        out.append(contentsOf: YAML.encode(.object(object)))
        member = Array("\(name):".utf8)
    }

    /// Appends an item, given as JSON.
    mutating func append(_ item: [UInt8], to out: inout [UInt8]) throws {
        if isEmpty { out.append(contentsOf: member + [UInt8(ascii: "\n")]) }
        isEmpty = false
        let yaml = YAML.encode(try JSONValue.parse(item))
        var lead = "- "
        for line in yaml.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
            if !line.isEmpty { out.append(contentsOf: lead.utf8) }
            lead = "  "
            out.append(contentsOf: line)
            out.append(UInt8(ascii: "\n"))
        }
    }

    /// Appends what is missing at the end.
    func end(_ out: inout [UInt8]) {
        if isEmpty { out.append(contentsOf: member + Array(" []\n".utf8)) }
    }
}
