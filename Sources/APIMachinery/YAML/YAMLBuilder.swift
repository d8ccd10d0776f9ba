/// Makes JSON values from libyaml's events. Not recursive: open mappings and sequences lie on a stack.
///
/// Every node costs, and a node reached by an alias costs again, with all that is in it; so an alias bomb ends at
/// the limits although the values themselves share memory.
struct YAMLBuilder: ~Copyable {
    private var events: YAMLEventReader
    private let limits: YAMLLimits
    private var documents: [JSONDocument] = []
    private var frames: [Frame] = []
    private var anchors: [String: Anchored] = [:]
    private var duplicates = DuplicateFields()
    private var spent = Cost()
    /// The finished root of the document; nil while there is none, or when it is empty.
    private var root: JSONValue?

    init(_ bytes: [UInt8], limits: YAMLLimits) throws(YAMLError) {
        guard bytes.count <= limits.bytes else {
            throw YAMLError(
                code: .tooLarge, offset: 0, line: 1, column: 1,
                message: "the text has \(bytes.count) bytes, the limit is \(limits.bytes)")
        }
        events = try YAMLEventReader(bytes)
        self.limits = limits
    }

    consuming func build() throws(YAMLError) -> [JSONDocument] {
        while true {
            let event = try events.next()
            switch event.kind {
            case .streamEnd: return documents
            case .documentStart:
                root = nil
                anchors.removeAll(keepingCapacity: true)
                duplicates = DuplicateFields()
            case .documentEnd:
                if let root { documents.append(JSONDocument(value: root, duplicateFields: duplicates.paths)) }
            case .scalar(let scalar): try add(scalar, event.place)
            case .alias(let name): try addAlias(name, event.place)
            case .sequenceStart(let anchor): try open(Frame(.sequence, anchor, event.place, spent))
            case .mappingStart(let anchor): try open(Frame(.mapping, anchor, event.place, spent))
            case .sequenceEnd, .mappingEnd: try close()
            case .other: break
            }
        }
    }

    // MARK: Nodes

    private mutating func add(_ scalar: YAMLScalar, _ place: YAMLPlace) throws(YAMLError) {
        try spend(Cost(nodes: 1, bytes: scalar.text.utf8.count), place)
        if expectsKey, scalar.isMerge {
            frames[frames.count - 1].key = .merge
            return
        }
        // A document of nothing.
        if frames.isEmpty, scalar.text.isEmpty, scalar.isPlain, scalar.tag == nil, scalar.anchor == nil { return }
        switch scalar.resolution {
        case .refused(let code, let message): throw place.error(code, message)
        case .value(let value):
            if let anchor = scalar.anchor {
                anchors[anchor] = Anchored(value: value, cost: Cost(nodes: 1, bytes: scalar.text.utf8.count), height: 0)
            }
            try put(value, height: 0, place)
        }
    }

    private mutating func addAlias(_ name: String, _ place: YAMLPlace) throws(YAMLError) {
        guard !frames.contains(where: { $0.anchor == name }) else {
            throw place.error(.recursiveAlias, "'*\(name)' stands inside of what it names")
        }
        guard let anchored = anchors[name] else {
            throw place.error(.unknownAnchor, "nothing before this bears the anchor '&\(name)'")
        }
        try spend(anchored.cost, place)
        guard frames.count + anchored.height <= limits.depth else { throw tooDeep(place) }
        try put(anchored.value, height: anchored.height, place)
    }

    private mutating func open(_ frame: Frame) throws(YAMLError) {
        guard !expectsKey else { throw frame.place.error(.badKey, "a key must be a scalar") }
        guard frames.count < limits.depth else { throw tooDeep(frame.place) }
        try spend(Cost(nodes: 1), frame.place)
        frames.append(frame)
    }

    private mutating func close() throws(YAMLError) {
        guard let frame = frames.popLast() else { return }
        let value: JSONValue = frame.kind == .sequence ? .array(frame.elements) : .object(frame.members)
        if let anchor = frame.anchor {
            anchors[anchor] = Anchored(value: value, cost: spent - frame.spentBefore, height: frame.height)
        }
        try put(value, height: frame.height, frame.place)
    }

