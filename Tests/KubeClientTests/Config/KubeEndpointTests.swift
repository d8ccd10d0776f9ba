import Testing

@testable import KubeClient

struct KubeEndpointTests {
    @Test(arguments: [
        ("https://h", KubeEndpoint(host: "h", port: 443)),
        ("https://h/", KubeEndpoint(host: "h", port: 443)),
        ("HTTPS://h:1", KubeEndpoint(host: "h", port: 1)),
        ("http://127.0.0.1", KubeEndpoint(isTLS: false, host: "127.0.0.1", port: 80)),
        ("https://[::1]", KubeEndpoint(host: "::1", port: 443)),
        ("https://[fd00::1]:65535/a/b//", KubeEndpoint(host: "fd00::1", port: 65535, basePath: "/a/b")),
    ]) func isRead(_ url: String, _ endpoint: KubeEndpoint) {
        #expect(KubeEndpoint(url: url) == endpoint)
    }

    @Test(arguments: [
        "", "h", "h:6443", "//h", "https://", "https:///x", "https://:443", "https://u@h", "https://u:p@h",
        "https://h?a",
        "https://h/a?b", "https://h#f", "https://h:0", "https://h:65536", "https://h:", "https://h:+1", "https://h:1:2",
        "https://fd00::1", "https://[h]", "https://[::1", "https://[::1]x", "https://[::1]:", "https://h h",
        "https://h\n",
        "https://h\\x", "https://hé", "unix:///run/x", "https://h:99999999999999999999", "https://a]b", "https://a[b]",
        "https://a%20b", "https://[::1%25eth0]",
    ]) func isRefused(_ url: String) {
        #expect(KubeEndpoint(url: url) == nil)
    }

    @Test func isWrittenAsAURL() {
        #expect(KubeEndpoint(host: "fd00::1", port: 443, basePath: "/x").description == "https://[fd00::1]:443/x")
        #expect(KubeEndpoint(isTLS: false, host: "h", port: 80).description == "http://h:80")
    }
}
