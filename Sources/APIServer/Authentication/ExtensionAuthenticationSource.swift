public import APIMachinery
public import KubeClient
public import Logging
internal import NIOConcurrencyHelpers

/// Keeps what the ConfigMap `kube-system/extension-apiserver-authentication` last said that could be used.
///
/// Filled by a `Reflector`. A ConfigMap that is wrong anywhere, or gone, is logged once with what to do, and the last good one stays in
/// force; each good one replaces the former as a whole, at once and without a restart, which is how CAs rotate.
public final class ExtensionAuthenticationSource: ObjectSink {
    /// What becomes of the objects of the watch.
    public typealias Element = KubeConfigMap

    static let namespace = "kube-system"
    static let name = "extension-apiserver-authentication"

    private struct State {
        var current: ExtensionAuthentication?
        /// What was last read, good or not: the same again changes nothing.
        var data: [String: String]?
        /// Why nothing better than ``current`` is known.
        var problem = "it has not been read yet"
    }
    private let state = NIOLockedValueBox(State())
    private let logger: Logger

    /// Knows nothing yet.
    public init(logger: Logger) { self.logger = logger }

    /// As it last was good; nil before.
    public var current: ExtensionAuthentication? { state.withLockedValue { $0.current } }

    /// `/readyz` fails until it was read: kube-apiserver's requests could not be told from anybody's.
    public var check: HealthCheck {
        HealthCheck("requestheader-config", in: .readyz) { [self] in
            let state = state.withLockedValue { $0 }
            guard state.current == nil else { return }
            throw HealthFailure("ConfigMap \(Self.namespace)/\(Self.name): \(state.problem)")
        }
    }

    // MARK: the reflector's side

    /// A list came.
    public func replace(_ objects: [(key: ObjectKey, element: KubeConfigMap)]) {
        guard let object = objects.first(where: { $0.element.name == Self.name }) else {
            return missing(
                "does not exist: kube-apiserver makes it when it is started with --requestheader-client-ca-file")
        }
        take(object.element.data)
    }

    /// It is there or has changed.
    public func set(_ key: ObjectKey, _ element: KubeConfigMap) {
        if element.name == Self.name { take(element.data) }
    }

    /// It is gone.
    public func remove(_ key: ObjectKey) {
        if key.name == Self.name { missing("was deleted; kube-apiserver makes it again when it restarts") }
    }

    /// Nothing to do.
    public func touch() {}

    /// It can't be read.
    public func failed(_ error: KubeClientError) {
        let isForbidden = error.code == .refused && error.status == 403
        let fix =
            isForbidden
            ? ". Usually fixed by: kubectl create rolebinding -n \(Self.namespace) profefe-apiserver:authentication-reader "
                + "--role=extension-apiserver-authentication-reader --serviceaccount=NAMESPACE:SERVICEACCOUNT" : ""
        let isNews = state.withLockedValue { state in
            defer { state.problem = "it can't be read: \(error)\(fix)" }
            return state.problem != "it can't be read: \(error)\(fix)"
        }
        guard isNews, isForbidden else { return }
        logger.error(
            "the ConfigMap \(Self.namespace)/\(Self.name) can't be read, so that requests of kube-apiserver are not recognised\(fix)",
            metadata: ["error": "\(error)"])
    }

    private func missing(_ what: String) {
        let isNews = state.withLockedValue { state in
            defer {
                state.problem = "it \(what)"
                state.data = nil
            }
            return state.problem != "it \(what)"
        }
        guard isNews else { return }
        logger.error("the ConfigMap \(Self.namespace)/\(Self.name) \(what)", metadata: stays)
    }

    private func take(_ data: [String: String]) {
        guard state.withLockedValue({ $0.data != data }) else { return }
        do throws(RequestHeaderFault) {
            let new = try ExtensionAuthentication(data)
            let isFirst = state.withLockedValue { state in
                defer { state = State(current: new, data: data, problem: "") }
                return state.current == nil
            }
            tell(new, isFirst ? "read" : "read again")
        } catch {
            state.withLockedValue { state in
                state.data = data
                state.problem = "it is not usable: \(error)"
            }
            var metadata = stays
            metadata["error"] = "\(error)"
            logger.error("the ConfigMap \(Self.namespace)/\(Self.name) is not usable", metadata: metadata)
        }
    }

    private func tell(_ new: ExtensionAuthentication, _ what: String) {
        logger.notice(
            "the ConfigMap \(Self.namespace)/\(Self.name) was \(what)",
            metadata: [
                "clientCertificates": "\(new.clientAuthorities != nil)", "frontProxy": "\(new.requestHeader != nil)",
            ])
        if let proxy = new.requestHeader, proxy.allowedNames.isEmpty {
            logger.warning(
                "the front proxy may have any name: \(ExtensionAuthentication.allowedNamesKey) is empty, so that whoever has a certificate of its CA can claim to be anybody"
            )
        }
    }

    private var stays: Logger.Metadata {
        ["inForce": "\(current == nil ? "nothing: /readyz fails" : "what was read before")"]
    }
}
