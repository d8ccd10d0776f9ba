import APIMachinery
import NIOConcurrencyHelpers
import NIOHTTP1
import Testing

@testable import APIServer

/// Admission where objects come into being: the chain itself, the create handler, and the gate for other requests.
struct AdmissionChainTests {
    /// Notes what it is asked, and what is given back.
    private final class Recording: Admission, Sendable {
        let seen = NIOLockedValueBox<[String]>([])
        let name: String
        let refusal: StatusError?

        init(_ name: String, refusal: StatusError? = nil) {
            self.name = name
            self.refusal = refusal
        }

        func admit(_ attributes: AdmissionAttributes) async throws(StatusError) -> AdmissionHold? {
            note(
                "admit \(attributes.resource) \(attributes.namespace)/\(attributes.name) dryRun=\(attributes.isDryRun)")
            if let refusal { throw refusal }
            return AdmissionHold { [self] in note("end") }
        }

        private func note(_ text: String) { seen.withLockedValue { $0.append("\(name): \(text)") } }
        var lines: [String] { seen.withLockedValue { $0 } }
    }

    private static let body =
        #"{"apiVersion":"example.io/v1","kind":"Widget","metadata":{"name":"w1"},"spec":{"size":1}}"#

    @Test func everyoneIsAskedAndEverythingGivenBack() async throws {
        let (first, second) = (Recording("1"), Recording("2"))
        let chain = AdmissionChain([first, second])
        let attributes = NamespaceLifecycleTests.attributes("prod")
        #expect(try await chain.creating(attributes) { 7 } == 7)
        #expect(first.lines.count == 2 && second.lines.count == 2)
        let refusing = Recording("3", refusal: .forbidden(nil, "no"))
        let last = Recording("4")
        await #expect(throws: StatusError.self) {
            try await AdmissionChain([first, refusing, last]).creating(attributes) { Issue.record("created") }
        }
        #expect(first.lines.count == 4 && first.lines.last == "1: end")
        #expect(refusing.lines.count == 1 && last.lines.isEmpty)
    }

    /// A01: creates are admitted, nothing else is.
    @Test func onlyCreationsAreAdmitted() async throws {
        let recording = Recording("a")
        let api = WidgetAPI {
            $0.creation = CreationGate(authorizer: UnionAuthorizer([]), admission: AdmissionChain([recording]))
        }
        #expect(try await api.send(.POST, WidgetAPI.widgets, body: Self.body).status == 201)
        #expect(recording.lines == ["a: admit widgets.example.io prod/w1 dryRun=false", "a: end"])
        #expect(try await api.send(.POST, "\(WidgetAPI.widgets)?dryRun=All", body: Self.body).status >= 200)
        #expect(recording.lines.contains("a: admit widgets.example.io prod/w1 dryRun=true"))
        let count = recording.lines.count
        #expect(try await api.send(.GET, WidgetAPI.widgets).status == 200)
        #expect(try await api.send(.DELETE, "\(WidgetAPI.widgets)/w1").status == 200)
        #expect(recording.lines.count == count)
    }

    @Test func aRefusalCreatesNothing() async throws {
        let refusing = Recording("a", refusal: .forbidden(nil, "closed"))
        let api = WidgetAPI {
            $0.creation = CreationGate(authorizer: UnionAuthorizer([]), admission: AdmissionChain([refusing]))
        }
        let answer = try await api.send(.POST, WidgetAPI.widgets, body: Self.body)
        #expect(answer.status == 403 && answer.message == "forbidden: closed")
        #expect(try await api.send(.GET, "\(WidgetAPI.widgets)/w1").status == 404)
    }

    @Test func aGeneratedNameIsToldByItsBeginning() async throws {
        let recording = Recording("a")
        let api = WidgetAPI {
            $0.creation = CreationGate(authorizer: UnionAuthorizer([]), admission: AdmissionChain([recording]))
        }
        let body = Self.body.replacing(#""name":"w1""#, with: #""generateName":"w-""#)
        #expect(try await api.send(.POST, WidgetAPI.widgets, body: body).status == 201)
        #expect(recording.lines.first == "a: admit widgets.example.io prod/w- dryRun=false")
    }

    /// Z05: who may only update can't create by updating.
    @Test func aCreationByUpdateNeedsTheRightToCreate() async throws {
        let asked = NIOLockedValueBox<[String]>([])
        func gate(_ decision: Decision) -> CreationGate {
            CreationGate(
                authorizer: ClosureAuthorizer { attributes in
                    asked.withLockedValue {
                        $0.append(
                            "\(attributes.verb) \(attributes.resource) \(attributes.namespace)/\(attributes.name)")
                    }
                    return decision
                })
        }
        let request = try await WidgetAPI.authorized(.PATCH, "\(WidgetAPI.widgets)/w1", [:], body: nil)
        let key = ObjectKey(namespace: "prod", name: "w1")
        try await gate(.allow(reason: "")).authorizeCreation(of: key, by: request)
        #expect(asked.withLockedValue { $0 } == ["create widgets prod/w1"])
        for (decision, code) in [
            (Decision.noOpinion(reason: ""), 403), (.deny(reason: "x"), 403), (.failed(CancellationError()), 500),
        ] {
            do throws(StatusError) {
                try await gate(decision).authorizeCreation(of: key, by: request)
                Issue.record("allowed")
            } catch {
                #expect(error.code == code)
                if code == 403 { #expect(error.message.contains("cannot create resource \"widgets\"")) }
            }
        }
        await #expect(throws: StatusError.self) {
            try await CreationGate.closedToUpdates.authorizeCreation(of: key, by: request)
        }
    }
}
