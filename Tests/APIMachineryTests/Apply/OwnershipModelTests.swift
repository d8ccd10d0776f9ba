import TestSupport
import Testing

@testable import APIMachinery

/// Random applies and updates of random owners against a naive model: every leaf has a value and a list of owners.
struct OwnershipModelTests {
    private static let texts = Schema.map(of: .string)
    private static let schema = Schema.resource([
        Schema.Field(
            "spec",
            .object([
                Schema.Field("a", .string), Schema.Field("b", .integer()),
                Schema.Field("whole", .array(of: .string)), Schema.Field("map", texts),
                Schema.Field("set", .array(of: .string, topology: .set)),
                Schema.Field(
                    "list",
                    .array(
                        of: .object([Schema.Field("name", .string, required: true), Schema.Field("v", .integer())]),
                        topology: .map(keys: ["name"]))),
            ]))
    ])

    /// A leaf of the model: its place, and its value where that can differ.
    private typealias Leaves = [Leaf: JSONValue]

    private enum Leaf: Hashable, CaseIterable {
        static let allCases: [Leaf] =
            [.field("a"), .field("b"), .field("whole")]
            + ["x", "y", "z"].flatMap { [.map($0), .set($0), .element($0), .value($0)] }

        case field(String)
        case map(String)
        case set(String)
        /// An element of the list.
        case element(String)
        /// Its value; never without the element.
        case value(String)

        var path: [PathElement] {
            switch self {
            case .field(let name): [.field("spec"), .field(name)]
            case .map(let key): [.field("spec"), .field("map"), .field(key)]
            case .set(let value): [.field("spec"), .field("set"), .value(.string(value))]
            case .element(let name): [.field("spec"), .field("list"), .key(["name": .string(name)])]
            case .value(let name): [.field("spec"), .field("list"), .key(["name": .string(name)]), .field("v")]
            }
        }
    }

    /// The naive account.
    private struct Model {
        struct Owner: Hashable {
            let manager: String
            let isApplier: Bool
        }

        var leaves: Leaves = [:]
        var owners: [Leaf: Set<Owner>] = [:]

        /// Nil where it conflicts.
        mutating func apply(_ config: Leaves, _ manager: String, force: Bool) -> Set<Leaf>? {
            let me = Owner(manager: manager, isApplier: true)
            let changed = config.filter { leaves[$0.key] != $0.value }
            let conflicts = changed.keys.filter { owners[$0, default: []].contains { $0 != me } }
            if !force, !conflicts.isEmpty { return Set(conflicts) }
            for leaf in Leaf.allCases where config[leaf] == nil && owners[leaf, default: []].contains(me) {
                owners[leaf]?.remove(me)
                guard owners[leaf]?.isEmpty == true else { continue }
                leaves[leaf] = nil
                // With an element goes what is in it, whosever that is.
                if case .element(let name) = leaf {
                    leaves[.value(name)] = nil
                    owners[.value(name)] = []
                }
            }
            for (leaf, value) in config {
                if leaves[leaf] != value { owners[leaf] = [] }
                leaves[leaf] = value
                owners[leaf, default: []].insert(me)
            }
            return nil
        }

        mutating func update(_ new: Leaves, _ manager: String) {
            for leaf in Leaf.allCases where new[leaf] != leaves[leaf] {
                owners[leaf] = new[leaf] == nil ? [] : [Owner(manager: manager, isApplier: false)]
            }
            leaves = new
        }
    }

    private static func object(_ leaves: Leaves) -> JSONValue {
        var spec = JSONObject()
        for leaf in Leaf.allCases {
            guard let value = leaves[leaf] else { continue }
            switch leaf {
            case .field(let name): spec[name] = value
            case .map(let key):
                var map = spec["map"]?.objectValue ?? [:]
                map[key] = value
                spec["map"] = .object(map)
            case .set(let element): spec["set"] = .array((spec["set"]?.arrayValue ?? []) + [.string(element)])
            case .element(let name):
                var element: JSONObject = ["name": value]
                element["v"] = leaves[.value(name)]
                spec["list"] = .array((spec["list"]?.arrayValue ?? []) + [.object(element)])
            case .value: break
            }
        }
        return ["apiVersion": "example.io/v1", "kind": "Gadget", "metadata": ["name": "g"], "spec": .object(spec)]
    }

