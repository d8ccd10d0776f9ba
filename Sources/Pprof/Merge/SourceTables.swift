/// Where the rows of the profile that is being added went, filled as they are needed.
struct SourceTables {
    static let unmapped = UInt32.max

    var strings: [UInt32]
    var functions: [UInt32]
    var locations: [UInt32]
    var mappings: [MergedMapping?]

    init(_ profile: ValidatedProfile) {
        strings = [UInt32](repeating: Self.unmapped, count: profile.strings.count)
        functions = [UInt32](repeating: Self.unmapped, count: profile.functions.count)
        locations = [UInt32](repeating: Self.unmapped, count: profile.locations.count)
        mappings = [MergedMapping?](repeating: nil, count: profile.mappings.count)
    }
}

/// A mapping of the merge, and what to add to the addresses of the source to be addresses in it.
struct MergedMapping {
    let index: MappingIndex
    let offset: UInt64

    static let none = MergedMapping(index: .none, offset: 0)
}
