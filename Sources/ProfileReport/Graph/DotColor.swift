#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// The colour of a value: green for -1, grey for 0, red for 1 (google/pprof `dotColor`).
enum DotColor {
    /// `#rrggbb`; light for a background, dark for a line.
    static func text(_ score: Double, isBackground: Bool) -> String {
        // How far colours are moved away from grey.
        let shift = 0.7
        var saturation = isBackground ? 0.1 : 1.0
        let brightness = isBackground ? 0.93 : 0.7
        var score = max(-1, min(1, score.isNaN ? 0 : score))
        if score.magnitude < 0.2 { saturation *= score.magnitude / 0.2 }
        if score > 0 { score = pow(score, 1 - shift) }
        if score < 0 { score = -pow(-score, 1 - shift) }
        let red = score < 0 ? brightness * (1 + saturation * score) : brightness
        let green = score < 0 ? brightness : brightness * (1 - saturation * score)
        let blue = brightness * (1 - saturation)
        return "#"
            + [red, green, blue].map { part in
                NumberText.pad(String(UInt8(max(0, min(255, part * 255))), radix: 16), 2, with: "0")
            }.joined()
    }
}
