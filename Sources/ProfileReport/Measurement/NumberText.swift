#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Numbers as C's and Go's `printf` write them. The process never sets a locale, so the point is a point.
enum NumberText {
    /// `%.2f`.
    static func fixed2(_ value: Double) -> String { print("%.2f", value) }

    /// `%<width>.2f`.
    static func fixed2(_ value: Double, width: Int) -> String { pad(print("%.2f", value), width) }

    /// `%<width>.2g`.
    static func general2(_ value: Double, width: Int) -> String { pad(print("%.2g", value), width) }

    /// `%016x`.
    static func hex16(_ value: UInt64) -> String { pad(String(value, radix: 16), 16, with: "0") }

    /// `%<width>s`: blanks before, counted in code points as Go does.
    static func pad(_ text: String, _ width: Int, with filler: String = " ") -> String {
        String(repeating: filler, count: max(0, width - text.unicodeScalars.count)) + text
    }

    /// The largest double has 309 digits before the point.
    private static func print(_ format: String, _ value: Double) -> String {
        let bytes = [UInt8](unsafeUninitializedCapacity: 400) { buffer, count in
            buffer.withMemoryRebound(to: CChar.self) { characters in
                count = withVaList([value]) { arguments in
                    max(0, min(399, Int(vsnprintf(characters.baseAddress, 400, format, arguments))))
                }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
