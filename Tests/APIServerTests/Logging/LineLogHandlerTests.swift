import APIMachinery
import Logging
import NIOConcurrencyHelpers
import Testing

@testable import APIServer

struct LineLogHandlerTests {
    static func line(_ format: LogFormat, _ body: (Logger) -> Void) -> String {
        let text = NIOLockedValueBox("")
        let logger = Logger(label: "server") { label in
            LineLogHandler(
                label: label, format: format, level: .info,
                write: { bytes in text.withLockedValue { $0 += String(decoding: bytes, as: UTF8.self) } },
                now: { Timestamp(rfc3339: "2026-11-22T17:08:09.123456Z") ?? .now() })
        }
        body(logger)
        return text.withLockedValue { $0 }
    }

    @Test func writesTextAsKlogDoes() {
        let line = Self.line(.text) {
            $0.error("it \"broke\"\n", metadata: ["b": "x y", "a": "1"], file: "S/Here.swift", line: 7)
        }
        #expect(line == #"E1122 17:08:09.123456 Here.swift:7] "it \"broke\"\n" a="1" b="x y""# + "\n")
    }

    @Test func writesOneJSONObject() {
        let line = Self.line(.json) {
            $0.info("hi", metadata: ["k": "v\n", "msg": "shadow"], file: "S/Here.swift", line: 7)
        }
        #expect(
            line
                == #"{"ts":"2026-11-22T17:08:09.123456Z","level":"info","logger":"server","caller":"Here.swift:7","msg":"hi","k":"v\n"}"#
                + "\n")
    }

    @Test func heedsTheLevelAndKeepsMetadata() {
        let line = Self.line(.text) { logger in
            var logger = logger
            logger[metadataKey: "x"] = "1"
            logger.debug("hidden")
            logger.logLevel = .debug
            logger.debug("seen")
        }
        #expect(line.hasPrefix("D1122"))
        #expect(line.hasSuffix("] \"seen\" x=\"1\"\n"))
        #expect(!line.contains("hidden"))
    }

    @Test func neverWritesCredentials() {
        let line = Self.line(.text) {
            $0.info("x", metadata: ["Authorization": "Bearer abc", "token": "abc", "note": "fine"])
        }
        #expect(!line.contains("abc"))
        #expect(line.contains(#"note="fine""#))
    }
}
