public import APIMachinery

/// A last word on new objects, after they were found to be allowed and valid (conformance 12).
///
/// kube-apiserver's own admission doesn't run for aggregated resources: no webhook, no ValidatingAdmissionPolicy, no quota of its
/// applies to them. What must hold nevertheless is written as one of these. Reading, changing and deleting objects is always
/// admitted, so that finalizers can be removed.
public protocol Admission: Sendable {
    /// Lets the object come into being, or throws what it is answered with.
    ///
    /// - Returns: what was set aside for the object until its creation has ended, well or not; nil for nothing.
    func admit(_ attributes: AdmissionAttributes) async throws(StatusError) -> AdmissionHold?
}

/// A new object, as far as admission looks at it.
public struct AdmissionAttributes: Sendable {
    /// For whom it is made.
    public var user: UserInfo
    /// Of what kind it is.
    public var resource: GroupResource
    /// Where it will be; empty at cluster scope.
    public var namespace: String
    /// Its name, or how its name will begin; empty if the server chooses it.
    public var name: String
    /// Nothing will be kept.
    public var isDryRun: Bool

    /// Attributes of their parts.
    public init(user: UserInfo, resource: GroupResource, namespace: String, name: String, isDryRun: Bool = false) {
        self.user = user
        self.resource = resource
        self.namespace = namespace
        self.name = name
        self.isDryRun = isDryRun
    }

    /// 403 as Kubernetes' admission words it.
    func forbidden(_ why: String, causes: [StatusCause] = []) -> StatusError {
        .forbidden(resource, name: name.isEmpty ? "Unknown" : name, why, causes: causes)
    }
}

/// Something set aside for an object that is being created.
public struct AdmissionHold: Sendable {
    private let giveBack: @Sendable () -> Void

    /// `giveBack` is called once, when the creation has ended.
    public init(_ giveBack: @escaping @Sendable () -> Void) { self.giveBack = giveBack }

    func end() { giveBack() }
}
