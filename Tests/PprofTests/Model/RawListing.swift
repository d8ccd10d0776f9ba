/// What `go tool pprof -raw` prints, read back far enough to be compared with a `ValidatedProfile`.
struct RawListing: Equatable {
    private(set) var header: [String: String] = [:]
    private(set) var sampleTypes: [String] = []
    /// Sum of the values of all samples with the same stack and labels, by their text.
    private(set) var samples: [String: [Int64]] = [:]
    private(set) var mappingCount = 0

    private var locations: [Int: String] = [:]

    /// Locations by their text, for their numbers are the producer's.
    static func == (left: RawListing, right: RawListing) -> Bool {
        left.header == right.header && left.sampleTypes == right.sampleTypes && left.samples == right.samples
            && left.mappingCount == right.mappingCount
    }

    init(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let starts = ["Samples:", "Locations", "Mappings"].map { lines.firstIndex(of: $0) ?? lines.count }
        for line in lines[..<starts[0]] {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { header[String(parts[0])] = String(parts[1].drop { $0 == " " }) }
        }
        mappingCount = lines[min(starts[2] + 1, lines.count)...].count { !$0.isEmpty }
        readLocations(lines[min(starts[1] + 1, lines.count)..<starts[2]])
        readSamples(lines[min(starts[0] + 1, lines.count)..<starts[1]])
    }

    /// `     5: 0x48 M=1 reflect.makemap map.go:67:0 s=62`, further lines of the same location indented by 13.
    private mutating func readLocations(_ lines: ArraySlice<String>) {
        var id = 0
        for line in lines {
            var words = line.split(separator: " ").map(String.init)
            if let first = words.first, first.hasSuffix(":"), let number = Int(first.dropLast()) {
                id = number
                words.removeFirst()
                locations[id] = ""
            }
            locations[id, default: ""] += words.joined(separator: " ") + "\n"
        }
    }

    /// `          1   10000000: 1 2 3 `, labels on the lines below as `                bytes:[16]`.
    private mutating func readSamples(_ lines: ArraySlice<String>) {
        guard let types = lines.first else { return }
        sampleTypes = types.split(separator: " ").map(String.init)
        var pending: (values: [Int64], stack: String, labels: [String])?
        func text(_ sample: (values: [Int64], stack: String, labels: [String])) -> String {
            sample.labels.sorted().joined(separator: ",") + "\n" + sample.stack
        }
        for line in lines.dropFirst() {
            let sides = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let values = sides[0].split(separator: " ").compactMap { Int64($0) }
            if values.count == sampleTypes.count, sides.count == 2 {
                if let pending { add(pending.values, text(pending)) }
                let stack = sides[1].split(separator: " ").compactMap { Int($0) }.map { locations[$0] ?? "?" }
                pending = (values, stack.joined(), [])
            } else {
                pending?.labels += line.split(separator: " ").map(String.init)
            }
        }
        if let pending { add(pending.values, text(pending)) }
    }

    private mutating func add(_ values: [Int64], _ key: String) {
        let sum = samples[key] ?? [Int64](repeating: 0, count: values.count)
        samples[key] = zip(sum, values).map { $0 + $1 }
    }

    /// The sums over all samples.
    var totals: [Int64] {
        samples.values.reduce(into: [Int64](repeating: 0, count: sampleTypes.count)) { sums, values in
            for index in values.indices { sums[index] += values[index] }
        }
    }
}
