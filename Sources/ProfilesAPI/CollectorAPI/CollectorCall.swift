internal import NIOHTTP1

/// The calls of profefe's API, by their paths (profefe `pkg/profefe/routes.go`).
///
/// Accepted: `/api/0/profiles`, with a slash at the end, with slashes that come twice. Refused, where profefe answers with something
/// else's profile: `/api/0/profilesX`.
enum CollectorCall: Equatable {
    case profiles, merge, services, version
    /// The ids as in the path, decoded once.
    case profile(String)

    init?(path: String) {
        if let id = Self.id(path) {
            self = .profile(id)
            return
        }
        let parts = path.split(separator: "/")
        guard parts.count >= 3, parts[0] == "api", parts[1] == "0" else { return nil }
        let rest = parts.dropFirst(3).joined(separator: "/")
        switch (parts[2], rest) {
        case ("profiles", ""): self = .profiles
        case ("profiles", "merge"): self = .merge
        case ("profiles", let ids): self = .profile(ids)
        case ("services", ""): self = .services
        case ("version", ""): self = .version
        default: return nil
        }
    }

    /// What is asked for most, found without cutting the path into parts: the id of `/api/0/profiles/ID`.
    private static func id(_ path: String) -> String? {
        guard path.utf8.starts(with: beforeID.utf8) else { return nil }
        let rest = path.utf8.dropFirst(beforeID.utf8.count)
        guard !rest.isEmpty, !rest.contains(UInt8(ascii: "/")), !rest.elementsEqual("merge".utf8) else { return nil }
        return String(Substring(rest))
    }

    private static let beforeID = "/api/0/profiles/"

    /// The methods that do something.
    var methods: [HTTPMethod] { self == .profiles ? [.GET, .HEAD, .POST] : [.GET, .HEAD] }
}
