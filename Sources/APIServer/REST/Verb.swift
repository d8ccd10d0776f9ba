/// What can be done with a resource, in Kubernetes' words.
public enum Verb: String, Sendable, Hashable, CaseIterable {
    case create, delete, deletecollection, get, list, patch, update, watch
}

extension Verb {
    /// The verbs that a storage serves, sorted: those of the protocols it conforms to, but what its description refuses.
    public static func served(by storage: any RESTStorage) -> [Verb] {
        var verbs: [Verb] = []
        if storage is any Creator { verbs.append(.create) }
        if storage is any Deleter { verbs.append(.delete) }
        if storage is any Deleter & Lister { verbs.append(.deletecollection) }
        if storage is any Getter { verbs.append(.get) }
        if storage is any Lister { verbs.append(.list) }
        if storage is any Updater { verbs += [.patch, .update] }
        if storage is any Watcher { verbs.append(.watch) }
        return verbs.filter { storage.description.refusedVerbs[$0] == nil }
    }

    /// The verbs that discovery tells of a storage: the served ones but those its description hides.
    public static func advertised(by storage: any RESTStorage) -> [Verb] {
        let hidden = storage.description.unadvertisedVerbs
        return served(by: storage).filter { !hidden.contains($0) }
    }
}
