/// What may be wrong with a collector.
public enum FakeCollectorFault: Sendable {
    /// It takes requests and never answers.
    case hang
    /// It answers when the closure returns.
    case slow(@Sendable () async -> Void)
    /// A proxy before it answers, with a page.
    case proxy(Int)
    /// An error in profefe's envelope.
    case refuse(Int, String)
    /// 200, with these bytes.
    case garbage([UInt8])
    /// The right answer, broken off in its middle.
    case cutOff
    /// The connection is closed without an answer.
    case noAnswer

    /// What it did when a disk was full, or S3 away.
    public static let internalError = FakeCollectorFault.refuse(500, "internal server error")
}
