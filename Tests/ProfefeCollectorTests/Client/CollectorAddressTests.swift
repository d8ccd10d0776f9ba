import ProfefeCollector
import Testing

@Suite struct CollectorAddressTests {
    @Test(arguments: [
        ("http://collector:10100", "http://collector:10100"), ("http://collector", "http://collector:80"),
        ("https://collector.example", "https://collector.example:443"),
        ("HTTP://collector:10100/", "http://collector:10100"),
        ("http://collector:10100/profefe//", "http://collector:10100/profefe"),
        ("http://[fd00::1]:10100/a/b", "http://[fd00::1]:10100/a/b"), ("http://10.0.0.1:1", "http://10.0.0.1:1"),
    ])
    func addressesAreReadIntoOneForm(_ url: String, _ form: String) {
        #expect(CollectorAddress(url: url)?.description == form)
    }

    @Test(arguments: [
        "", "collector:10100", "ftp://collector", "http://", "http://:10100", "http://collector:", "http://collector:0",
        "http://collector:65536", "http://collector:1x", "http://user@collector", "http://collector?x",
        "http://coll ector",
        "http://collector/a?b", "http://collector/a#b", "http://collector/a%2fb", "http://[fd00::1",
        "http://[collector]",
        "http://[fd00::1]10100", "http://fd00::1", "http://collector/ü", "http://collector:99999999999999999999",
    ])
    func whatIsNoAddressIsRefused(_ url: String) {
        #expect(CollectorAddress(url: url) == nil)
    }
}
