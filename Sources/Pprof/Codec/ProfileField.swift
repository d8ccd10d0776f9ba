/// Field numbers of `profile.proto Profile`.
enum ProfileField {
    static let sampleType: UInt64 = 1
    static let sample: UInt64 = 2
    static let mapping: UInt64 = 3
    static let location: UInt64 = 4
    static let function: UInt64 = 5
    static let stringTable: UInt64 = 6
    static let dropFrames: UInt64 = 7
    static let keepFrames: UInt64 = 8
    static let timeNanos: UInt64 = 9
    static let durationNanos: UInt64 = 10
    static let periodType: UInt64 = 11
    static let period: UInt64 = 12
    static let comment: UInt64 = 13
    static let defaultSampleType: UInt64 = 14
    static let docURL: UInt64 = 15
}
