/// The members of a JSON object, in the order they were written; a name occurs once.
///
/// Names are compared by their bytes. Looking one up is a scan up to 16 members and a hash above, so that an
/// object of a million members from outside costs linear time, not square.
public struct JSONObject: Sendable {
    /// One member, in the order of the document.
    public typealias Member = (key: String, value: JSONValue)

    private(set) var members: [Member] = []
    /// Where each name is; kept only above `scanLimit` members.
    private var index: [ByteString: Int]?

    private static let scanLimit = 16

    /// Empty.
    public init() {}

    /// A name given twice keeps the place of the first and the value of the last.
    public init(_ members: [(String, JSONValue)]) {
        self.members.reserveCapacity(members.count)
        for (key, value) in members { self[key] = value }
    }

    /// How many members.
    public var count: Int { members.count }
    /// Whether there is no member.
    public var isEmpty: Bool { members.isEmpty }
    /// The keys in order.
    public var keys: [String] { members.map(\.key) }

    /// The value of that name. Setting appends a new name or replaces the value in place; setting nil removes.
    public subscript(key: String) -> JSONValue? {
        get { position(of: key).map { members[$0].value } }
        set {
            guard let newValue else {
                remove(key)
                return
            }
            set(key, newValue)
        }
    }

    /// Whether there is such a member.
    public func contains(_ key: String) -> Bool { position(of: key) != nil }

    /// Sets the member; true when the name was there already and its value was replaced.
    @discardableResult
    public mutating func set(_ key: String, _ value: JSONValue) -> Bool {
        if let at = position(of: key) {
            members[at].value = value
            return true
        }
        index?[ByteString(key)] = members.count
        members.append((key, value))
        if index == nil, members.count > JSONObject.scanLimit { rebuildIndex() }
        return false
    }

    /// Removes the member and gives back its value; the others keep their order. Linear in the members.
    @discardableResult
    public mutating func remove(_ key: String) -> JSONValue? {
        guard let at = position(of: key) else { return nil }
        let value = members.remove(at: at).value
        index = nil
        if members.count > JSONObject.scanLimit { rebuildIndex() }
        return value
    }

    /// The same members, sorted by name as bytes.
    public func sorted() -> JSONObject {
        var copy = self
        copy.members.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        if index != nil { copy.rebuildIndex() }
        return copy
    }

    private mutating func rebuildIndex() {
        var index = [ByteString: Int](minimumCapacity: members.count)
        for (at, member) in members.enumerated() { index[ByteString(member.key)] = at }
        self.index = index
    }

    private func position(of key: String) -> Int? {
        if let index { return index[ByteString(key)] }
        for at in members.indices where sameBytes(members[at].key, key) { return at }
        return nil
    }
}

extension JSONObject: Sequence {
    /// The members in order.
    public func makeIterator() -> IndexingIterator<[Member]> { members.makeIterator() }
    /// The exact count.
    public var underestimatedCount: Int { members.count }
}

extension JSONObject: Equatable {
    /// The same names with the same values; the order doesn't matter.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.count == right.count else { return false }
        for (at, member) in left.members.enumerated() {
            if sameBytes(right.members[at].key, member.key) {
                if right.members[at].value != member.value { return false }
            } else if right[member.key] != member.value {
                return false
            }
        }
        return true
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// As the literal says.
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}

/// A string hashed and compared by its UTF-8.
struct ByteString: Hashable {
    let string: String

    init(_ string: String) { self.string = string }

    static func == (left: ByteString, right: ByteString) -> Bool { sameBytes(left.string, right.string) }

    func hash(into hasher: inout Hasher) {
        var string = string
        string.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
