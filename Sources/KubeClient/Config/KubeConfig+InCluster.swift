import HTTPTransport

extension KubeConfig {
    /// Where the kubelet puts the identity of a pod.
    public static let serviceAccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount"

    /// The identity of the pod that the program runs in: the ServiceAccount's token and CA, which are read again as they rotate.
    ///
    /// Reads the namespace's file: never on an event loop.
    ///
    /// - Parameters:
    ///   - environment: has `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT` in a pod.
    ///   - directory: has `token`, `ca.crt` and `namespace`.
    /// - Throws: `.configuration`, naming what is missing.
    public static func inCluster(
        environment: [String: String], directory: String = serviceAccountDirectory
    ) throws(KubeClientError) -> KubeConfig {
        let variables = "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT"
        guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
            let portText = environment["KUBERNETES_SERVICE_PORT"], !portText.isEmpty
        else {
            throw KubeClientError(
                .configuration, "\(variables) are not set: this is no pod of a cluster; name a kubeconfig instead")
        }
        guard let port = KubeEndpoint.port(portText) else {
            throw KubeClientError(
                .configuration, "KUBERNETES_SERVICE_PORT is \(portText.debugDescription), not a port of 1 to 65535")
        }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]") && host.utf8.count > 2
        let namespace: String
        switch RotatingFile.contents(of: "\(directory)/namespace") {
        case .success(let bytes): namespace = String(decoding: bytes, as: UTF8.self).trimmed
        case .failure(let fault):
            throw KubeClientError(
                .configuration,
                "\(directory)/namespace: \(fault.what); has the pod automountServiceAccountToken: false?")
        }
        return KubeConfig(
            server: KubeEndpoint(host: isBracketed ? String(host.dropFirst().dropLast()) : host, port: port),
            namespace: namespace, tls: KubeTLS(authority: .file("\(directory)/ca.crt")),
            credential: .tokenFile("\(directory)/token"), origin: "the pod's ServiceAccount")
    }
}

extension String {
    /// Without whitespace at both ends.
    var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
