import APIMachinery
import Digests
import HTTPTransport
import Testing

@testable import KubeClient

struct KubeConfigFileTests {
    static let pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"

    /// A file of one context; `cluster` and `user` are flow mappings' insides.
    static func file(cluster: String = "server: https://10.0.0.1:6443", user: String = "", context: String = "")
        -> String
    {
        """
        apiVersion: v1
        kind: Config
        preferences: {}
        clusters:
        - name: other
          cluster: {server: "https://other"}
        - name: dev
          cluster: {\(cluster)}
        users:
        - name: jane
          user: {\(user)}
        contexts:
        - name: dev
          context: {cluster: dev, user: jane\(context)}
        current-context: dev
        """
    }

    static func parse(_ text: String, context: String? = nil) throws(KubeClientError) -> KubeConfig {
        try KubeConfigFile(parsing: Array(text.utf8), path: "/home/jane/.kube/config").config(context: context)
    }

    @Test func aTokenAndACAInTheFileAreTaken() throws {
        let data = Base64.encode(Array(Self.pem.utf8))
        let config = try Self.parse(
            Self.file(
                cluster:
                    "server: \"https://[fd00::1]:6443/base/\", certificate-authority-data: \(data), tls-server-name: kube",
                user: "token: abc", context: ", namespace: shop"))
        #expect(config.server == KubeEndpoint(host: "fd00::1", port: 6443, basePath: "/base"))
        #expect(config.namespace == "shop")
        #expect(config.tls == KubeTLS(authority: .bytes(Array(Self.pem.utf8)), serverName: "kube"))
        #expect(config.credential == .token("abc"))
        #expect(config.impersonation == nil)
        #expect(config.origin == #"/home/jane/.kube/config: context "dev""#)
    }

    @Test func relativePathsAreRelativeToTheFile() throws {
        let config = try Self.parse(
            Self.file(
                cluster: "server: \"https://h\", certificate-authority: pki/ca.crt",
                user: "client-certificate: ../c.crt, client-key: /abs/c.key, tokenFile: t"))
        #expect(config.tls.authority == .file("/home/jane/.kube/pki/ca.crt"))
        #expect(config.tls.clientCertificate == .file("/home/jane/.kube/../c.crt"))
        #expect(config.tls.clientKey == .file("/abs/c.key"))
        #expect(config.credential == .tokenFile("/home/jane/.kube/t"))
        let besides = try KubeConfigFile(
            parsing: Array(Self.file(user: "tokenFile: t").utf8), path: "config"
        ).config()
        #expect(besides.credential == .tokenFile("t"))
    }

    @Test func dataCountsBeforeAFileAndATokensFileBeforeAToken() throws {
        let data = Base64.encode(Array(Self.pem.utf8))
        let config = try Self.parse(
            Self.file(
                cluster: "server: \"https://h\", certificate-authority: ca.crt, certificate-authority-data: \(data)",
                user: "token: abc, tokenFile: /t"))
        #expect(config.tls.authority == .bytes(Array(Self.pem.utf8)))
        #expect(config.credential == .tokenFile("/t"))
    }

