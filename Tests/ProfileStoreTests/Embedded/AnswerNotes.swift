import Glibc

/// What a process that is about to be killed was answered, a line each: what is noted outlives it.
struct AnswerNotes: Sendable {
    private let file: Int32

    /// - Parameter path: of the store's directory.
    init(_ path: String) { file = open(path + "/answers", O_WRONLY | O_CREAT | O_APPEND, 0o600) }

    func add(_ answer: String) {
        let line = Array("\(answer)\n".utf8)
        _ = line.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    }

    /// What was noted in that directory.
    static func lines(_ path: String) -> [String] {
        let file = open(path + "/answers", O_RDONLY)
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let count = chunk.withUnsafeMutableBytes({ read(file, $0.baseAddress, $0.count) }), count > 0 {
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}

/// Kills this process when so many microseconds are over, by a thread of its own.
func killThisProcess(after microseconds: UInt32) {
    var killer = pthread_t()
    pthread_create(
        &killer, nil,
        { microseconds in
            usleep(UInt32(UInt(bitPattern: microseconds)))
            kill(getpid(), SIGKILL)
            return nil
        }, UnsafeMutableRawPointer(bitPattern: UInt(microseconds)))
}
