import APIMachinery
import APIServer
import ArgumentParser
import KubeClient
import Logging
import ProfileStore
import TestSupport
import Testing

@testable import ServerApp

struct RetentionOptionsTests {
    private func completed(_ arguments: [String]) throws -> (RetentionOptions.Completed, [String]) {
        var faults = Faults()
        let options = try RetentionOptions.parse(arguments)
        let completed = options.complete(&faults)
        return (completed, faults.messages)
    }

    @Test func theDefaultsAreFiveDaysNoLimitsAndAReserve() throws {
        let (options, faults) = try completed([])
        #expect(faults == [])
        #expect(options.fallback == .seconds(5 * 86_400) && options.rulesFile == nil)
        #expect(options.limits == StoreLimits(reserve: .lesser(256 << 20, 0.05)))
    }

    @Test func flagsSayOtherwise() throws {
        let (options, faults) = try completed([
            "--retention=0", "--max-store-bytes=20Gi", "--max-namespace-bytes=500M", "--disk-reserve=5%",
        ])
        #expect(faults == [])
        #expect(options.fallback == .forever)
        #expect(
            options.limits == StoreLimits(storeBytes: 20 << 30, namespaceBytes: 500_000_000, reserve: .share(0.05)))
        #expect(try completed(["--max-store-bytes=0", "--disk-reserve=0"]).0.limits == StoreLimits())
    }

    @Test(arguments: [
        "--retention=5d", "--retention=-1h", "--retention=1ms", "--max-store-bytes=much", "--max-store-bytes=-1",
        "--max-namespace-bytes=1Zi", "--disk-reserve=99%", "--disk-reserve=x%", "--disk-reserve=-5",
        "--disk-reserve=nan%", "--retention-file=/nowhere/file",
    ])
    func aValueThatIsNoneIsNamed(_ flag: String) throws {
        let (_, faults) = try completed([flag])
        #expect(faults.count == 1)
        #expect(faults.first?.hasPrefix("\(flag.prefix { $0 != "=" }):") == true)
    }

    @Test func aNamespaceCanNotHaveMoreThanAll() throws {
        #expect(try completed(["--max-store-bytes=1Gi", "--max-namespace-bytes=2Gi"]).1.count == 1)
    }

    @Test func allThatWasGivenIsRefusedWithAnotherStore() throws {
        var faults = Faults()
        try RetentionOptions.parse(["--retention=1h", "--disk-reserve=0"]).refuse(with: "--store=collector", &faults)
        #expect(faults.messages.map { $0.prefix { $0 != ":" } } == ["--retention", "--disk-reserve"])
    }

    private static func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "", name: name) }

    @Test func aNamespaceSaysHowLongItsProfilesAreKept() throws {
        var faults = Faults()
        let namespaces = ObjectCache<KubeNamespace>()
        let (options, _) = try completed(["--retention=1h"])
        let source = RetentionSource(options, namespaces: namespaces, logger: .silent, &faults)
        // One of the namespaces may want more.
        #expect(source.policy == nil)
        let annotations = [("shop", "240h"), ("cart", "10d"), ("bank", "0"), ("plain", nil)]
        namespaces.replace(
            annotations.map { name, text in
                (
                    Self.key(name),
                    KubeNamespace(name: name, annotations: text.map { ["profefe.io/retention": $0] } ?? [:])
                )
            })
        let policy = try #require(source.policy)
        func lifetime(_ namespace: String) -> RetentionPolicy.Lifetime {
            policy.lifetime(namespace: namespace, class: "cpu")
        }
        #expect(lifetime("shop") == .seconds(240 * 3600))
        // What can't be read keeps everything: whoever wrote it meant something else than the default.
        #expect(lifetime("cart") == .forever && lifetime("bank") == .forever)
        #expect(lifetime("plain") == .seconds(3600) && lifetime("unknown") == .seconds(3600))
    }

    @Test func theFileGoesBeforeTheNamespaceAndIsReadAgain() throws {
        let directory = try TemporaryDirectory("retention")
        func write(_ hours: Int) throws {
            try directory.write(
                """
                apiVersion: profefe.io/v1
                kind: RetentionRules
                rules: [{types: [trace], retention: \(hours)h}]
                """, "rules.yaml")
        }
        try write(2)
        let namespaces = ObjectCache<KubeNamespace>()
        namespaces.replace([
            (Self.key("shop"), KubeNamespace(name: "shop", annotations: ["profefe.io/retention": "240h"]))
        ])
        var faults = Faults()
        let (options, _) = try completed(["--retention-file=\(directory.path("rules.yaml"))"])
        let source = RetentionSource(options, namespaces: namespaces, logger: .silent, &faults)
        #expect(faults.messages == [])
        #expect(source.policy?.lifetime(namespace: "shop", class: "trace") == .seconds(7200))
        #expect(source.policy?.lifetime(namespace: "shop", class: "cpu") == .seconds(240 * 3600))
        try write(30)
        for reloadable in source.reloadables { reloadable.reloadIfChanged() }
        #expect(source.policy?.lifetime(namespace: "shop", class: "trace") == .seconds(30 * 3600))
    }

    @Test func aFaultyFileIsAFaultOfTheConfiguration() throws {
        let directory = try TemporaryDirectory("retention")
        try directory.write("kind: RetentionRules", "rules.yaml")
        var faults = Faults()
        let (options, _) = try completed(["--retention-file=\(directory.path("rules.yaml"))"])
        _ = RetentionSource(options, namespaces: nil, logger: .silent, &faults)
        #expect(faults.messages.count == 1 && faults.messages.first?.contains("apiVersion") == true)
    }
}
