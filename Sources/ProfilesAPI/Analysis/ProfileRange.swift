internal import APIMachinery
internal import ProfileStore

/// Which profiles a merge is asked for (`api.md` 6).
///
/// | parameter | meaning |
/// |---|---|
/// | `type` | required; all but trace |
/// | `from`, `to` | RFC 3339, or `-1h` before now; default the last hour; both ends count |
/// | `labelSelector` | as in a list |
/// | `maxProfiles` | default 250 |
/// | `sample` | `even` (default) or `newest`: which ones, where more match |
/// | `strict` | 504 instead of a part, where there is no time for all |
struct ProfileRange: Sendable {
    let type: ProfileType
    let from: Timestamp
    let to: Timestamp
    let labelSelector: LabelSelector
    let maxProfiles: Int
    let sample: Sample
    let isStrict: Bool

    /// Which of too many profiles count.
    enum Sample: String, CaseIterable, Sendable {
        case even, newest
    }

    /// - Parameter prefix: what stands before `from`, `to` and `labelSelector`: `base.` for the base of a difference.
    init(
        _ query: AnalysisQuery, now: Timestamp, limits: AnalysisLimits, type fixed: ProfileType? = nil,
        prefix: String = ""
    ) throws(StatusError) {
        if let fixed { type = fixed } else { type = try Self.type(query) }
        from = try Self.time(query, prefix + "from", now) ?? now.adding(.seconds(-3600))
        to = try Self.time(query, prefix + "to", now) ?? now
        guard !(to < from) else {
            throw query.invalid(prefix + "from", query.text(prefix + "from") ?? "", "must not be after \(prefix)to")
        }
        do throws(SelectorError) {
            labelSelector = try LabelSelector(parsing: query.text(prefix + "labelSelector") ?? "")
        } catch {
            throw query.invalid(prefix + "labelSelector", query.text(prefix + "labelSelector") ?? "", "\(error)")
        }
        maxProfiles = try query.integer("maxProfiles", 1...limits.mostProfiles) ?? min(250, limits.mostProfiles)
        sample = try query.choice("sample", Sample.allCases) ?? .even
        isStrict = try query.flag("strict")
    }

    private static func type(_ query: AnalysisQuery) throws(StatusError) -> ProfileType {
        let known = ProfileType.allCases.filter { $0 != .trace }.map(\.rawValue).joined(separator: ", ")
        guard let text = query.text("type") else {
            throw .badRequest("\(FieldError.required(FieldPath("type"), "one of \(known)"))")
        }
        guard let type = ProfileType(rawValue: text), type != .trace else {
            let isTrace = text == ProfileType.trace.rawValue
            throw query.invalid(
                "type", text, isTrace ? "a trace has no samples to merge; use \(known)" : "must be one of \(known)")
        }
        return type
    }

    private static func time(_ query: AnalysisQuery, _ name: String, _ now: Timestamp) throws(StatusError) -> Timestamp?
    {
        guard let text = query.text(name) else { return nil }
        if text.hasPrefix("-"), let back = Duration(goDuration: String(text.dropFirst())) {
            return now.adding(.zero - back)
        }
        guard let time = Timestamp(rfc3339: text) else {
            throw query.invalid(name, text, "must be a time as 2026-11-22T08:00:00Z, or a span before now as -1h")
        }
        return time
    }

    /// The label selector with the bounds of the time where an index can use them. Profiles of before 1970 have no such label.
    var boundedSelector: LabelSelector {
        let label = ProfileLabels.ownPrefix + "created-at"
        guard from.seconds > 0, to.seconds < .max,
            let above = try? Requirement(label, .greaterThan, [String(from.seconds - 1)]),
            let below = try? Requirement(label, .lessThan, [String(to.seconds + 1)])
        else { return labelSelector }
        return LabelSelector(labelSelector.requirements + [above, below])
    }

    /// Whether a profile of that second counts; objects know whole seconds.
    func contains(second: Int64) -> Bool { second >= from.seconds && second <= to.seconds }
}
