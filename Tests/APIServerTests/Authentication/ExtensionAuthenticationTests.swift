import APIMachinery
import HTTPTransport
import KubeClient
import TestSupport
import Testing

@testable import APIServer

/// The ConfigMap kube-system/extension-apiserver-authentication: its parser, and what is done with what comes.
struct ExtensionAuthenticationTests {
    let certificates: TestCertificates
    let client: String
    let proxy: String

    init() throws {
        certificates = try TestCertificates()
        client = String(decoding: certificates.authority.certificatePEM, as: UTF8.self)
        proxy = String(decoding: certificates.otherAuthority.certificatePEM, as: UTF8.self)
    }

    /// As kubeadm's kube-apiserver writes it.
    var usual: [String: String] {
        [
            "client-ca-file": client, "requestheader-client-ca-file": proxy,
            "requestheader-allowed-names": #"["front-proxy-client"]"#,
            "requestheader-username-headers": #"["X-Remote-User"]"#,
            "requestheader-group-headers": #"["X-Remote-Group"]"#,
            "requestheader-extra-headers-prefix": #"["X-Remote-Extra-"]"#,
        ]
    }

    func changed(_ changes: [String: String?]) -> [String: String] {
        var data = usual
        for (key, value) in changes { data[key] = value }
        return data
    }

    // MARK: parser

    @Test func readsWhatKubeAPIServerWrites() throws {
        let read = try ExtensionAuthentication(usual)
        #expect(read.clientAuthorities != nil)
        let header = try #require(read.requestHeader)
        #expect(header.allowedNames == ["front-proxy-client"])
        #expect(header.names == RequestHeaderConfiguration.Names())
        #expect(header.identityHeaders == nil)
    }

    @Test func acceptsWhatIsLeftOut() throws {
        #expect(try ExtensionAuthentication(changed(["client-ca-file": nil])).clientAuthorities == nil)
        let clientsOnly = try ExtensionAuthentication(changed(["requestheader-client-ca-file": ""]))
        #expect(clientsOnly.requestHeader == nil && clientsOnly.clientAuthorities != nil)
        let nothing = try ExtensionAuthentication([:])
        #expect(nothing.requestHeader == nil && nothing.clientAuthorities == nil)
        let some = try ExtensionAuthentication(
            changed([
                "requestheader-group-headers": nil, "requestheader-extra-headers-prefix": "[]",
                "requestheader-allowed-names": "[]", "requestheader-uid-headers": #"["X-Remote-Uid"]"#,
                "client-ca-file": client + "# a comment\n" + client, "later-key": "whatever",
            ]))
        #expect(some.requestHeader?.names.group == [])
        #expect(some.requestHeader?.names.uid == ["X-Remote-Uid"])
        #expect(some.requestHeader?.allowedNames == [])
    }

