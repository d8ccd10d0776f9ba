/// A payload that is kept in a file of its own.
struct PayloadFile: Sendable, Equatable {
    /// The file's name, without a directory; never used twice.
    let name: String
    /// Its length.
    let bytes: Int64
}
