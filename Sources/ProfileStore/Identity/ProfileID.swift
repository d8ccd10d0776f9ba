internal import NIOConcurrencyHelpers

/// The names of profiles: xids as profefe makes them (`github.com/rs/xid`), which sort by the second they were made.
///
/// 12 bytes, big-endian: 4 of unix seconds, 3 of the machine, 2 of the process, 3 of a counter; written as 20 characters
/// of base32hex in lower case (`0-9a-v`), first bit first, the four bits too many zero.
public enum ProfileID {
    /// The length of the text.
    public static let length = 20

    /// Process-wide because the layout tells makers apart by process only: two counters would collide.
    private static let source = ProfileIDSource()

    /// A new id for the second given, the present one by default. Ids of one process differ for 16 million calls a second.
    public static func make(at unixSeconds: Int64? = nil) -> String {
        source.make(at: unixSeconds ?? SystemTime.unixSeconds())
    }

    /// Whether the text is an id.
    ///
    /// Accepted: `dc1b4db8di1926omun9g`, `00000000000000000000`. Refused: other lengths, upper case, `w`-`z`, a last
    /// character other than `0` and `g` (its four low bits must be zero).
    public static func isValid(_ text: String) -> Bool {
        decode(text) != nil
    }

    /// The unix seconds at which an id was made; nil if the text is none.
    public static func time(of text: String) -> Int64? {
        decode(text).map { $0.prefix(4).reduce(0) { $0 << 8 | Int64($1) } }
    }

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var pending: UInt32 = 0
        var bits: UInt32 = 0
        for byte in bytes {
            pending = (pending << 8 | UInt32(byte)) & 0xFFFF
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(digit(pending >> bits))
            }
        }
        if bits > 0 { text.append(digit(pending << (5 - bits))) }
        return String(decoding: text, as: UTF8.self)
    }

    static func decode(_ text: String) -> [UInt8]? {
        guard text.utf8.count == length else { return nil }
        var bytes: [UInt8] = []
        var pending: UInt32 = 0
        var bits: UInt32 = 0
        for character in text.utf8 {
            guard let value = value(of: character) else { return nil }
            pending = (pending << 5 | value) & 0xFFFF
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: pending >> bits))
            }
        }
        let leftover = pending & (1 << bits - 1)
        return leftover == 0 ? bytes : nil
    }

    private static func digit(_ value: UInt32) -> UInt8 {
        let low = UInt8(truncatingIfNeeded: value & 31)
        return low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10
    }

    private static func value(of digit: UInt8) -> UInt32? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "v"): UInt32(digit - UInt8(ascii: "a") + 10)
        default: nil
        }
    }
}

/// Makes ids that differ from each other: a random machine and process part, and a counter with a random start.
///
/// The parts are random instead of host name and pid: in containers every process is pid 1, and what must differ is the
/// maker, not its name.
final class ProfileIDSource: Sendable {
    private let maker: [UInt8]
    private let counter: NIOLockedValueBox<UInt32>

    init(maker: UInt64 = .random(in: .min ... .max), counter: UInt32 = .random(in: .min ... .max)) {
        self.maker = (0..<5).map { UInt8(truncatingIfNeeded: maker >> ($0 * 8)) }
        self.counter = NIOLockedValueBox(counter)
    }

    func make(at unixSeconds: Int64) -> String {
        let seconds = UInt32(clamping: unixSeconds)
        let count = counter.withLockedValue { counter in
            counter &+= 1
            return counter
        }
        let time = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: seconds >> $0) }
        let tail = [16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
        return ProfileID.encode(time + maker + tail)
    }
}
