import TestSupport
import Testing

extension Tool {
    /// What a skipped test says.
    var absence: Comment { "\(name) is not on the PATH: skipped" }
}
