internal import APIMachinery

/// The tokens of a static token file, kube-apiserver's `--token-auth-file`.
///
/// One user a line: `token,user,uid[,"group1,group2"]`; further columns are ignored. Refused, with file and line: what
/// ``CSVReader`` refuses, fewer than three columns, an empty token or user, a token that occurs twice. (kube-apiserver
/// skips empty tokens and lets the last of two equal ones win; both are mistakes that grant rights.)
/// No error holds a token.
struct TokenFile: Sendable {
    private let users: [ExactText: UserInfo]

    /// Why a token file was refused.
    struct Malformed: Error, Equatable, CustomStringConvertible {
        let path: String
        let line: Int
        let message: String
        var description: String { "\(path): line \(line): \(message)" }
    }

    init(_ file: SourceFile) throws(Malformed) {
        var users: [ExactText: UserInfo] = [:]
        var lines: [ExactText: Int] = [:]
        for record in try Self.records(file) {
            func refused(_ message: String) -> Malformed {
                Malformed(path: file.path, line: record.line, message: message)
            }
            let fields = record.fields
            guard fields.count >= 3 else {
                throw refused("must have at least 3 columns (token, user name, user uid), found \(fields.count)")
            }
            let token = ExactText(fields[0])
            guard !token.text.isEmpty else { throw refused("the token is empty") }
            guard !fields[1].isEmpty else { throw refused("the user name is empty") }
            if let line = lines[token] { throw refused("the token is the same as that of line \(line)") }
            lines[token] = record.line
            let groups = fields.count > 3 ? fields[3].split(separator: ",").map(String.init) : []
            users[token] = UserInfo(name: fields[1], uid: fields[2], groups: groups).addingAuthenticatedGroup()
        }
        self.users = users
    }

    private static func records(_ file: SourceFile) throws(Malformed) -> [CSVReader.Record] {
        do {
            return try CSVReader.records(file.bytes)
        } catch {
            throw Malformed(path: file.path, line: error.line, message: error.message)
        }
    }

    /// Whose token it is. Found by a keyed hash, so that the time tells nothing of how much of a token was right.
    func user(of token: String) -> UserInfo? { users[ExactText(token)] }
}
