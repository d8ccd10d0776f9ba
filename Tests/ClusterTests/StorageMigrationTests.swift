import Foundation
import TestSupport
import Testing

/// G06: StorageVersionMigrations, where this control plane has them.
@Suite(
    .serialized, .controlPlane, .controllerManager, .timeLimit(.minutes(6)),
    .enabled("skipped: this kube-apiserver has no StorageVersionMigrator") {
        try await ControlPlaneBinaries.hasFeature("StorageVersionMigrator")
    })
struct StorageMigrationTests {
    @Test func aMigrationSucceedsAndChangesNothing() async throws {
        let gate = "--feature-gates=StorageVersionMigrator=true"
        let plane = try await ControlPlane.start(
            flags: [gate, "--runtime-config=storagemigration.k8s.io/v1beta1=true"])
        try await ClusterServer.using(plane) { server in
            try await server.makeNamespace("migrated")
            for index in 0..<5 { try await plane.apply(ClusterServer.capture("c\(index)", "migrated")) }
            try await eventually("the captures have ended") {
                try await plane.kubectl("get", "pcap", "-n", "migrated", "-o", "jsonpath={.items[*].status.phase}").text
                    == Array(repeating: "Failed", count: 5).joined(separator: " ")
            }
            func objects() async throws -> String {
                try await plane.kubectl("get", "pcap", "-n", "migrated", "-o", "json", "--show-managed-fields").text
            }
            func items(_ text: String) throws -> NSArray {
                let list = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
                return try #require(list?["items"] as? NSArray)
            }
            let before = try items(try await objects())
            try await plane.withControllerManager(
                flags: [gate], controllers: ["storage-version-migrator-controller"]
            ) {
                try await plane.apply(
                    """
                    apiVersion: storagemigration.k8s.io/v1beta1
                    kind: StorageVersionMigration
                    metadata: {name: captures}
                    spec: {resource: {group: profefe.io, resource: profilecaptures}}

                    """)
                try await eventually("the migration has succeeded", within: .seconds(180)) {
                    try await plane.kubectl(
                        "get", "storageversionmigration", "captures", "-o",
                        "jsonpath={.status.conditions[?(@.type=='Succeeded')].status}"
                    ).text == "True"
                }
            }
            #expect(try items(try await objects()) == before)
        }
    }
}