    private static func leaves(of object: JSONValue) -> Leaves {
        var leaves: Leaves = [:]
        let spec = object["spec"]
        for leaf in Leaf.allCases {
            switch leaf {
            case .field(let name): leaves[leaf] = spec?[name]
            case .map(let key): leaves[leaf] = spec?["map"]?[key]
            case .set(let element):
                if spec?["set"]?.arrayValue?.contains(.string(element)) == true { leaves[leaf] = .string(element) }
            case .element(let name):
                leaves[leaf] = spec?["list"]?.arrayValue?.first { $0["name"] == .string(name) }?["name"]
            case .value(let name):
                leaves[leaf] = spec?["list"]?.arrayValue?.first { $0["name"] == .string(name) }?["v"]
            }
        }
        return leaves
    }

    private static func random(_ random: inout SeededRandom) -> Leaves {
        var leaves: Leaves = [:]
        for leaf in Leaf.allCases where Int.random(in: 0..<3, using: &random) == 0 {
            let number = Int64.random(in: 1...3, using: &random)
            leaves[leaf] =
                switch leaf {
                case .field("b"), .value: .integer(number)
                case .field("whole"): .array([.string("\(number)")])
                case .set(let element), .element(let element): .string(element)
                default: .string("\(number)")
                }
        }
        for leaf in Leaf.allCases {
            if case .value(let name) = leaf, leaves[.element(name)] == nil { leaves[leaf] = nil }
        }
        return leaves
    }

    /// R09.
    @Test(arguments: 0..<40)
    func r09RandomWritesOwnWhatTheModelSays(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let manager = FieldManager(Self.schema, apiVersion: "example.io/v1")
        var model = Model()
        let time = try #require(Timestamp(seconds: 1_800_000_000))
        model.update(Self.random(&random), "creator")
        var live = Self.object(model.leaves)
        var fields = manager.created(live, by: FieldWriter("creator", at: time))
        for step in 0..<40 {
            let name = ["m1", "m2", "m3"].randomElement(using: &random) ?? "m1"
            let wanted = Self.random(&random)
            let writer = FieldWriter(name, at: time.adding(.seconds(step)))
            if Int.random(in: 0..<4, using: &random) == 0 {
                let new = Self.object(wanted)
                fields = manager.updated(fields, from: live, to: new, by: writer)
                live = new
                model.update(wanted, name)
            } else {
                let force = Int.random(in: 0..<3, using: &random) == 0
                let applied = try AppliedObject(Self.object(wanted), by: writer, force: force, manager)
                let conflicts = model.apply(wanted, name, force: force)
                do throws(ApplyConflicts) {
                    let result = try manager.apply(applied, to: live, fields)
                    #expect(conflicts == nil, "seed \(seed), step \(step): it should have been a conflict")
                    (live, fields) = (result.value, result.fields)
                } catch {
                    let paths = Set(error.statusError.status.details?.causes.map(\.field) ?? [])
                    #expect(paths == Set((conflicts ?? []).map(\.path.text)), "seed \(seed), step \(step)")
                }
            }
            #expect(Self.leaves(of: live) == model.leaves, "seed \(seed), step \(step)")
            #expect(TypedValidation(live, Self.schema).message == nil)
            Self.compare(fields, model, "seed \(seed), step \(step)")
            #expect((try? ManagedFields(json: fields.json))?.isSame(as: fields) == true)
            // The same again changes nothing.
            let again = try AppliedObject(live, by: FieldWriter("reader", at: time), force: false, manager)
            #expect((try? manager.apply(again, to: live, fields))?.isChanged == false)
        }
    }

    private static func compare(_ fields: ManagedFields, _ model: Model, _ place: String) {
        for leaf in Leaf.allCases {
            let owners = Set(
                fields.entries.filter { $0.fields.contains(leaf.path) }
                    .map { Model.Owner(manager: $0.owner.manager, isApplier: $0.owner.operation == .apply) })
            #expect(owners == model.owners[leaf, default: []], "\(place): \(leaf.path.text)")
        }
    }
}
