/// The package, namespace or crate of a function: what belongs together has one colour.
enum FramePackage {
    /// By the name's shape: Go's path up to the first dot behind the last slash; C++'s and Rust's first part before `::`; Java's
    /// parts in small letters; else the file's folder.
    ///
    /// Read byte by byte: it is asked for every function of a profile, and what it looks for is ASCII.
    static func of(name: String, file: String) -> String {
        let bytes = name.utf8
        let head = bytes.prefix { !isEnd($0) }
        if let colons = colons(head) { return String(Substring(head[..<colons])) }
        if let slash = head.lastIndex(of: UInt8(ascii: "/")) {
            let rest = head[head.index(after: slash)...]
            return String(Substring(head[..<(rest.firstIndex(of: UInt8(ascii: ".")) ?? rest.endIndex)]))
        }
        let parts = head.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: true)
        if parts.count > 2 {
            let packages = parts.prefix { part in Substring(part).first?.isUppercase == false }
            if !packages.isEmpty, packages.count < parts.count {
                return packages.map { String(Substring($0)) }.joined(separator: ".")
            }
        }
        if parts.count > 1 { return String(Substring(parts[0])) }
        if let slash = file.utf8.lastIndex(of: UInt8(ascii: "/")) { return String(file[..<slash]) }
        return name
    }

    /// Whether the part of a name that says where it is ends here: arguments, templates, receivers, blanks.
    private static func isEnd(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "<"), UInt8(ascii: "$"),
            UInt8(ascii: " "):
            true
        default: false
        }
    }

    /// Where `::` is first.
    private static func colons(_ text: Substring.UTF8View) -> String.Index? {
        var last: String.Index?
        for place in text.indices {
            guard text[place] == UInt8(ascii: ":") else {
                last = nil
                continue
            }
            if let last { return last }
            last = place
        }
        return nil
    }
}
