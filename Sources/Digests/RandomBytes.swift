internal import COpenSSL

/// Bytes nobody can guess.
public struct RandomBytes {
    /// `count` bytes from OpenSSL's generator; from the kernel's should that fail.
    public static func make(_ count: Int) -> [UInt8] {
        guard count > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: count)
        let done = bytes.withUnsafeMutableBufferPointer { RAND_bytes($0.baseAddress, Int32(clamping: $0.count)) }
        if done != 1 || count > Int(Int32.max) {
            var kernel = SystemRandomNumberGenerator()
            for at in bytes.indices { bytes[at] = UInt8.random(in: 0...255, using: &kernel) }
        }
        return bytes
    }
}
