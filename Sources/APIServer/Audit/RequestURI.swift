/// The target of a request as audit and logs may tell it.
enum RequestURI {
    private static let longest = 8192
    /// Parameters by which credentials have been seen to travel.
    private static let secrets: Set<String> = [
        "access_token", "token", "password", "secret", "client_secret", "id_token",
    ]

    /// The target as sent, the values of such parameters replaced by `[redacted]`, cut behind 8192 bytes.
    static func shown(_ target: String) -> String {
        guard let mark = target.firstIndex(of: "?") else { return cut(target) }
        let query = target[target.index(after: mark)...]
        guard secrets.contains(where: { query.lowercased().contains($0) }) else { return cut(target) }
        let items = query.split(separator: "&", omittingEmptySubsequences: false).map { item -> Substring in
            guard let equal = item.firstIndex(of: "=") else { return item }
            return secrets.contains(item[..<equal].lowercased()) ? item[...equal] + "[redacted]" : item
        }
        return cut("\(target[...mark])\(items.joined(separator: "&"))")
    }

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > longest else { return text }
        return String(decoding: text.utf8.prefix(longest), as: UTF8.self) + "...TRUNCATED"
    }
}

/// The name a client gives itself, as audit and logs tell it.
enum UserAgent {
    /// Cut behind 1024 bytes, as k8s.io/apiserver does.
    static func shown(_ text: String) -> String {
        guard text.utf8.count > 1024 else { return text }
        return String(decoding: text.utf8.prefix(1024), as: UTF8.self) + "...TRUNCATED"
    }
}
