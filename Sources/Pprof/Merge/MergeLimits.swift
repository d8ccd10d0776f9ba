/// What a merge takes at most; the result would be refused by `ProfileDecoder` too.
public struct MergeLimits: Sendable, Equatable {
    /// Memory of the result's columns, text and tables in bytes. Default 512 MiB.
    public var bytes = 512 << 20
    /// Samples of the result, which are different stacks or labels. Default 4 Mi.
    public var samples = 4 << 20

    /// The defaults, to be changed field by field.
    public init() {}
}
