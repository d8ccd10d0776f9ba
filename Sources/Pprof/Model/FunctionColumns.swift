/// `Profile.function` as columns.
public struct FunctionColumns: Sendable {
    /// `Function.id`, unique and not 0, in the order of the message.
    public internal(set) var ids: [UInt64] = []
    /// `Function.name`, for people.
    public internal(set) var names: [StringIndex] = []
    /// `Function.system_name`, as the system has it, e.g. mangled.
    public internal(set) var systemNames: [StringIndex] = []
    /// `Function.filename`.
    public internal(set) var filenames: [StringIndex] = []
    /// `Function.start_line`; 0 if unknown.
    public internal(set) var startLines: [Int64] = []

    /// Number of functions.
    public var count: Int { ids.count }
}
