import APIMachinery
import Synchronization

@testable import APIServer

/// Widgets can be changed: the size may only grow, and the annotation `color-of-the-server` stays as it is.
extension InMemoryStorage: Updater {
    static let ownAnnotation = "color-of-the-server"

    var updateBodyLimit: Int { bodyLimit }

    func prepare(_ new: inout DecodedObject, replacing old: DecodedObject) -> [String] {
        let before = old.metadata.annotations[Self.ownAnnotation]
        guard new.metadata.annotations[Self.ownAnnotation] != before else { return [] }
        new.metadata.annotations[Self.ownAnnotation] = before
        return ["\(Self.ownAnnotation) stays"]
    }

    func validate(_ new: DecodedObject, replacing old: DecodedObject) -> FieldErrorList {
        guard let size = Self.size(new), size < Self.size(old) ?? 0 else { return [] }
        return [.invalid(FieldPath("spec.size"), .integer(size), "must not shrink")]
    }

    func update(
        _ key: ObjectKey, _ change: ObjectUpdate, dryRun: Bool, _ request: AuthorizedRequest
    ) async throws -> EncodedObject {
        guard let found = state.withLock({ $0.current[key] }) else {
            throw StatusError.notFound(Self.resource, name: key.name)
        }
        let stored = found.widget.encoded(ResourceVersion(found.version))
        switch try change.outcome(for: stored) {
        case .unchanged:
            return stored
        case .replaced(let object):
            let widget = Self.widget(object)
            return dryRun ? widget.encoded(stored.resourceVersion) : put(widget)
        case .removed(let object):
            return Self.widget(object).encoded(dryRun ? stored.resourceVersion : write(key, nil))
        }
    }

    private static func size(_ object: DecodedObject) -> Int64? { object.value["spec"]?["size"]?.integerValue }

    private static func widget(_ object: DecodedObject) -> Widget {
        Widget(
            metadata: object.metadata, size: size(object) ?? 0, color: object.value["spec"]?["color"]?.stringValue ?? ""
        )
    }
}
