import Testing

@testable import ProfileCapture

struct PortReferenceTests {
    @Test(arguments: [
        ("1", PortReference.number(1)), ("6060", .number(6060)), ("65535", .number(65535)), ("0080", .number(80)),
        ("pprof", .name("pprof")), ("http-admin", .name("http-admin")), ("9p", .name("9p")),
        ("a23456789012345", .name("a23456789012345")),
    ])
    func reads(_ text: String, _ expected: PortReference) {
        #expect(PortReference(text) == expected)
    }

    @Test(arguments: [
        "", "0", "65536", "-1", "+6060", "6060.0", " 6060", "99999999999999999999", "0X50", "٦٠٦٠", "PPROF", "p_p",
        "-pprof", "pprof-",
        "p--p", "-", "a234567890123456", "pprof/x", "p\u{0}", "6060\n",
    ])
    func refuses(_ text: String) {
        #expect(PortReference(text) == nil)
    }
}
