import APIMachinery
import Digests
import Testing

struct ContinueTokenTests {
    @Test(arguments: [("prod", "p17"), ("", "node-1"), ("a", "x.y.z")], [812, nil, .max] as [UInt64?])
    func readsBackWhatItWrote(key: (String, String), version: UInt64?) throws {
        let token = ContinueToken(
            snapshot: version.map { ResourceVersion($0) }, after: ObjectKey(namespace: key.0, name: key.1))
        #expect(try ContinueToken(parsing: token.encoded) == token)
        #expect(!token.encoded.contains { "+/=".contains($0) })
    }

    @Test func looksLikeKubernetesOwn() throws {
        let token = ContinueToken(snapshot: ResourceVersion(812), after: ObjectKey(namespace: "prod", name: "p17"))
        let json = try #require(Base64.decodeURL(token.encoded))
        #expect(String(decoding: json, as: UTF8.self) == #"{"v":"meta.k8s.io/v1","rv":812,"start":"prod/p17\u0000"}"#)
    }

    @Test(
        arguments: [
            "", "!", "x", "{}", "[]", "7",
            #"{"v":"v2","rv":1,"start":"a/b\u0000"}"#, #"{"rv":1,"start":"a/b\u0000"}"#,
            #"{"v":"meta.k8s.io/v1","start":"a/b\u0000"}"#, #"{"v":"meta.k8s.io/v1","rv":0,"start":"a/b\u0000"}"#,
            #"{"v":"meta.k8s.io/v1","rv":-2,"start":"a/b\u0000"}"#,
            #"{"v":"meta.k8s.io/v1","rv":1.5,"start":"a/b\u0000"}"#,
            #"{"v":"meta.k8s.io/v1","rv":"1","start":"a/b\u0000"}"#,
            #"{"v":"meta.k8s.io/v1","rv":18446744073709551616,"start":"a/b\u0000"}"#,
            #"{"v":"meta.k8s.io/v1","rv":1}"#, #"{"v":"meta.k8s.io/v1","rv":1,"start":""}"#,
            #"{"v":"meta.k8s.io/v1","rv":1,"start":"a/b"}"#, #"{"v":"meta.k8s.io/v1","rv":1,"start":"a/..\u0000"}"#,
            #"{"v":"meta.k8s.io/v1","rv":1,"start":"../b\u0000"}"#,
            #"{"v":"meta.k8s.io/v1","rv":1,"start":"a/b/c\u0000"}"#,
            #"{"v":"meta.k8s.io/v1","rv":1,"start":"/a/b\u0000"}"#,
            #"{"v":"meta.k8s.io/v1","rv":1,"start":"a/\u0000"}"#,
            #"{"v":"meta.k8s.io/v1","rv":1,"start":"b\u0000"}"#,
            #"{"v":"meta.k8s.io/v1","rv":1,"start":"a/b%2f\u0000"}"#,
            #"{"v":"meta.k8s.io/v1","rv":1,"start":"A/b\u0000"}"#,
            #"{"v":"meta.k8s.io/v1","rv":1,"start":"a/b\u0000\u0000"}"#,
            #"{"v":"meta.k8s.io/v1","rv":1,"start":["a/b\u0000"]}"#,
            #"{"v":"meta.k8s.io/v1","rv":1,"start":"a/b\u0000"} x"#,
        ])
    func refusesEverythingElse(text: String) {
        for token in [text, Base64.encodeURL(Array(text.utf8))] {
            let error = #expect(throws: StatusError.badRequest("")) { try ContinueToken(parsing: token) }
            #expect(error?.message.hasPrefix("invalid continue token: continue key is not valid") == true)
        }
    }

    @Test func refusesLongTexts() {
        #expect(throws: StatusError.badRequest("")) {
            try ContinueToken(parsing: String(repeating: "A", count: 1 << 20))
        }
    }
}
