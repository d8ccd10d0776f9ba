public import Pprof

/// What a report is of and how much of it is shown; the meaning and the defaults of `go tool pprof`'s options.
public struct ReportOptions: Sendable {
    /// A sample type by name (`inuse_space`) or number from 0; nil for the profile's default.
    public var sampleIndex: String?
    /// Which samples and frames count.
    public var filter = FrameFilter()
    /// The filter's texts as given, for the header: `focus=main`.
    public var activeFilters: [String] = []
    /// What counts as one place.
    public var granularity = Granularity.functions
    /// How rows of top are ordered.
    public var order = Order.flat
    /// Most nodes of top or graph; 0 for no limit.
    public var nodeCount = 0
    /// Nodes whose cumulative value is below this part of the total are left out of top and graph.
    public var nodeFraction = 0.005
    /// Edges whose value is below this part of the total are left out of the graph.
    public var edgeFraction = 0.001
    /// Most frames of a flame graph; what is cut is shown as such.
    public var maxNodes = 8192
    /// Most bytes of a text form; above it the report is refused.
    public var maxBytes = 64 << 20
    /// Most memory of the tree of all stacks, in bytes, about; above it the report is refused.
    public var treeBytes = 384 << 20
    /// How much work the regular expressions may make.
    public var budget = MatchBudget()

    /// By which value rows are ordered, the largest first.
    public enum Order: String, Sendable, CaseIterable {
        /// By what a function does itself.
        case flat
        /// By what it does with all that it calls.
        case cum
    }

    /// The defaults, to be changed field by field.
    public init() {}
}
