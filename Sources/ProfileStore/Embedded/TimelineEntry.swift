internal import APIMachinery

/// Where an object stands in time: what the table `timeline` has of it beside its key.
struct TimelineEntry: Equatable {
    let service: String
    let type: String
    let moment: Timestamp

    /// Nil for an object that says no service or no moment.
    init?(_ object: StoredObject) {
        guard let service = object.packedFields["spec.service"], !service.isEmpty,
            let moment = object.object.specText("createdAt").flatMap({ Timestamp(rfc3339: $0) })
        else { return nil }
        self.service = service
        self.moment = moment
        type = object.packedFields["spec.type"] ?? ""
    }
}