    @Test(
        arguments: [
            ("client-ca-file", "garbage", "client-ca-file"),
            (
                "requestheader-client-ca-file", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                "requestheader-client-ca-file"
            ),
            ("requestheader-username-headers", nil, "requestheader-username-headers"),
            ("requestheader-username-headers", "[]", "requestheader-username-headers"),
            ("requestheader-username-headers", "X-Remote-User", "requestheader-username-headers"),
            ("requestheader-username-headers", #""X-Remote-User""#, "requestheader-username-headers"),
            ("requestheader-username-headers", "[1]", "requestheader-username-headers[0]"),
            ("requestheader-username-headers", #"["a",""]"#, "requestheader-username-headers"),
            ("requestheader-group-headers", #"["a b"]"#, "requestheader-group-headers"),
            ("requestheader-extra-headers-prefix", #"["é"]"#, "requestheader-extra-headers-prefix"),
            ("requestheader-uid-headers", #"{"a":1}"#, "requestheader-uid-headers"),
            ("requestheader-allowed-names", "[", "requestheader-allowed-names"),
            ("requestheader-allowed-names", #"["a",null]"#, "requestheader-allowed-names[1]"),
        ] as [(String, String?, String)])
    func refusesAsAWhole(_ key: String, _ value: String?, _ field: String) throws {
        do throws(RequestHeaderFault) {
            _ = try ExtensionAuthentication(changed([key: value]))
            Issue.record("accepted")
        } catch {
            #expect(error.field == field)
        }
    }

    @Test func refusesAFrontProxyThatEveryClientCouldBe() throws {
        let shared = changed(["requestheader-client-ca-file": proxy + client, "requestheader-allowed-names": "[]"])
        do throws(RequestHeaderFault) {
            _ = try ExtensionAuthentication(shared)
            Issue.record("accepted")
        } catch {
            #expect(error.field == "requestheader-allowed-names")
            #expect(error.message.contains("certificate 2 of requestheader-client-ca-file is in client-ca-file too"))
        }
        // With a name it is a matter of who may have that name.
        _ = try ExtensionAuthentication(changed(["requestheader-client-ca-file": client]))
    }

    @Test func aMutatedConfigMapTrapsNothing() {
        var random = SeededRandom(seed: 21)
        let keys = usual.keys.sorted()
        for round in 0..<3000 {
            let key = keys[round % keys.count]
            let text = String(decoding: random.mutate(Array((usual[key] ?? "").utf8)), as: UTF8.self)
            _ = try? ExtensionAuthentication(changed([key: text]))
            _ = PEMBlocks.certificates(text)
        }
    }

    // MARK: what comes

    private func map(_ data: [String: String], name: String = "extension-apiserver-authentication") throws
        -> (key: ObjectKey, element: KubeConfigMap)
    {
        let values = JSONObject(data.map { ($0.key, .string($0.value)) })
        let json: JSONValue = ["metadata": ["name": .string(name)], "data": .object(values)]
        return (ObjectKey(namespace: "kube-system", name: name), try #require(KubeConfigMap(json)))
    }

    private func problem(_ source: ExtensionAuthenticationSource) async -> String? {
        do {
            try await source.check.check()
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// N11: not ready before it was read, and the log says what to do.
    @Test func isNotReadyBeforeTheConfigMapWasRead() async throws {
        let log = RecordingLog()
        let source = ExtensionAuthenticationSource(logger: log.logger())
        #expect(await problem(source)?.contains("has not been read yet") == true)
        #expect(source.check.name == "requestheader-config")
        source.failed(KubeClientError(.refused, "configmaps is forbidden", status: 403))
        source.failed(KubeClientError(.refused, "configmaps is forbidden", status: 403))
        #expect(log.lines.count == 1)
        #expect(log.lines[0].contains("--role=extension-apiserver-authentication-reader"))
        #expect(await problem(source)?.contains("kubectl create rolebinding -n kube-system") == true)
        source.replace([])
        source.replace([])
        #expect(log.lines.count == 2 && log.lines[1].contains("does not exist"))
        #expect(await problem(source)?.contains("does not exist") == true)
        source.replace([try map(usual, name: "another"), try map(usual)])
        #expect(await problem(source) == nil)
        #expect(source.current?.requestHeader != nil)
    }

    /// N01
    @Test func theLastGoodOneStays() async throws {
        let log = RecordingLog()
        let source = ExtensionAuthenticationSource(logger: log.logger())
        let (key, good) = try map(usual)
        source.set(key, good)
        let first = source.current
        // The same again, as a resync brings it: connections keep what was verified.
        source.replace([(key, good)])
        #expect(source.current?.clientAuthorities === first?.clientAuthorities)
        #expect(log.lines.count == 1)
        source.set(key, try map(changed(["client-ca-file": "garbage"])).element)
        source.set(key, try map(changed(["client-ca-file": "garbage"])).element)
        #expect(source.current?.clientAuthorities === first?.clientAuthorities)
        #expect(log.lines.count == 2 && log.lines[1].contains("client-ca-file: the bundle has no PEM certificate"))
        source.remove(key)
        #expect(source.current?.clientAuthorities === first?.clientAuthorities)
        #expect(await problem(source) == nil)
        source.failed(KubeClientError(.unreachable, "gone"))
        #expect(await problem(source) == nil)
        source.set(key, try map(changed(["client-ca-file": proxy])).element)
        #expect(source.current?.clientAuthorities !== first?.clientAuthorities)
        // Others of the namespace are none of ours.
        source.remove(ObjectKey(namespace: "kube-system", name: "another"))
        source.set(ObjectKey(namespace: "kube-system", name: "another"), try map([:], name: "another").element)
        #expect(source.current?.requestHeader != nil)
    }

    @Test func garbageAtFirstIsNotReady() async throws {
        let log = RecordingLog()
        let source = ExtensionAuthenticationSource(logger: log.logger())
        source.replace([try map(changed(["requestheader-allowed-names": "front-proxy-client"]))])
        #expect(source.current == nil)
        #expect(await problem(source)?.contains("requestheader-allowed-names") == true)
    }

    @Test func anyNameOfTheFrontProxyIsWarnedOf() throws {
        let log = RecordingLog()
        let source = ExtensionAuthenticationSource(logger: log.logger())
        source.replace([try map(changed(["requestheader-allowed-names": "[]"]))])
        #expect(log.lines.contains { $0.contains("requestheader-allowed-names is empty") })
    }
}
