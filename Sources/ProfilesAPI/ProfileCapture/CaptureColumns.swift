internal import APIMachinery

/// The Table columns of captures (`api.md` 4); ``CaptureDocument`` makes the cells in this order.
enum CaptureColumns {
    static let all: [TableColumn] = [
        .name,
        TableColumn(name: "Status", description: "Pending, Running, Succeeded, Failed or Cancelled."),
        TableColumn(name: "Types", description: "The kinds of profile asked for."),
        TableColumn(name: "Pods", description: "Pods profiled completely, of those chosen."),
        TableColumn(name: "Profiles", description: "Profiles stored."),
        TableColumn(name: "Duration", description: "How long cpu and trace are taken."),
        .age,
        TableColumn(name: "Target", description: "The pod, or that a selector chooses them.", priority: 1),
        TableColumn(name: "Requested-By", description: "Who created the capture.", priority: 1),
        TableColumn(name: "Message", description: "Why there is less than was asked for.", priority: 1),
    ]
}