    /// The value goes where the innermost open node waits for one.
    private mutating func put(_ value: JSONValue, height: Int, _ place: YAMLPlace) throws(YAMLError) {
        guard !frames.isEmpty else {
            root = value
            return
        }
        let top = frames.count - 1
        frames[top].height = max(frames[top].height, height + 1)
        guard frames[top].kind == .mapping else {
            frames[top].elements.append(value)
            return
        }
        switch frames[top].key {
        case .none: frames[top].key = .name(try key(value, place))
        case .merge:
            try merge(value, place)
            frames[top].key = nil
        case .name(let name):
            if frames[top].members.contains(name), !frames[top].merged.contains(ByteString(name)) { reportDuplicate() }
            frames[top].merged.remove(ByteString(name))
            frames[top].members.set(name, value)
            frames[top].key = nil
        }
    }

    /// Numbers and booleans become their text.
    private func key(_ value: JSONValue, _ place: YAMLPlace) throws(YAMLError) -> String {
        switch value {
        case .string(let text): return text
        case .integer(let number): return String(number)
        case .number(let number): return number.literal
        case .bool(let value): return value ? "true" : "false"
        case .null: throw place.error(.badKey, "a key must not be null")
        case .array, .object: throw place.error(.badKey, "a key must be a scalar")
        }
    }

    /// `<<`: the members take the place of those before it, and give way to those after it, as in goyaml.v2.
    /// Of several mappings the earlier wins.
    private mutating func merge(_ value: JSONValue, _ place: YAMLPlace) throws(YAMLError) {
        for source in (value.arrayValue ?? [value]).reversed() {
            guard case .object(let source) = source else {
                throw place.error(.badMerge, "'<<' takes a mapping or a sequence of mappings, not \(source.typeName)")
            }
            for (key, value) in source {
                frames[frames.count - 1].members.set(key, value)
                frames[frames.count - 1].merged.insert(ByteString(key))
            }
        }
    }

    // MARK: Bounds and reports

    private var expectsKey: Bool {
        guard let frame = frames.last else { return false }
        return frame.kind == .mapping && frame.key == nil
    }

    private mutating func spend(_ cost: Cost, _ place: YAMLPlace) throws(YAMLError) {
        spent = spent + cost
        guard spent.nodes <= limits.nodes else {
            throw place.error(
                .tooManyNodes, "aliases followed, the text has more than the limit of \(limits.nodes) nodes")
        }
        guard spent.bytes <= limits.expandedBytes else {
            throw place.error(
                .tooManyNodes, "aliases followed, the text has more than the limit of \(limits.expandedBytes) bytes")
        }
    }

    private func tooDeep(_ place: YAMLPlace) -> YAMLError {
        place.error(.tooDeep, "mappings and sequences are nested deeper than the limit of \(limits.depth)")
    }

    private mutating func reportDuplicate() {
        guard duplicates.wantsMore else { return }
        var steps: [DuplicateFields.Step] = []
        for frame in frames {
            if frame.kind == .sequence {
                steps.append(.element(frame.elements.count))
            } else if case .name(let name) = frame.key {
                steps.append(.key(name))
            }
        }
        duplicates.add(steps)
    }
}

/// An open mapping or sequence.
private struct Frame {
    enum Kind { case sequence, mapping }
    enum Key: Equatable {
        case name(String)
        case merge
    }

    let kind: Kind
    let anchor: String?
    let place: YAMLPlace
    let spentBefore: Cost
    var elements: [JSONValue] = []
    var members = JSONObject()
    /// Names that came by a merge: writing one over isn't a duplicate.
    var merged: Set<ByteString> = []
    /// Read, and its value not yet.
    var key: Key?
    /// Mappings and sequences from here to the deepest inside, itself counted.
    var height = 1

    init(_ kind: Kind, _ anchor: String?, _ place: YAMLPlace, _ spent: Cost) {
        (self.kind, self.anchor, self.place, spentBefore) = (kind, anchor, place, spent)
    }
}

private struct Anchored {
    let value: JSONValue
    let cost: Cost
    let height: Int
}

/// Both stay far below overflow: each step is checked against a limit, and no step adds more than was spent.
private struct Cost {
    var nodes = 0
    var bytes = 0

    static func + (left: Cost, right: Cost) -> Cost {
        Cost(nodes: left.nodes &+ right.nodes, bytes: left.bytes &+ right.bytes)
    }

    static func - (left: Cost, right: Cost) -> Cost {
        Cost(nodes: left.nodes &- right.nodes, bytes: left.bytes &- right.bytes)
    }
}
