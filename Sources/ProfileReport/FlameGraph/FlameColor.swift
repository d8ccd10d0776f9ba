/// The colour class of a box: by package, so that it is the same in every graph; in a difference by its change.
enum FlameColor {
    /// Number of hues, 15 degrees apart.
    static let hueCount = 24
    /// Steps of a change on either side of none.
    static let stepCount = 5

    /// `c0` … `c23`: 32-bit FNV-1a of the package, which never changes.
    static func className(package: String) -> String {
        var hash: UInt32 = 0x811c_9dc5
        for byte in package.utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        return "c\((hash >> 8) % UInt32(hueCount))"
    }

    /// `g1` … `g5` for more than in the base, `l1` … `l5` for less, `n` for the same; by the change's part of the width.
    static func className(change: Int64, of mass: Int64) -> String {
        guard change != 0, mass > 0 else { return "n" }
        let part = min(1, Double(change.magnitude) / Double(mass))
        let step = max(1, min(stepCount, Int((part.squareRoot() * Double(stepCount)).rounded(.up))))
        return (change > 0 ? "g" : "l") + "\(step)"
    }

    /// What a viewer without style sheets shows.
    static func fallback(_ className: String) -> String {
        switch className.first {
        case "g": "#f2a59d"
        case "l": "#9db8f2"
        case "c": "#f0c08a"
        default: "#d0d0d0"
        }
    }
}
