/// The version of this build.
enum Version {
    /// As `/version` and `--version` print it.
    static let text = "v0.1.0"
}
