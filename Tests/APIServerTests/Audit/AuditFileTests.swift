import APIMachinery
import Foundation
import NIOConcurrencyHelpers
import Testing

@testable import APIServer

/// H04: the file of audit lines and its backups.
struct AuditFileTests {
    struct Directory: ~Copyable {
        let path = NSTemporaryDirectory() + "audit-\(UUID())"
        var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
        func text(_ name: String) -> String? { try? String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) }
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    /// A time of day that the test moves.
    final class Time: Sendable {
        private let seconds = NIOLockedValueBox<Int64>(1_767_225_600)
        func advance(_ by: Int64) { seconds.withLockedValue { $0 += by } }
        var now: @Sendable () -> Timestamp {
            { [seconds] in Timestamp(seconds: seconds.withLockedValue { $0 }) ?? .earliest }
        }
    }

    func lines(_ texts: String...) -> [[UInt8]] { texts.map { Array("\($0)\n".utf8) } }

    @Test func appendsAcrossRestartsToAFileForItsOwnerOnly() throws {
        let directory = Directory()
        let path = directory.path + "/audit.log"
        for text in ["a", "b"] {
            let file = try AuditFile(path: path, rotation: .init())
            try file.write(lines(text))
            file.close()
        }
        #expect(directory.text("audit.log") == "a\nb\n")
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o600)
    }

    @Test func rotatesBetweenLines() throws {
        let directory = Directory()
        let time = Time()
        let file = try AuditFile(path: directory.path + "/audit.log", rotation: .init(size: 10), now: time.now)
        try file.write(lines("aaaa", "bbbb", "cccc", "a line that is longer than the file may be", "d"))
        #expect(directory.text("audit.log") == "d\n")
        #expect(
            directory.names == [
                "audit-2026-01-01T00-00-00.000.log", "audit-2026-01-01T00-00-00.001.log",
                "audit-2026-01-01T00-00-00.002.log", "audit.log",
            ])
        #expect(directory.text("audit-2026-01-01T00-00-00.000.log") == "aaaa\nbbbb\n")
        #expect(directory.text("audit-2026-01-01T00-00-00.001.log") == "cccc\n")
        #expect(
            directory.text("audit-2026-01-01T00-00-00.002.log") == "a line that is longer than the file may be\n")
    }

    @Test func countsWhatWasThereBefore() throws {
        let directory = Directory()
        let path = directory.path + "/audit.log"
        try AuditFile(path: path, rotation: .init(size: 10)).write(lines("12345678"))
        try AuditFile(path: path, rotation: .init(size: 10), now: Time().now).write(lines("b"))
        #expect(directory.text("audit.log") == "b\n")
        #expect(directory.names.count == 2)
    }

    @Test func keepsSoManyBackups() throws {
        let directory = Directory()
        let time = Time()
        let file = try AuditFile(
            path: directory.path + "/audit.log", rotation: .init(size: 3, backups: 2), now: time.now)
        for number in 0..<6 {
            try file.write(lines("\(number)x"))
            time.advance(1)
        }
        #expect(
            directory.names == [
                "audit-2026-01-01T00-00-04.000.log", "audit-2026-01-01T00-00-05.000.log", "audit.log",
            ])
    }

    @Test func keepsBackupsSoLongAndNothingElseIsTouched() throws {
        let directory = Directory()
        let time = Time()
        let file = try AuditFile(
            path: directory.path + "/audit.log", rotation: .init(size: 3, age: .seconds(86_400)), now: time.now)
        let others = [
            "audit-notes.log", "audit-2020-01-01T00-00-00.000.txt", "audit-2020-13-01T00-00-00.000.log", "other.log",
        ]
        for name in others { try Data().write(to: URL(fileURLWithPath: "\(directory.path)/\(name)")) }
        try file.write(lines("1x", "2x"))
        time.advance(86_401)
        try file.write(lines("3x"))
        #expect(directory.names == (["audit-2026-01-02T00-00-01.000.log", "audit.log"] + others).sorted())
    }

    @Test func followsWhoeverMovesOrRemovesTheFile() throws {
        let directory = Directory()
        let path = directory.path + "/audit.log"
        let file = try AuditFile(path: path, rotation: .init())
        try file.write(lines("a"))
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        try file.write(lines("b"))
        try FileManager.default.removeItem(atPath: path)
        try file.write(lines("c"))
        #expect(directory.text("audit.log.1") == "a\n")
        #expect(directory.text("audit.log") == "c\n")
    }

    @Test func writesToADeviceAndTellsWhatFails() throws {
        try AuditFile(path: "/dev/null", rotation: .init()).write(lines("a"))
        #expect(throws: FileError.self) { try AuditFile(path: "/dev/full", rotation: .init()).write(lines("a")) }
        #expect(throws: FileError.self) { try AuditFile(path: "/proc/nowhere/audit.log", rotation: .init()) }
        #expect(throws: FileError.self) { try AuditFile(path: "/dev", rotation: .init()) }
    }

    @Test func aNameWithoutExtensionOrDirectoryHasBackupsToo() throws {
        let time = try #require(Timestamp(rfc3339: "2026-01-02T15:04:05.678Z"))
        #expect(BackupNames("audit").path(at: time) == "./audit-2026-01-02T15-04-05.678")
        #expect(BackupNames("/audit.log").path(at: time) == "//audit-2026-01-02T15-04-05.678.log")
        #expect(BackupNames("/a.b/.audit").path(at: time) == "/a.b/.audit-2026-01-02T15-04-05.678")
    }
}
