/// Reads comma-separated values as Go's `encoding/csv` does (RFC 4180): what kube-apiserver reads its token file with.
///
/// | accepted | |
/// |---|---|
/// | `a,b,c` | three fields; spaces belong to them |
/// | `a,"b,c",""` | a quoted field holds commas, line ends, and `""` for a quote |
/// | lines ended by LF or CRLF, the last by nothing | blank lines are skipped |
///
/// Refused, with the line: a quote inside an unquoted field, text after a closing quote, an open quote at the end, no UTF-8.
struct CSVReader {
    struct Record: Equatable {
        /// Where it begins, from 1.
        let line: Int
        let fields: [String]
    }

    struct Malformed: Error, Equatable {
        let line: Int
        let message: String
    }

    private let bytes: [UInt8]
    private var at = 0
    private var line = 1

    static func records(_ bytes: [UInt8]) throws(Malformed) -> [Record] {
        var reader = CSVReader(bytes: bytes)
        var records: [Record] = []
        while let record = try reader.next() { records.append(record) }
        return records
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    }

    private mutating func next() throws(Malformed) -> Record? {
        while skipLineEnd() {}
        guard at < bytes.count else { return nil }
        let start = line
        var fields: [String] = []
        while true {
            fields.append(try field())
            if at >= bytes.count || skipLineEnd() { return Record(line: start, fields: fields) }
            at += 1  // The comma: a field ends nowhere else.
        }
    }

    private mutating func field() throws(Malformed) -> String {
        if at < bytes.count, bytes[at] == UInt8(ascii: "\"") { return try quotedField() }
        let start = at
        while at < bytes.count, bytes[at] != UInt8(ascii: ","), !isLineEnd {
            guard bytes[at] != UInt8(ascii: "\"") else {
                throw Malformed(line: line, message: "a quote inside a field that doesn't begin with one")
            }
            at += 1
        }
        return try text(bytes[start..<at])
    }

    private mutating func quotedField() throws(Malformed) -> String {
        let start = line
        var content: [UInt8] = []
        at += 1
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            guard byte == UInt8(ascii: "\"") else {
                if byte == UInt8(ascii: "\n") { line += 1 }
                content.append(byte)
                continue
            }
            if at < bytes.count, bytes[at] == UInt8(ascii: "\"") {
                content.append(byte)
                at += 1
            } else if at >= bytes.count || bytes[at] == UInt8(ascii: ",") || isLineEnd {
                return try text(content[...])
            } else {
                throw Malformed(line: line, message: "text after a closing quote")
            }
        }
        throw Malformed(line: start, message: "a quote that is never closed")
    }

    private func text(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Malformed(line: line, message: "a field that is not UTF-8")
        }
        return text
    }

    private var isLineEnd: Bool {
        bytes[at] == UInt8(ascii: "\n")
            || bytes[at] == UInt8(ascii: "\r") && (at + 1 == bytes.count || bytes[at + 1] == UInt8(ascii: "\n"))
    }

    private mutating func skipLineEnd() -> Bool {
        guard at < bytes.count, isLineEnd else { return false }
        at += bytes[at] == UInt8(ascii: "\r") && at + 1 < bytes.count ? 2 : 1
        line += 1
        return true
    }
}