    @Test func aUserMayBeImpersonated() throws {
        let config = try Self.parse(
            Self.file(
                user:
                    "as: bob, as-uid: u1, as-groups: [dev, \"system:authenticated\"], as-user-extra: {scopes: [a, b], k: null}"
            ))
        #expect(
            config.impersonation
                == Impersonation(
                    user: "bob", uid: "u1", groups: ["dev", "system:authenticated"],
                    extra: ["scopes": ["a", "b"], "k": []]))
    }

    @Test func aNameAndAPasswordAreTaken() throws {
        #expect(
            try Self.parse(Self.file(user: "username: jane, password: \"p:w\"")).credential
                == .basic(user: "jane", password: "p:w"))
    }

    @Test func aContextMayHaveNoUser() throws {
        let text = Self.file().replacing("user: jane", with: "user: \"\"")
        #expect(try Self.parse(text).credential == .none)
    }

    @Test func jsonIsYAMLToo() throws {
        let text = #"""
            {"clusters":[{"name":"c","cluster":{"server":"http://127.0.0.1:8001"}}],
             "contexts":[{"name":"x","context":{"cluster":"c"}}]}
            """#
        let file = try KubeConfigFile(parsing: Array(text.utf8), path: "k")
        #expect(file.currentContext == "")
        #expect(try file.contextNames() == ["x"])
        #expect(try file.config(context: "x").server == KubeEndpoint(isTLS: false, host: "127.0.0.1", port: 8001))
    }

    @Test func entriesOfOtherContextsMayBeWrong() throws {
        let text = Self.file().replacing(
            "users:\n", with: "users:\n- name: cloud\n  user: {exec: {command: cloud-login}}\n")
        #expect(try Self.parse(text).credential == .none)
    }

    /// What is refused, and what the message must say of the place.
    static let refusals: [(text: String, message: String)] = [
        ("", "config: line 1"),
        ("a: [", "config: line 2"),
        ("- x", "the document: must be a mapping, not array"),
        ("kind: Pod", #"kind: must be Config, not "Pod""#),
        ("apiVersion: v2", #"apiVersion: must be v1, not "v2""#),
        ("current-context: 7", "current-context: must be a string, not integer"),
        ("contexts: []", "current-context: is empty"),
        ("current-context: x", #"contexts: has no entry named "x""#),
        ("current-context: x\ncontexts: {}", "contexts: must be a list, not object"),
        ("current-context: x\ncontexts: [7]", "contexts[0]: must be a mapping, not integer"),
        ("current-context: x\ncontexts: [{name: x}]", "contexts[0].context: is missing"),
        ("current-context: x\ncontexts: [{name: x, context: {user: u}}]", "contexts[0].context.cluster: is missing"),
        (
            file().replacing("cluster: dev,", with: "cluster: gone,"),
            #"contexts[0].context.cluster: is "gone", which no entry of clusters is named"#
        ),
        (
            file().replacing("user: jane", with: "user: joe"),
            #"contexts[0].context.user: is "joe", which no entry of users is named"#
        ),
        (file(context: ", namespace: 3"), "contexts[0].context.namespace: must be a string, not integer"),
        (file(cluster: ""), "clusters[1].cluster.server: is missing"),
        (file(cluster: "server: 10.0.0.1"), "clusters[1].cluster.server: must be a URL"),
        (file(cluster: "server: \"ftp://h\""), "clusters[1].cluster.server: must be a URL"),
        (
            file(cluster: "server: \"https://h\", proxy-url: \"http://proxy\""),
            "clusters[1].cluster.proxy-url: is set, but this client uses no proxies"
        ),
        (
            file(cluster: "server: \"https://h\", insecure-skip-tls-verify: yes-please"),
            "clusters[1].cluster.insecure-skip-tls-verify: must be true or false, not string"
        ),
        (
            file(cluster: "server: \"https://h\", insecure-skip-tls-verify: true, certificate-authority: ca"),
            "clusters[1].cluster.insecure-skip-tls-verify: is true, but"
        ),
        (
            file(cluster: "server: \"https://h\", certificate-authority-data: \"%%\""),
            "clusters[1].cluster.certificate-authority-data: is no Base64"
        ),
        (
            file(cluster: "server: \"https://h\", certificate-authority-data: QUJD"),
            "clusters[1].cluster.certificate-authority-data: is no PEM"
        ),
        (file(user: "token: 12345"), "users[0].user.token: must be a string, not integer"),
        (file(user: "token: \"a\\nb\""), "users[0].user.token: has control characters"),
        (file(user: "client-key: k"), "users[0].user.client-key: is set without client-certificate"),
        (file(user: "client-certificate: c"), "users[0].user.client-certificate: is set without client-key"),
        (file(user: "username: a, token: b"), "users[0].user.username: is set, and so is a token"),
        (
            file(user: "exec: {command: aws, apiVersion: x}"),
            #"users[0].user.exec: user "jane" gets its credentials from a command; this program runs no credential plugins"#
        ),
        (file(user: "auth-provider: {name: gcp}"), #"users[0].user.auth-provider: user "jane""#),
        (file(user: "as-groups: [a]"), "users[0].user.as: is missing"),
        (file(user: "as: a, as-groups: a"), "users[0].user.as-groups: must be a list of strings, not string"),
        (file(user: "as: a, as-groups: [1]"), "users[0].user.as-groups[0]: must be a string, not integer"),
        (file(user: "as: a, as-user-extra: {k: 1}"), "users[0].user.as-user-extra.k: must be a list of strings"),
        (file(user: "as: \"a\\u0000\""), "users[0].user.as: has control characters"),
    ]

    @Test(arguments: refusals) func isRefusedWithFileAndField(_ refusal: (text: String, message: String)) async throws {
        let error = await failure { () throws(KubeClientError) in _ = try Self.parse(refusal.text) }
        #expect(error == KubeClientError(.configuration, ""))
        let message = error?.message ?? ""
        #expect(message.hasPrefix("/home/jane/.kube/config: "), "\(message)")
        #expect(message.contains(refusal.message), "\(message)")
    }

    @Test func aMessageNeverHoldsASecret() async {
        let users = [
            "token: \"s3cret\\n\"", "token: [s3cret]", "username: u, password: \"s3cret\\r\"",
            "username: s3cret, token: s3cret", "client-key-data: \"s3cret!\"",
        ]
        for user in users {
            let error = await failure { () throws(KubeClientError) in _ = try Self.parse(Self.file(user: user)) }
            #expect(error != nil, "\(user)")
            #expect(error?.message.contains("s3cret") == false, "\(user)")
        }
    }
}
