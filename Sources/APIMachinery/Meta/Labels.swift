/// A map of texts kept sorted by the bytes of its keys: the labels or the annotations of an object.
///
/// Order makes encoding canonical and look-up a binary search; a key occurs once.
public struct Labels: Sendable, Hashable {
    /// One key and its value.
    public struct Pair: Sendable, Hashable {
        /// The key.
        public let key: String
        /// The value.
        public let value: String

        /// A pair of its two parts.
        public init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    /// The pairs, keys rising bytewise.
    public private(set) var pairs: [Pair]

    /// No labels.
    public init() {
        pairs = []
    }

    /// Labels of pairs in any order; of equal keys the last one stays.
    public init(_ pairs: some Sequence<(String, String)>) {
        self.init()
        for (key, value) in pairs.map({ $0 }).sorted(by: { $0.0.precedesBytewise($1.0) }) {
            if let last = self.pairs.last, last.key == key { self.pairs.removeLast() }
            self.pairs.append(Pair(key: key, value: value))
        }
    }

    /// Whether there are none.
    public var isEmpty: Bool { pairs.isEmpty }
    /// How many there are.
    public var count: Int { pairs.count }

    /// The value of a key; setting `nil` removes it.
    public subscript(key: String) -> String? {
        get {
            let index = lowerBound(key)
            return index < pairs.count && pairs[index].key == key ? pairs[index].value : nil
        }
        set {
            let index = lowerBound(key)
            let present = index < pairs.count && pairs[index].key == key
            switch (newValue, present) {
            case (let value?, true): pairs[index] = Pair(key: key, value: value)
            case (let value?, false): pairs.insert(Pair(key: key, value: value), at: index)
            case (nil, true): pairs.remove(at: index)
            case (nil, false): break
            }
        }
    }

    /// Whether every pair of the other is also here (equality matching of a `matchLabels`).
    public func contains(allOf other: Labels) -> Bool {
        other.pairs.allSatisfy { self[$0.key] == $0.value }
    }

    /// The index of the first pair whose key is not below the given one.
    private func lowerBound(_ key: String) -> Int {
        var low = 0
        var high = pairs.count
        while low < high {
            let middle = low + (high - low) / 2
            if pairs[middle].key.precedesBytewise(key) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension Labels: Sequence {
    /// Iterates the pairs in key order.
    public func makeIterator() -> IndexingIterator<[Pair]> { pairs.makeIterator() }
}

extension Labels: ExpressibleByDictionaryLiteral {
    /// Labels of a literal; of equal keys the last one stays.
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init(elements)
    }
}
