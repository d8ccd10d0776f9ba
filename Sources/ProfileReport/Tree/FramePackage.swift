/// The package, namespace or crate of a function: what belongs together has one colour.
enum FramePackage {
    /// By the name's shape: Go's path up to the first dot behind the last slash; C++'s and Rust's first part before `::`; Java's
    /// parts in small letters; else the file's folder.
    static func of(name: String, file: String) -> String {
        let name = Substring(name)
        let head = name.prefix { !"([{<$ ".contains($0) }
        if let colons = head.firstRange(of: "::") { return String(head[..<colons.lowerBound]) }
        if let slash = head.lastIndex(of: "/") {
            let rest = head[head.index(after: slash)...]
            return String(head[..<(rest.firstIndex(of: ".") ?? rest.endIndex)])
        }
        let parts = head.split(separator: ".", omittingEmptySubsequences: true)
        if parts.count > 2 {
            let packages = parts.prefix { part in part.first?.isUppercase == false }
            if !packages.isEmpty, packages.count < parts.count { return packages.joined(separator: ".") }
        }
        if parts.count > 1 { return String(parts[0]) }
        if let slash = file.lastIndex(of: "/") { return String(file[..<slash]) }
        return String(name)
    }
}

extension Substring {
    /// Where `text` is first.
    fileprivate func firstRange(of text: String) -> Range<Index>? {
        var place = startIndex
        while place < endIndex {
            if self[place...].hasPrefix(text) { return place..<index(place, offsetBy: text.count) }
            place = index(after: place)
        }
        return nil
    }
}
