import ArgumentParser
import Foundation
import HTTPTransport
import TestSupport

@testable import ServerApp

/// A directory with files that a command line may name, removed at the end.
struct Files {
    let directory: String

    init() throws {
        directory = NSTemporaryDirectory() + "server-app-\(UUID())"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(atPath: directory) }

    /// Writes a file and gives its path.
    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        let path = "\(directory)/\(name)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// The flags of a configuration without faults, by name; the files exist.
    func flags() throws -> [String: String] {
        let pair = try CertificateAuthority.root("test").mint(.server)
        return [
            "--tls-cert-file": try write("tls.crt", String(decoding: pair.certificatePEM, as: UTF8.self)),
            "--tls-private-key-file": try write("tls.key", String(decoding: pair.keyPEM, as: UTF8.self)),
            "--token-auth-file": try write("tokens.csv", "secret,alice,1,\"dev\"\n"),
            "--authorization-rbac-file": try write("rbac.yaml", Self.rbac), "--data-dir": "\(directory)/data",
        ]
    }

    static let rbac = """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: reader}
        rules: [{apiGroups: [profefe.io], resources: [profiles], verbs: [get, list]}]
        """
}

/// The messages of a configuration's faults; empty if it has none.
func commandLineFaults(_ flags: [String: String], standalone: Bool = true) throws -> [String] {
    let arguments =
        (standalone ? ["--standalone"] : []) + flags.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let options = try ServerOptions.parse(arguments)
    do throws(ConfigurationError) {
        _ = try options.complete(environment: [:])
        return []
    } catch {
        return error.messages
    }
}

/// The same with one flag changed.
func commandLineFaults(changing flag: String, to value: String?) throws -> [String] {
    let files = try Files()
    defer { files.remove() }
    var flags = try files.flags()
    flags[flag] = value
    return try commandLineFaults(flags)
}
