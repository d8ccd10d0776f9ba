import Foundation
import TestSupport
import Testing

/// Watches on the wire. W09, W10, W03 and C02 as kube-controller-manager asks.
@Suite(
    .serialized, .timeLimit(.minutes(3)), .enabled(if: Tool.curl.isPresent, Tool.curl.absence), .server(), .serverLog)
struct WatchTests {
    let server: RunningServer

    init() throws { server = try .shared }

    @Test(arguments: ["--http1.1", "--http2"])
    func `W09 the head goes out before there is an event, and each event as it comes`(_ version: String) async throws {
        let path = RunningServer.path("w09-" + version.filter(\.isNumber))
        let watch = try server.startCurl(path + "?watch=true", as: .admin, [version, "-D", "-"])
        try await watch.wait("the head", within: .seconds(60)) { out, _ in
            out.contains(" 200") && out.lowercased().contains("content-type: application/json")
                && out.hasSuffix("\r\n\r\n")
        }
        let name = try #require(
            try await server.upload("w09-" + version.filter(\.isNumber))["metadata"]["name"].string)
        try await watch.wait("the event", within: .seconds(60)) { out, _ in
            out.contains(#"{"type":"ADDED","object":"#) && out.contains(name) && out.hasSuffix("}\n")
        }
        await watch.stop()
    }

    @Test(arguments: ["--http1.1", "--http2"])
    func `W10 a watch whose time is over ends cleanly`(_ version: String) async throws {
        let answer = try await server.curl(
            RunningServer.path("w10") + "?watch=true&timeoutSeconds=1", as: .admin, version)
        #expect(answer.status == 200 && answer.body.isEmpty)
    }

    @Test func `W03 C02 metadata by WatchList as the garbage collector asks for it`() async throws {
        let name = try #require(try await server.upload("w03")["metadata"]["name"].string)
        let form = "as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
        let answer = try await server.curl(
            RunningServer.path("w03") + "?allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan"
                + "&sendInitialEvents=true&timeout=7m&timeoutSeconds=1&watch=true", as: .admin, "-H",
            "Accept: application/vnd.kubernetes.protobuf;\(form),application/json;\(form),application/json")
        let events = answer.body.split(separator: 0x0A).map { JSON(Array($0)) }
        #expect(events.count == 2, "\(answer.text)")
        for event in events {
            #expect(event["object"]["kind"].string == "PartialObjectMetadata")
            #expect(event["object"]["apiVersion"].string == "meta.k8s.io/v1")
            #expect(event["object"]["spec"].isNull)
        }
        #expect(events.first?["type"].string == "ADDED" && events.first?["object"]["metadata"]["name"].string == name)
        let bookmark = try #require(events.last)
        #expect(bookmark["type"].string == "BOOKMARK")
        #expect(bookmark["object"]["metadata"]["annotations"]["k8s.io/initial-events-end"].string == "true")
    }
}
