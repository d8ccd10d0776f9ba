/// The options of list, watch and deletecollection, checked (conformance 8.2, 8.3).
public struct ListOptions: Sendable {
    /// How `resourceVersion` is meant.
    public enum VersionMatch: String, Sendable, Hashable {
        case exact = "Exact"
        case notOlderThan = "NotOlderThan"
    }

    /// What state a list must show: the matrix of conformance 8.2.
    public enum VersionDemand: Sendable, Hashable {
        /// The latest.
        case mostRecent
        /// Any; the latest will do.
        case any
        /// The given one or a later; a future one is waited for, then refused (504).
        case notOlderThan(ResourceVersion)
        /// Exactly the given one; 410 when it is no longer kept.
        case exactly(ResourceVersion)
    }

    /// Conditions on labels.
    public var labelSelector = LabelSelector.everything
    /// Conditions on fields; which fields there are is the resource's matter (`FieldSelector.check`).
    public var fieldSelector = FieldSelector.everything
    /// The most items of one page; 0 is everything.
    public var limit = 0
    /// Where the page begins.
    public var continueToken: ContinueToken?
    /// `resourceVersion`, if given and not empty.
    public var resourceVersion: ResourceVersion?
    /// How it is meant, if said.
    public var resourceVersionMatch: VersionMatch?
    /// Whether this is a watch.
    public var watch = false
    /// Whether the watch may send bookmarks.
    public var allowWatchBookmarks = false
    /// Whether the watch begins with the present state; nil if not said.
    public var sendInitialEvents: Bool?
    /// When the watch ends, in seconds; nil if not said or not positive.
    public var timeoutSeconds: Int?

    /// The defaults: the latest state of everything.
    public init() {}

    /// Reads and checks the options of a request.
    ///
    /// - Parameter watchList: whether watches with `sendInitialEvents` are served; if not they are refused, as they
    ///   must never be ignored.
    /// - Throws: 400 for what can't be read, 422 for what may not be combined.
    public init(query: QueryItems, watchList: Bool = true) throws(StatusError) {
        do {
            labelSelector = try LabelSelector(parsing: query["labelSelector"] ?? "")
            fieldSelector = try FieldSelector(parsing: query["fieldSelector"] ?? "")
        } catch {
            throw error.statusError
        }
        watch = query.flag("watch") ?? false
        allowWatchBookmarks = query.flag("allowWatchBookmarks") ?? false
        sendInitialEvents = query.flag("sendInitialEvents")
        limit = max(0, try query.integer("limit").flatMap { Int(exactly: $0) } ?? 0)
        if let seconds = try query.integer("timeoutSeconds").flatMap({ Int(exactly: $0) }), seconds > 0 {
            timeoutSeconds = seconds
        }
        let version = query["resourceVersion"] ?? ""
        let token = query["continue"] ?? ""
        try check(
            match: query["resourceVersionMatch"] ?? "", version: version, continues: !token.isEmpty,
            watchList: watchList)
        resourceVersionMatch = query["resourceVersionMatch"].flatMap(VersionMatch.init)
        resourceVersion = try ResourceVersion(parameter: version)
        guard !watch, !token.isEmpty else { return }
        if let resourceVersion, resourceVersion.rawValue != 0 {
            throw .badRequest("specifying resource version is not allowed when using continue")
        }
        continueToken = try ContinueToken(parsing: token)
    }

    /// What state a list must show.
    public var versionDemand: VersionDemand {
        if let continueToken { return continueToken.snapshot.map { .exactly($0) } ?? .mostRecent }
        guard let resourceVersion else { return .mostRecent }
        if resourceVersion.rawValue == 0 { return .any }
        switch resourceVersionMatch {
        case .exact: return .exactly(resourceVersion)
        case .notOlderThan: return .notOlderThan(resourceVersion)
        case nil: return limit > 0 ? .exactly(resourceVersion) : .notOlderThan(resourceVersion)
        }
    }

    private func check(match: String, version: String, continues: Bool, watchList: Bool) throws(StatusError) {
        let errors =
            watch
            ? watchErrors(match: match, continues: continues, watchList: watchList)
            : listErrors(match: match, version: version, continues: continues)
        try OptionsKind.list.check(errors)
    }

    private static let matchPath = FieldPath("resourceVersionMatch")
    private static let initialPath = FieldPath("sendInitialEvents")
    private static let whileContinuing = FieldError.forbidden(
        matchPath, "resourceVersionMatch is forbidden when continue is provided")

    private func listErrors(match: String, version: String, continues: Bool) -> FieldErrorList {
        var errors = FieldErrorList()
        if !match.isEmpty {
            let path = Self.matchPath
            if version.isEmpty {
                errors.append(
                    .forbidden(path, "resourceVersionMatch is forbidden unless resourceVersion is provided"))
            }
            if continues { errors.append(Self.whileContinuing) }
            if VersionMatch(rawValue: match) == nil {
                errors.append(.notSupported(path, .text(match), supported: ["Exact", "NotOlderThan", ""]))
            }
            if match == VersionMatch.exact.rawValue, version == "0" {
                errors.append(
                    .forbidden(path, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""))
            }
        }
        if sendInitialEvents != nil {
            errors.append(.forbidden(Self.initialPath, "sendInitialEvents is forbidden for list"))
        }
        return errors
    }

    private func watchErrors(match: String, continues: Bool, watchList: Bool) -> FieldErrorList {
        let notOlderThan = VersionMatch.notOlderThan.rawValue
        var errors = FieldErrorList()
        if sendInitialEvents != nil {
            if match != notOlderThan {
                errors.append(
                    .forbidden(
                        Self.matchPath, "sendInitialEvents requires setting resourceVersionMatch to \(notOlderThan)"))
            }
            if !watchList {
                errors.append(
                    .forbidden(
                        Self.initialPath,
                        "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled"))
            }
        }
        guard !match.isEmpty else { return errors }
        if sendInitialEvents == nil {
            errors.append(
                .forbidden(
                    Self.matchPath,
                    "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"))
        }
        if match != notOlderThan {
            errors.append(.notSupported(Self.matchPath, .text(match), supported: [notOlderThan]))
        }
        if continues { errors.append(Self.whileContinuing) }
        return errors
    }
}

extension ResourceVersion {
    /// Reads the `resourceVersion` of a request; nil if it is empty.
    ///
    /// - Throws: 400 when it is no version.
    public init?(parameter text: String) throws(StatusError) {
        if text.isEmpty { return nil }
        guard let version = ResourceVersion(text) else {
            let isTooLarge =
                text.utf8.count >= 20 && text.utf8.first != UInt8(ascii: "0") && text.utf8.allSatisfy(\.isDigit)
            let fault = isTooLarge ? "value out of range" : "invalid syntax"
            throw .badRequest("invalid resource version: strconv.ParseUint: parsing \(text.quoted): \(fault)")
        }
        self = version
    }
}

extension QueryItems {
    /// An integer parameter; nil if it is missing or empty.
    ///
    /// - Throws: 400 with the text of Go's `strconv.ParseInt`.
    public func integer(_ name: String) throws(StatusError) -> Int64? {
        guard let text = self[name], !text.isEmpty else { return nil }
        if let value = Int64(goInteger: text) { return value }
        let digits = text.utf8.first.map { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") } ?? false
        let isNumber = text.utf8.count > (digits ? 1 : 0) && text.utf8.dropFirst(digits ? 1 : 0).allSatisfy(\.isDigit)
        let fault = isNumber ? "value out of range" : "invalid syntax"
        throw .badRequest("strconv.ParseInt: parsing \(text.quoted): \(fault)")
    }
}
