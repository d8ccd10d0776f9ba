import APIMachinery
import ProfefeCollector
import Testing

struct CollectorIDTests {
    @Test(arguments: [
        ("dc1b4db8di1926omun9g", "dc1b4db8di1926omun9g"),
        ("00000000000000000000", "00000000000000000000"),
        ("P0.frontend/1/dc1b4db8di1926omun9g", "dc1b4db8di1926omun9g"),
        ("P0.frontend/1/dc1b4db8di1926omun9g,namespace=prod,pod=web-1", "dc1b4db8di1926omun9g"),
        ("P0.a__b/128/bpc00mript33iv4net00,path=/a/b,x=1,2", "bpc00mript33iv4net00"),
        ("P0.P0./6/dc1b4db8di1926omun9g,", "dc1b4db8di1926omun9g"),
    ])
    func wholeIDs(text: String, xid: String) throws {
        let id = try #require(CollectorID(text))
        #expect(id.text == text)
        #expect(id.xid == xid)
    }

    @Test(arguments: [
        "", "dc", "dc1b4db8di1926omun9", "dc1b4db8di1926omun9gg", "dc1b4db8di1926omun9h", "DC1B4DB8DI1926OMUN9G",
        "dc1b4db8di1926omunzg", "dc1b4db8di1926omun9g+dc1b4db8di1926omun9g", "merge", "P0.", "P0.a/1",
        "P0.a/1/", "P0.a/1/short", "P0.a/1/dc1b4db8di1926omun9gx", "P0./1/dc1b4db8di1926omun9g",
        "P0.a/cpu/dc1b4db8di1926omun9g", "P0.a/300/dc1b4db8di1926omun9g", "P0.a//dc1b4db8di1926omun9g",
        "P1.a/1/dc1b4db8di1926omun9g", "a/1/dc1b4db8di1926omun9g", " dc1b4db8di1926omun9g",
    ])
    func anythingLessIsNone(text: String) {
        #expect(CollectorID(text) == nil)
    }

    @Test(arguments: [
        ("dc1b4db8di1926omun9g", true),
        ("P0.a/1/dc1b4db8di1926omun9g,v=100%,x= y", true),
        ("P0.a/1/dc1b4db8di1926omun9g,v=1.0+build", false),
        ("P0.a+b/1/dc1b4db8di1926omun9g", false),
    ])
    func aPlusMakesAnIDUnreachable(text: String, reachable: Bool) throws {
        #expect(try #require(CollectorID(text)).isReachable == reachable)
    }

    @Test(arguments: [
        ("dc1b4db8di1926omun9g", "dc1b4db8di1926omun9g"),
        ("P0.a/1/dc1b4db8di1926omun9g,k=v", "P0.a%252F1%252Fdc1b4db8di1926omun9g%252Ck%253Dv"),
        ("P0.ä b/1/dc1b4db8di1926omun9g,k=%2F", "P0.%25C3%25A4%2520b%252F1%252Fdc1b4db8di1926omun9g%252Ck%253D%25252F"),
    ])
    func inAPathTheyAreEscapedTwice(text: String, segment: String) throws {
        #expect(try #require(CollectorID(text)).pathSegment == segment)
        // What profefe does: the request's path is decoded, then the id in it.
        #expect(PercentDecoding.decode(segment).flatMap { PercentDecoding.decode($0) } == text)
    }

    @Test func severalAreJoinedByAPlus() throws {
        let ids = try ["dc1b4db8di1926omun9g", "P0.a/1/dc1b4db8di1926omun9g"].map { try #require(CollectorID($0)) }
        #expect(CollectorID.pathSegment(ids) == "dc1b4db8di1926omun9g+P0.a%252F1%252Fdc1b4db8di1926omun9g")
        #expect(CollectorID.pathSegment([]) == "")
    }
}
