import Foundation
import Glibc
import TestSupport

/// The user of the image: a number that is nobody's.
enum Unprivileged {
    private static let identifier = "65532"

    /// What `setpriv` takes to become it, without groups and without a way back.
    static let wrapper = ["--reuid=\(identifier)", "--regid=\(identifier)", "--clear-groups", "--no-new-privs"]

    /// Whether a copy of the server can tell its flags as that user.
    static func isPossible() async throws -> Bool {
        guard geteuid() == 0, Tool("setpriv").isPresent else { return false }
        let directory = try TemporaryDirectory("unprivileged")
        let binary = try copyServer(to: directory)
        return try await Tool("setpriv").run(wrapper + [binary.path, "--help"]).status == 0
    }

    /// A copy: the checkout may be in a directory that others can't enter.
    static func copyServer(to directory: TemporaryDirectory) throws -> URL {
        let binary = directory.url.appendingPathComponent("profefe-apiserver")
        if !FileManager.default.fileExists(atPath: binary.path) {
            try FileManager.default.copyItem(at: try BuiltPrograms.url("profefe-apiserver"), to: binary)
        }
        return binary
    }

    /// Makes it the owner.
    static func give(_ directory: TemporaryDirectory) async throws {
        let given = try await Tool("chown").run(["-R", "\(identifier):\(identifier)", directory.path])
        guard given.status == 0 else { throw Trouble("chown: \(given.err)") }
    }
}
