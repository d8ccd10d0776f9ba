public import APIMachinery
public import KubeClient

/// The pods of a cluster: asked of kube-apiserver for each capture, so that nothing of them is kept in memory.
public struct ClusterPods: PodSource {
    private let client: KubeClient
    /// How many pods one page of a list has.
    private static let pageSize = 500
    private static let deadline = Duration.seconds(10)

    /// Asks with the rights of `client`: `get` and `list` of pods.
    public init(client: KubeClient) { self.client = client }

    /// One pod.
    ///
    /// - Throws: ``CaptureError`` `clusterUnavailable` if kube-apiserver does not answer or refuses, `invalidTarget` if the pod is not what the
    ///   API promises.
    public func pod(_ key: ObjectKey) async throws(CaptureError) -> Pod? {
        let found: JSONValue
        do throws(KubeClientError) {
            found = try await client.get(
                "/api/v1/namespaces/\(key.namespace)/pods/\(key.name)", deadline: Self.deadline)
        } catch {
            guard error.status == 404 else { throw unavailable(error) }
            return nil
        }
        return try decode(found)
    }

    /// The pods of a namespace, page by page. Pods that can't be understood are left out: they are nobody's target.
    ///
    /// - Throws: ``CaptureError`` `clusterUnavailable` if kube-apiserver does not answer or refuses.
    public func pods(in namespace: String) async throws(CaptureError) -> [Pod] {
        var found: [Pod] = []
        var token = ""
        repeat {
            let page: JSONValue
            do throws(KubeClientError) {
                page = try await client.get(
                    "/api/v1/namespaces/\(namespace)/pods",
                    query: [("limit", "\(Self.pageSize)")] + (token.isEmpty ? [] : [("continue", token)]),
                    deadline: Self.deadline)
            } catch {
                throw unavailable(error)
            }
            found += (page["items"]?.arrayValue ?? []).compactMap { try? PodDecoder.pod($0, "pod") }
            token = page["metadata"]?["continue"]?.stringValue ?? ""
        } while !token.isEmpty
        return found
    }

    private func decode(_ value: JSONValue) throws(CaptureError) -> Pod {
        do throws(PodDecoder.Fault) {
            return try PodDecoder.pod(value, "pod")
        } catch {
            throw CaptureError(.invalidTarget, error.description)
        }
    }

    private func unavailable(_ error: KubeClientError) -> CaptureError {
        CaptureError(.clusterUnavailable, "kube-apiserver does not say which pods there are: \(error.message)")
    }
}
