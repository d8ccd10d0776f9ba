#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Where PEM text comes from.
public enum PEMSource: Sendable, Hashable {
    /// The text itself.
    case bytes([UInt8])
    /// A file, read again when it changes.
    case file(String)

    /// The most that is read of a file.
    static let maximumBytes = 4 << 20

    /// The file's path, if it is one.
    var path: String? {
        if case .file(let path) = self { return path }
        return nil
    }

    /// How messages name it.
    var place: String { path ?? "the given PEM text" }

    /// The text. Blocks on the file; throws `.badCertificate` if it can't be read or is larger than 4 MiB.
    func read() throws(TransportError) -> [UInt8] {
        switch self {
        case .bytes(let bytes): return bytes
        case .file(let path):
            guard let file = fopen(path, "re") else {
                throw TransportError(.badCertificate, "can't open \(path): \(String(cString: strerror(errno)))")
            }
            defer { fclose(file) }
            var bytes: [UInt8] = []
            var piece = [UInt8](repeating: 0, count: 64 << 10)
            while true {
                let count = fread(&piece, 1, piece.count, file)
                bytes += piece.prefix(count)
                guard count == piece.count else { break }
                guard bytes.count <= Self.maximumBytes else {
                    throw TransportError(.badCertificate, "\(path) is larger than \(Self.maximumBytes) bytes")
                }
            }
            guard ferror(file) == 0 else {
                throw TransportError(.badCertificate, "can't read \(path): \(String(cString: strerror(errno)))")
            }
            return bytes
        }
    }
}
