internal import APIMachinery

/// The hash under which a label or a selectable field is found in the table `terms`.
///
/// FNV-1a over resource, kind, key and value, each closed by a byte that UTF-8 doesn't have. Part of the file format.
struct Term: Hashable {
    let hash: Int64

    /// What a term says something about.
    enum Subject: UInt8 {
        case label = 0x6C
        case field = 0x66
    }

    init(_ subject: Subject, resource: String, key: String, value: String) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        add(subject.rawValue)
        for text in [resource, key, value] {
            for byte in text.utf8 { add(byte) }
            add(0xFF)
        }
        self.hash = Int64(bitPattern: hash)
    }

    /// All terms of an object, each once.
    static func all(of draft: ObjectDraft) -> Set<Term> {
        var terms: Set<Term> = []
        for pair in draft.labels {
            terms.insert(Term(.label, resource: draft.resource, key: pair.key, value: pair.value))
        }
        for (key, value) in draft.fields where !value.isEmpty {
            terms.insert(Term(.field, resource: draft.resource, key: key, value: value))
        }
        return terms
    }

    /// All terms of a stored object, each once.
    static func all(of object: StoredObject) -> Set<Term> {
        var terms: Set<Term> = []
        object.packedLabels.forEach { terms.insert(Term(.label, resource: object.resource, key: $0, value: $1)) }
        object.packedFields.forEach { key, value in
            if !value.isEmpty { terms.insert(Term(.field, resource: object.resource, key: key, value: value)) }
        }
        return terms
    }
}
