import Foundation
import NIOConcurrencyHelpers

/// An outside judge: a program run with arguments, its output taken whole.
struct Tool {
    let path: String

    /// The program, if it is installed.
    init?(_ name: String) {
        guard
            let path = ["/usr/bin/", "/usr/local/bin/", "/bin/"].map({ $0 + name }).first(
                where: FileManager.default.isExecutableFile)
        else { return nil }
        self.path = path
    }

    static func isPresent(_ name: String) -> Bool { Tool(name) != nil }

    /// Runs it to its end; output and errors in one text.
    func run(_ arguments: [String], input: String = "") async throws -> (status: Int32, text: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        let output = Pipe()
        let inputPipe = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = inputPipe
        return try await withCheckedThrowingContinuation { continuation in
            do {
                try process.run()
                inputPipe.fileHandleForWriting.write(Data(input.utf8))
                try inputPipe.fileHandleForWriting.close()
            } catch {
                return continuation.resume(throwing: error)
            }
            // Blocks for as long as the program runs: on a thread of its own.
            Thread.detachNewThread {
                let data = output.fileHandleForReading.readDataToEndOfFile()
                process.waitUntilExit()
                continuation.resume(returning: (process.terminationStatus, String(decoding: data, as: UTF8.self)))
            }
        }
    }
}
