import Testing

@testable import ServerApp

/// The flags of a collector behind the server.
struct CollectorOptionsTests {
    private func faults(_ more: [String: String]) throws -> [String] {
        let files = try Files()
        defer { files.remove() }
        return try commandLineFaults(try files.flags().merging(more) { $1 })
    }

    @Test func theDefaultIsAStoreOfOnesOwn() throws {
        #expect(try faults([:]) == [])
        #expect(try faults(["--unscoped-namespace": "profiles"]) == [])
    }

    @Test(arguments: [
        ["--collector-url": "http://collector:10100"], ["--collector-url": "https://collector.example/profefe"],
        [
            "--collector-url": "http://[::1]:1", "--collector-poll-interval": "1s", "--collector-cache-bytes": "0",
            "--unscoped-namespace": "x",
        ],
    ])
    func aCollectorIsItsURL(_ flags: [String: String]) throws {
        #expect(try faults(flags.merging(["--store": "collector"]) { $1 }) == [])
    }

    @Test(
        arguments: [
            (["--store": "s3"], ["--store: "]), (["--store": "collector"], ["--collector-url: is required"]),
            (["--collector-url": "http://collector"], ["--collector-url: contradicts"]),
            (["--store": "collector", "--collector-url": "collector:10100"], ["--collector-url: \"collector:10100\""]),
            (["--unscoped-namespace": "No Name"], ["--unscoped-namespace: "]),
            (
                ["--store": "collector", "--collector-url": "http://collector", "--collector-ca-file": "/dev/null"],
                ["--collector-ca-file: contradicts"]
            ),
            (
                [
                    "--store": "collector", "--collector-url": "https://collector", "--collector-ca-file": "/nowhere",
                    "--collector-poll-interval": "0s", "--collector-cache-bytes": "-1", "--unscoped-namespace": "-",
                ],
                [
                    "--unscoped-namespace: ", "--collector-poll-interval: ", "--collector-cache-bytes: ",
                    "--collector-ca-file: \"/nowhere\"",
                ]
            ),
        ] as [([String: String], [String])])
    func everyFaultIsTold(_ flags: [String: String], _ told: [String]) throws {
        let messages = try faults(flags)
        #expect(messages.count == told.count, "\(messages)")
        for (message, begin) in zip(messages, told) { #expect(message.hasPrefix(begin), "\(message)") }
    }
}
