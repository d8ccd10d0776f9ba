extension Schema {
    /// The live value with what an apply says: objects and maps member by member, sets and keyed lists element by element,
    /// everything else replaced.
    ///
    /// `null` for a map or list that has something in it changes nothing. Both values fit the type.
    func merge(_ live: JSONValue?, _ applied: JSONValue?) -> JSONValue? {
        guard let live, let applied else { return applied ?? live }
        switch (topology(of: applied.isNull ? live : applied), live, applied) {
        case (.members, .object(let members), .null): return members.isEmpty ? applied : live
        case (.elements, .array(let elements), .null): return elements.isEmpty ? applied : live
        case (.members(let types), .object(let old), .object(let new)): return .object(merge(old, new, types))
        case (.elements(let element, let keys), .array(let old), .array(let new)):
            return .array(ListMerge(names: ElementNames(element: element, keys: keys)).merge(old, new))
        default: return applied
        }
    }

    private func merge(_ live: JSONObject, _ applied: JSONObject, _ types: MemberTypes) -> JSONObject {
        var result = live
        for (name, value) in applied {
            guard let type = types.type(of: name) else { continue }
            result[name] = type.merge(live[name], value)
        }
        return result
    }
}

/// Merges lists whose elements have names.
///
/// The order: the elements of both keep the order of the applied list; those that only the live list has stay where they
/// are, in front of the common element that follows them.
struct ListMerge {
    let names: ElementNames

    /// The elements of both lists. Names occur once among the applied ones; of twins in the live list none is merged with,
    /// and an applied element of their name takes their place.
    func merge(_ live: [JSONValue], _ applied: [JSONValue]) -> [JSONValue] {
        let live = names.named(live)
        let applied = names.named(applied)
        let oldPlaces = Places(live.map(\.name))
        let newPlaces = Places(applied.map(\.name))
        var shared = applied.map(\.name).filter { oldPlaces.count(of: $0) > 0 }[...]
        var taken = Set<Int>()
        var result: [JSONValue] = []
        result.reserveCapacity(max(live.count, applied.count))

        func take(_ index: Int) {
            let (name, value) = applied[index]
            taken.insert(index)
            let old = oldPlaces.only(name).map { live[$0].value }
            if let merged = names.element.merge(old, value) { result.append(merged) }
        }

        var (left, right) = (0, 0)
        while left < live.count || right < applied.count {
            if left < live.count {
                let name = live[left].name
                guard let place = newPlaces.first(name) else {
                    result.append(live[left].value)
                    left += 1
                    continue
                }
                let isNext = right < applied.count && applied[right].name == name
                if !isNext, right < applied.count, let next = shared.first, next != name {
                    // A common element, but another one is its turn in the applied order.
                    left += 1
                    continue
                }
                if isNext || taken.contains(place) { left += 1 }
            }
            guard right < applied.count else { continue }
            take(right)
            if shared.first == applied[right].name { shared = shared.dropFirst() }
            right += 1
        }
        return result
    }

    /// Where the elements of each name are.
    private struct Places {
        private let sorted: [(name: PathElement, index: Int)]

        init(_ names: [PathElement]) {
            sorted = names.enumerated().map { ($1, $0) }.sorted { left, right in
                let order = PathElement.compare(left.name, right.name)
                return order == 0 ? left.index < right.index : order < 0
            }
        }

        private func range(_ name: PathElement) -> Range<Int> {
            func bound(_ isBefore: (Int) -> Bool) -> Int {
                var (low, high) = (0, sorted.count)
                while low < high {
                    let middle = (low + high) / 2
                    if isBefore(PathElement.compare(sorted[middle].name, name)) {
                        low = middle + 1
                    } else {
                        high = middle
                    }
                }
                return low
            }
            return bound { $0 < 0 }..<bound { $0 <= 0 }
        }

        func count(of name: PathElement) -> Int { range(name).count }
        func first(_ name: PathElement) -> Int? { range(name).first.map { sorted[$0].index } }
        /// The place if it is the only one of its name.
        func only(_ name: PathElement) -> Int? { count(of: name) == 1 ? first(name) : nil }
    }
}
