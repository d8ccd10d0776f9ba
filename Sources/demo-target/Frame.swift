/// A place in this program: a function, and the line where it does its work.
struct Frame: Hashable, Sendable {
    let function: String
    let file: String
    let line: Int

    /// The place of the call, under the name that a profile shall show.
    init(_ function: String, file: String = #fileID, line: Int = #line) {
        self.function = function
        self.file = file
        self.line = line
    }
}

/// What a worker is doing, outermost call first; as a profile's key it says where something happened.
typealias Stack = [Frame]
