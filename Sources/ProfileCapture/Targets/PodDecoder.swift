internal import APIMachinery
internal import NIOCore

/// Reads a pod: the fields that ``Pod`` has, nothing else.
///
/// Refused: a missing name, ports outside 1 to 65535, a `podIP` that is no IP address, labels and annotations that are no texts
/// (`profefe.com/port: 6060` without quotes).
enum PodDecoder {
    /// The pod of one object.
    ///
    /// - Parameter place: where it stands, for messages.
    static func pod(_ value: JSONValue, _ place: String) throws(Fault) -> Pod {
        let metadata = value["metadata"]
        guard let name = metadata?["name"]?.stringValue, !name.isEmpty else {
            throw Fault("\(place): metadata.name is missing")
        }
        let status = value["status"]
        let phase = status?["phase"]?.stringValue ?? "Running"
        let conditions = status?["conditions"]?.arrayValue ?? []
        let ready = conditions.first { $0["type"]?.stringValue == "Ready" }?["status"]?.stringValue ?? "True"
        let labels = try strings(metadata?["labels"], "\(place): metadata.labels")
        let address = status?["podIP"]?.stringValue
        if let address, (try? SocketAddress(ipAddress: address, port: 0)) == nil {
            throw Fault("\(place): status.podIP: \"\(address.prefix(80))\" is no IP address")
        }
        return Pod(
            key: ObjectKey(namespace: metadata?["namespace"]?.stringValue ?? "default", name: name),
            uid: metadata?["uid"]?.stringValue ?? "",
            labels: Labels(labels.map { ($0.key, $0.value) }),
            annotations: try strings(metadata?["annotations"], "\(place): metadata.annotations"),
            nodeName: value["spec"]?["nodeName"]?.stringValue ?? "",
            address: address,
            containers: try containers(value["spec"]?["containers"]?.arrayValue ?? [], place),
            isRunning: phase == "Running" && metadata?["deletionTimestamp"] == nil,
            isReady: ready == "True",
            workload: workload(metadata?["ownerReferences"]?.arrayValue ?? [], labels))
    }

    private static func containers(_ values: [JSONValue], _ place: String) throws(Fault) -> [Pod.Container] {
        try values.enumerated().map { index, value throws(Fault) in
            let ports = try (value["ports"]?.arrayValue ?? []).map { port throws(Fault) -> Pod.Port in
                guard let number = port["containerPort"]?.integerValue, (1...65535).contains(number) else {
                    throw Fault("\(place): spec.containers[\(index)].ports: containerPort must be from 1 to 65535")
                }
                return Pod.Port(name: port["name"]?.stringValue ?? "", number: Int(number))
            }
            return Pod.Container(name: value["name"]?.stringValue ?? "", ports: ports)
        }
    }

    /// The controller of the pod; a ReplicaSet stands for its Deployment, whose name is the ReplicaSet's without the hash.
    private static func workload(_ owners: [JSONValue], _ labels: [String: String]) -> Pod.Workload? {
        guard let owner = owners.first(where: { $0["controller"]?.boolValue == true }),
            let kind = owner["kind"]?.stringValue, let name = owner["name"]?.stringValue
        else { return nil }
        if kind == "ReplicaSet", let hash = labels["pod-template-hash"], name.hasSuffix("-\(hash)") {
            return Pod.Workload(kind: "Deployment", name: String(name.dropLast(hash.count + 1)))
        }
        return Pod.Workload(kind: kind, name: name)
    }

    private static func strings(_ value: JSONValue?, _ place: String) throws(Fault) -> [String: String] {
        var result: [String: String] = [:]
        for (key, value) in value?.objectValue ?? JSONObject([]) {
            guard let text = value.stringValue else { throw Fault("\(place)[\(key)] is no text: put it in quotes") }
            result[key] = text
        }
        return result
    }

    /// What is wrong, with its place.
    struct Fault: Error, CustomStringConvertible {
        var description: String
        init(_ description: String) { self.description = description }
    }
}
