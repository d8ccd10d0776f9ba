internal import APIMachinery

/// The Table columns of profiles (`api.md` 3); ``ProfileRecord`` makes the cells in this order.
enum ProfileColumns {
    static let all: [TableColumn] = [
        .name,
        TableColumn(name: "Service", description: "The service that the profile belongs to."),
        TableColumn(
            name: "Type", description: "cpu, heap, allocs, block, mutex, goroutine, threadcreate, trace or other."),
        TableColumn(name: "Pod", description: "The profiled pod."),
        TableColumn(name: "Duration", description: "How long was profiled, as the profile says."),
        TableColumn(name: "Size", description: "Bytes as received."),
        .age,
        TableColumn(name: "Container", description: "The profiled container.", priority: 1),
        TableColumn(name: "Node", description: "The node that the pod ran on.", priority: 1),
        TableColumn(name: "Total", description: "Sum of the default sample type over all samples.", priority: 1),
        TableColumn(name: "Source", description: "How the profile came in: a capture or an upload.", priority: 1),
    ]
}
