import APIMachinery
import KubeClient
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import APIServer

struct NamespaceLifecycleTests {
    private let namespaces = ObjectCache<KubeNamespace>()
    private let clock = ManualClock()
    private let log = RecordingLog()
    private let lookups = NIOLockedValueBox<[String]>([])

    static func attributes(_ namespace: String, _ name: String = "p1") -> AdmissionAttributes {
        AdmissionAttributes(
            user: UserInfo(name: "alice"), resource: GroupResource(group: "profefe.io", resource: "profiles"),
            namespace: namespace, name: name)
    }

    private func plugin(
        _ answer: @escaping @Sendable (String) throws(KubeClientError) -> KubeNamespace? = { _ in nil }
    ) -> NamespaceLifecycle {
        NamespaceLifecycle(namespaces: namespaces, clock: clock, logger: log.logger()) {
            [lookups] name throws(KubeClientError) in
            lookups.withLockedValue { $0.append(name) }
            return try answer(name)
        }
    }

    private func know(_ name: String, isTerminating: Bool = false) {
        namespaces.set(
            ObjectKey(namespace: "", name: name), KubeNamespace(name: name, isTerminating: isTerminating))
    }

    /// The refusal; nil if it is admitted. Time passes for who waits.
    private func refusal(_ plugin: NamespaceLifecycle, _ attributes: AdmissionAttributes) async -> StatusError? {
        await withTaskGroup(of: StatusError?.self) { group in
            group.addTask {
                do throws(StatusError) {
                    _ = try await plugin.admit(attributes)
                    return nil
                } catch {
                    return error
                }
            }
            group.addTask { [clock] in
                while !Task.isCancelled {
                    if clock.sleeperCount > 0 { clock.advance(by: NamespaceLifecycle.patience) }
                    await Task.yield()
                }
                return nil
            }
            let refusal = await group.next() ?? nil
            group.cancelAll()
            return refusal
        }
    }

    @Test func admitsWhatIsInAnActiveNamespaceWithoutAsking() async {
        know("prod")
        #expect(await refusal(plugin(), Self.attributes("prod")) == nil)
        #expect(await refusal(plugin(), Self.attributes("")) == nil)
        #expect(lookups.withLockedValue { $0 } == [])
        #expect(clock.now.offset == .zero)
    }

    /// A01
    @Test func whatIsInATerminatingNamespaceIsForbidden() async throws {
        know("prod", isTerminating: true)
        let refusal = try #require(await refusal(plugin(), Self.attributes("prod")))
        #expect(refusal.code == 403 && refusal.reason == .forbidden)
        #expect(
            refusal.message
                == #"profiles.profefe.io "p1" is forbidden: unable to create new content in namespace prod because it is being terminated"#
        )
        let details = try #require(refusal.status.details)
        #expect(details.name == "p1" && details.kind == "profiles" && details.group == "profefe.io")
        #expect(
            details.causes == [
                StatusCause(
                    reason: "NamespaceTerminating", message: "namespace prod is being terminated",
                    field: "metadata.namespace")
            ])
        let nameless = await self.refusal(plugin(), Self.attributes("prod", ""))
        #expect(nameless?.message.hasPrefix(#"profiles.profefe.io "Unknown" is forbidden: "#) == true)
    }

    /// A01
    @Test func whatIsInNoNamespaceIsNotFound() async throws {
        let refusal = try #require(await refusal(plugin(), Self.attributes("nowhere")))
        #expect(refusal.code == 404 && refusal.message == #"namespaces "nowhere" not found"#)
        #expect(refusal.status.details == StatusDetails(name: "nowhere", kind: "namespaces"))
        #expect(lookups.withLockedValue { $0 } == ["nowhere"])
    }

    @Test func aNamespaceThatJustCameIsFoundByWaitingOrAsking() async {
        let known = namespaces
        let arriving = NamespaceLifecycle(namespaces: namespaces, clock: clock, logger: log.logger()) {
            _ throws(KubeClientError) in
            Issue.record("asked"); return nil
        }
        async let waited = {
            do throws(StatusError) {
                _ = try await arriving.admit(Self.attributes("new"))
                return true
            } catch { return false }
        }()
        await clock.waitForSleepers(1)
        known.set(ObjectKey(namespace: "", name: "new"), KubeNamespace(name: "new"))
        clock.advance(by: NamespaceLifecycle.patience)
        #expect(await waited)
        let asking = plugin { KubeNamespace(name: $0) }
        #expect(await refusal(asking, Self.attributes("newer")) == nil)
        let dying = plugin { KubeNamespace(name: $0, isTerminating: true) }
        #expect(await refusal(dying, Self.attributes("newer"))?.code == 403)
    }

    @Test func whatCannotBeAskedForIsUnavailable() async throws {
        let plugin = plugin { _ throws(KubeClientError) in throw KubeClientError(.unreachable, "gone") }
        let refusal = try #require(await refusal(plugin, Self.attributes("prod")))
        #expect(refusal.code == 503 && refusal.retryAfterSeconds == 1)
        #expect(log.lines.count == 1)
        // What is known needs nobody.
        know("prod")
        #expect(await self.refusal(plugin, Self.attributes("prod")) == nil)
    }

    /// No text of a client becomes part of a path to kube-apiserver unless it can be a namespace's name.
    @Test(arguments: ["..", ".", "a/b", "A", "a b", "a%2fb", "é", String(repeating: "a", count: 64)])
    func namesThatCannotBeAreNotAskedFor(_ name: String) async {
        #expect(await refusal(plugin { KubeNamespace(name: $0) }, Self.attributes(name))?.code == 404)
        #expect(lookups.withLockedValue { $0 } == [])
    }
}
