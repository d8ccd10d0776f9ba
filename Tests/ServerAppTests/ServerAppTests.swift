import ArgumentParser
import Logging
import TestSupport
import Testing

@testable import ServerApp

struct ServerAppTests {
    /// Builds the services from files with the given contents; the faults, if it can't.
    private func build(_ contents: [(flag: String, text: String)]) throws -> [String] {
        let files = try Files()
        defer { files.remove() }
        var flags = try files.flags()
        for (index, (flag, text)) in contents.enumerated() { flags[flag] = try files.write("file-\(index)", text) }
        let options = try ServerOptions.parse(["--standalone"] + flags.map { "\($0.key)=\($0.value)" })
        let configuration = try options.complete()
        do throws(ConfigurationError) {
            _ = try ServerApp(configuration, logger: .silent)
            return []
        } catch {
            return error.messages
        }
    }

    @Test func isBuiltFromFilesThatCanBeUsed() throws {
        #expect(try build([]) == [])
        #expect(try build([("--pod-manifests", "kind: Pod\nmetadata: {name: web-1, namespace: shop}\n")]) == [])
    }

    @Test(arguments: [
        ("--client-ca-file", "not a certificate"), ("--token-auth-file", "only-a-token\n"),
        ("--token-auth-file", "a,b,\"c\n"),
        ("--authorization-rbac-file", "kind: Role\nmetadata: ["),
        ("--authorization-rbac-file", "kind: ConfigMap\nmetadata: {name: x}"),
        ("--pod-manifests", "kind: Node\nmetadata: {name: x}"), ("--pod-manifests", "{"),
    ])
    func aFileThatCannotBeUsedIsNamed(_ flag: String, _ text: String) throws {
        let told = try build([(flag, text)])
        #expect(told.count == 1)
        #expect(told.first?.hasPrefix("\(flag): ") == true)
        #expect(told.first?.contains("file-0") == true)
    }

    @Test func allFilesThatCannotBeUsedAreTold() throws {
        let told = try build([
            ("--token-auth-file", "x\n"), ("--authorization-rbac-file", "{"), ("--client-ca-file", "x"),
            ("--pod-manifests", "{"),
        ])
        #expect(told.count == 4)
    }

    @Test func faultsOfValuesAndOfFilesAreToldTogetherAndEachOnce() throws {
        let files = try Files()
        defer { files.remove() }
        var flags = try files.flags()
        flags["--log-level"] = "loud"
        flags["--token-auth-file"] = try files.write("tokens", "x\n")
        flags["--pod-manifests"] = "/nowhere/pods.yaml"
        flags["--retention-file"] = try files.write("rules", "{")
        var faults = Faults()
        let options = try ServerOptions.parse(["--standalone"] + flags.map { "\($0.key)=\($0.value)" })
        let configuration = options.complete(environment: [:], &faults)
        let told = #expect(throws: ConfigurationError.self) {
            _ = try ServerApp(configuration, after: faults, logger: .silent)
        }
        #expect(
            Set(told?.messages.map { String($0.prefix { $0 != ":" }) } ?? []) == [
                "--log-level", "--token-auth-file", "--pod-manifests", "--retention-file",
            ])
        #expect(told?.messages.count == 4)
    }

    @Test func noSecretIsTold() throws {
        let told = try build([("--token-auth-file", "very-secret-token,alice\n")])
        #expect(told.count == 1)
        #expect(!told.joined().contains("very-secret-token"))
    }
}
