public import APIMachinery
public import NIOHTTP1

extension RequestInfo {
    /// The path names no resource though it must: a `watch` or `proxy` with nothing after it. kube-apiserver answers 500.
    public struct Unresolvable: Error, Sendable, Equatable {
        /// Kubernetes' text.
        public let message: String
    }

    /// Reads what a request is about. `query` is the parsed ``RequestTarget/query`` of the same target.
    public init(method: HTTPMethod, target: RequestTarget, query: QueryItems) throws(Unresolvable) {
        self.init(path: target.path, verb: Self.lowercased(method))
        var segments = Self.split(target.path)[...]
        guard segments.count >= 3, let prefix = segments.first, prefix == "api" || prefix == "apis" else { return }
        if prefix == "apis" {
            guard segments.count >= 4 else {
                // As upstream leaves it: the prefix is known, the request still no resource request.
                apiPrefix = prefix
                return
            }
            group = segments[1]
            segments = segments.dropFirst()
        }
        apiPrefix = prefix
        isResourceRequest = true
        version = segments[segments.startIndex + 1]
        segments = segments.dropFirst(2)
        let specialVerb = segments.first.flatMap { $0 == "watch" || $0 == "proxy" ? $0 : nil }
        if let specialVerb {
            guard segments.count >= 2 else {
                throw Unresolvable(message: "unable to determine kind and namespace from url, \(target.path)")
            }
            verb = specialVerb
            segments = segments.dropFirst()
        } else {
            verb = Self.verb(of: method)
        }
        readParts(segments)
        refine(query, verbInPath: specialVerb != nil)
    }

    /// `namespaces/NS/R/N/S/…` or `R/N/S/…`.
    private mutating func readParts(_ segments: ArraySlice<String>) {
        var segments = segments
        if segments.first == "namespaces", segments.count > 1 {
            let start = segments.startIndex
            namespace = segments[start + 1]
            if segments.count > 2, segments[start + 2] != "status", segments[start + 2] != "finalize" {
                segments = segments.dropFirst(2)
            }
        }
        parts = Array(segments)
        resource = parts.first ?? ""
        if parts.count >= 2 { name = parts[1] }
        if parts.count >= 3, verb != "proxy" { subresource = parts[2] }
    }

    /// A get without name is a list or a watch, a delete without name a deletecollection; selectors of those.
    private mutating func refine(_ query: QueryItems, verbInPath: Bool) {
        if name.isEmpty {
            switch verb {
            case "get": refineCollection(query)
            case "delete": verb = "deletecollection"
            default: break
            }
        }
        guard !verbInPath, verb == "list" || verb == "watch" || verb == "deletecollection" else { return }
        labelSelectorText = query["labelSelector"] ?? ""
        fieldSelectorText = query["fieldSelector"] ?? ""
    }

    private mutating func refineCollection(_ query: QueryItems) {
        verb = query.flag("watch") == true ? "watch" : "list"
        guard let text = query["fieldSelector"], Self.otherOptionsDecode(query),
            let selector = try? FieldSelector(parsing: text),
            let exact = selector.requiresExactMatch("metadata.name"), Self.isLegalSegment(exact)
        else { return }
        name = exact
    }

    /// Upstream decodes all list options at once and forgets the name when any of them is malformed.
    private static func otherOptionsDecode(_ query: QueryItems) -> Bool {
        for key in ["limit", "timeoutSeconds"] {
            if let value = query[key], Int64(value) == nil { return false }
        }
        guard let labels = query["labelSelector"] else { return true }
        return (try? LabelSelector(parsing: labels)) != nil
    }

    /// apimachinery `path.IsValidPathSegmentName`.
    private static func isLegalSegment(_ name: String) -> Bool {
        name != "." && name != ".." && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "%") }
    }

    private static func verb(of method: HTTPMethod) -> String {
        switch method {
        case .GET, .HEAD: "get"
        case .POST: "create"
        case .PUT: "update"
        case .PATCH: "patch"
        case .DELETE: "delete"
        default: ""
        }
    }

    private static func lowercased(_ method: HTTPMethod) -> String {
        switch method {
        case .GET: "get"
        case .POST: "post"
        default: method.rawValue.lowercased()
        }
    }

    /// The segments between the slashes, those at the ends trimmed; empty ones in between stay and count.
    private static func split(_ path: String) -> [String] {
        var path = path
        return path.withUTF8 { bytes in
            var start = bytes.startIndex
            var end = bytes.endIndex
            while start < end, bytes[start] == UInt8(ascii: "/") { start += 1 }
            while start < end, bytes[end - 1] == UInt8(ascii: "/") { end -= 1 }
            guard start < end else { return [] }
            var segments: [String] = []
            segments.reserveCapacity(8)
            for index in start...end where index == end || bytes[index] == UInt8(ascii: "/") {
                segments.append(String(decoding: bytes[start..<index], as: UTF8.self))
                start = index + 1
            }
            return segments
        }
    }
}
