public import APIMachinery

/// Says whether somebody may do something.
public protocol Authorizer: Sendable {
    /// The verdict; never throws: what can't be decided is ``Decision/failed(_:)``.
    func authorize(_ attributes: Attributes) async -> Decision

    /// The same verdict without waiting; nil if it has to be waited for.
    ///
    /// Called on the event loop for every request, before ``authorize(_:)``: it may look into memory, nothing else.
    func decideAtOnce(_ attributes: Attributes) -> Decision?

    /// The same verdict, and what it rests on; nil if nobody can say for how long it will be so.
    func lasting(_ attributes: Attributes) -> Lasting<Decision>?
}

extension Authorizer {
    /// Nobody can say for how long.
    public func lasting(_ attributes: Attributes) -> Lasting<Decision>? { nil }

    /// Has to be waited for.
    public func decideAtOnce(_ attributes: Attributes) -> Decision? { nil }
}

/// An authorizer that never waits.
public protocol ImmediateAuthorizer: Authorizer {
    /// The verdict.
    func decide(_ attributes: Attributes) -> Decision
}

extension ImmediateAuthorizer {
    /// Says it at once.
    public func authorize(_ attributes: Attributes) async -> Decision { decide(attributes) }

    /// Always a verdict.
    public func decideAtOnce(_ attributes: Attributes) -> Decision? { decide(attributes) }
}

/// A verdict of an ``Authorizer``. Only ``allow(reason:)`` lets a request through.
public enum Decision: Sendable {
    /// It may; nobody else is asked.
    case allow(reason: String)
    /// It may not; nobody else is asked.
    case deny(reason: String)
    /// This authorizer doesn't allow it; the next is asked. From the last: 403.
    case noOpinion(reason: String)
    /// It couldn't be decided. Answered by a 500, never by data.
    case failed(any Error)

    /// Whether the request may go on.
    public var isAllowed: Bool {
        if case .allow = self { true } else { false }
    }
}

/// Who wants to do what: the question to an ``Authorizer`` (conformance 3.3).
public struct Attributes: Sendable {
    /// Who.
    public var user: UserInfo
    /// `get list watch create …`, or a lower-case method on a path.
    public var verb: String
    /// Empty at cluster scope.
    public var namespace: String
    /// The API group.
    public var group: String
    /// The API version.
    public var version: String
    /// The plural name of the resource.
    public var resource: String
    /// The subresource.
    public var subresource: String
    /// The object's name; empty for collections.
    public var name: String
    /// Whether it is about a resource; else about ``path``.
    public var isResourceRequest: Bool
    /// The decoded path.
    public var path: String
    /// Selectors as sent, for list, watch and deletecollection.
    public var labelSelectorText: String
    /// Selectors as sent, for list, watch and deletecollection.
    public var fieldSelectorText: String

    /// A question that the server puts for a user, about an object that no request named.
    public init(
        user: UserInfo, verb: String, group: String, version: String, resource: String, subresource: String = "",
        namespace: String, name: String
    ) {
        self.user = user
        self.verb = verb
        self.namespace = namespace
        self.group = group
        self.version = version
        self.resource = resource
        self.subresource = subresource
        self.name = name
        isResourceRequest = true
        path = ""
        labelSelectorText = ""
        fieldSelectorText = ""
    }

    /// The question a request puts.
    public init(user: UserInfo, info: RequestInfo) {
        self.user = user
        verb = info.verb
        namespace = info.namespace
        group = info.group
        version = info.version
        resource = info.resource
        subresource = info.subresource
        name = info.name
        isResourceRequest = info.isResourceRequest
        path = info.path
        labelSelectorText = info.labelSelectorText
        fieldSelectorText = info.fieldSelectorText
    }
}
