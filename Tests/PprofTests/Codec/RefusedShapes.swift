import Testing

@testable import Pprof

/// Bytes that are no valid profile, and what the decoder says.
struct Refusal: CustomTestStringConvertible, Sendable {
    let name: String
    let code: PprofError.Code
    let field: String
    let bytes: [UInt8]
    var limits = DecodeLimits()

    var testDescription: String { name }

    init(
        _ name: String, _ code: PprofError.Code, _ field: String, _ bytes: [UInt8],
        limits change: (inout DecodeLimits) -> Void = { _ in }
    ) {
        self.name = name
        self.code = code
        self.field = field
        self.bytes = bytes
        change(&limits)
    }

    private static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static func small(_ change: (inout SmallProfile) -> Void) -> [UInt8] { SmallProfile.with(change) }

    private static let minusOne = UInt64.max

    static let formats = [
        Refusal("nothing", .emptyInput, "", []),
        Refusal("HTML", .notAProfile, "", text("<!DOCTYPE html><html><body>404</body></html>")),
        Refusal("JSON", .notAProfile, "", text("\n {\"kind\": \"Status\"}")),
        Refusal("text", .notAProfile, "", text("Could not enable CPU profiling: cpu profiling already in use\n")),
        Refusal("heap text", .legacyFormat, "", text("heap profile: 1: 2 [3: 4] @ heap/1048576\n")),
        Refusal("contention text", .legacyFormat, "", text("--- contention:\ncycles/second=2100000000\n")),
        Refusal("mutex text", .legacyFormat, "", text("--- mutex:\ncycles/second=2100000000\n")),
        Refusal("goroutine dump", .legacyFormat, "", text("goroutine 1 [running]:\nmain.main()\n")),
        Refusal("custom count text", .legacyFormat, "", text("leaks profile: total 3\n3 @ 0x1 0x2\n")),
        Refusal("Java heap text", .legacyFormat, "", text("--- heapz 1 ---\nformat = java\n")),
        Refusal("binary CPU", .legacyFormat, "", [0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]),
        Refusal("execution trace", .executionTrace, "", text("go 1.22 trace\0\0\0\u{1}\u{2}")),
        Refusal("zstd", .notAProfile, "", [0x28, 0xb5, 0x2f, 0xfd, 0, 1, 2, 3]),
        Refusal("two profiles", .concatenated, "Profile.time_nanos", small { $0.rest = [.int(9, 7), .int(9, 8)] }),
    ]

    static let wire = [
        Refusal("a cut tag", .truncated, "Profile", [0x80]),
        Refusal(
            "a varint of eleven bytes", .badVarint, "Profile.period",
            small { $0.rest = [.raw([0x60] + [UInt8](repeating: 0xff, count: 10) + [1])] }),
        Refusal(
            "a varint of 65 bits", .badVarint, "Profile.period",
            small { $0.rest = [.raw([0x60] + [UInt8](repeating: 0xff, count: 9) + [2])] }),
        Refusal("field number 0", .badTag, "Profile", small { $0.rest = [.int(0, 1)] }),
        Refusal("a field number above 2^29-1", .badTag, "Profile", small { $0.rest = [.int(1 << 29, 1)] }),
        Refusal("a group", .badTag, "Profile", small { $0.rest = [.raw([20 << 3 | 3 | 0x80, 1])] }),
        Refusal("the end of a group", .badTag, "Profile", small { $0.rest = [.raw([0xa4, 1])] }),
        Refusal("wire type 6", .badTag, "Profile", small { $0.rest = [.raw([0xa6, 1])] }),
        Refusal("wire type 7", .badTag, "Profile", small { $0.rest = [.raw([0xa7, 1])] }),
        Refusal(
            "a length past the end", .truncated, "Profile.string_table", small { $0.rest = [.raw([0x32, 5, 65])] }),
        Refusal(
            "a length of 2^63", .truncated, "Profile.string_table",
            small { $0.rest = [.raw([0x32, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1])] }),
        Refusal("an unknown fixed64 cut off", .truncated, "Profile", small { $0.rest = [.raw([0xa1, 1, 0, 0])] }),
        Refusal("an unknown fixed32 cut off", .truncated, "Profile", small { $0.rest = [.raw([0xa5, 1, 0, 0])] }),
        Refusal("a sample that is an integer", .badWireType, "Profile.sample", small { $0.samples = [.int(2, 1)] }),
        Refusal("a time that is a text", .badWireType, "Profile.time_nanos", small { $0.rest = [.text(9, "now")] }),
        Refusal(
            "a function id that is a text", .badWireType, "Function.id of function 0",
            small { $0.functions = [.message(5, [.text(1, "f")])] }),
        Refusal(
            "a location that has a fixed64 address", .badWireType, "Location.address of location 0",
            small { $0.locations = [.message(4, [.int(1, 1), .raw([0x19, 0, 0, 0, 0, 0, 0, 0, 0])])] }),
        Refusal(
            "a label that is an integer", .badWireType, "Sample.label of sample 0",
            small { $0.samples = [.message(2, [.int(3, 1)])] }),
        Refusal(
            "packed ids cut off", .truncated, "Sample.location_id of sample 0",
            small { $0.samples = [.message(2, [.raw([0x0a, 1, 0x80])])] }),
    ]

    static let strings = [
        Refusal("no strings", .badStringTable, "Profile.string_table", small { $0.strings = [] }),
        Refusal(
            "a first string with text", .badStringTable, "Profile.string_table[0]", small { $0.strings.removeFirst() }),
        Refusal(
            "sample type out of range", .indexOutOfRange, "ValueType.type of sample_type[0]",
            small { $0.sampleTypes = [.message(1, [.int(1, 7)])] }),
        Refusal(
            "a negative unit", .indexOutOfRange, "ValueType.unit of sample_type[0]",
            small { $0.sampleTypes = [.message(1, [.int(2, minusOne)])] }),
        Refusal(
            "period type", .indexOutOfRange, "ValueType.type of period_type",
            small { $0.rest = [.message(11, [.int(1, 7)])] }),
        Refusal("drop_frames", .indexOutOfRange, "Profile.drop_frames", small { $0.rest = [.int(7, 7)] }),
        Refusal("keep_frames", .indexOutOfRange, "Profile.keep_frames", small { $0.rest = [.int(8, 1 << 32)] }),
        Refusal("comment", .indexOutOfRange, "Profile.comment[1]", small { $0.rest = [.packed(13, [1, 7])] }),
        Refusal(
            "default_sample_type", .indexOutOfRange, "Profile.default_sample_type",
            small { $0.rest = [.int(14, minusOne)] }),
        Refusal("doc_url", .indexOutOfRange, "Profile.doc_url", small { $0.rest = [.int(15, 7)] }),
        Refusal(
            "mapping file", .indexOutOfRange, "Mapping.filename of mapping 0",
            small { $0.mappings = [.message(3, [.int(1, 1), .int(5, 7)])] }),
        Refusal(
            "build id", .indexOutOfRange, "Mapping.build_id of mapping 0",
            small { $0.mappings = [.message(3, [.int(1, 1), .int(6, 7)])] }),
        Refusal(
            "function name", .indexOutOfRange, "Function.name of function 0",
            small { $0.functions = [.message(5, [.int(1, 1), .int(2, 7)])] }),
        Refusal(
            "system name", .indexOutOfRange, "Function.system_name of function 0",
            small { $0.functions = [.message(5, [.int(1, 1), .int(3, 7)])] }),
        Refusal(
            "file name", .indexOutOfRange, "Function.filename of function 0",
            small { $0.functions = [.message(5, [.int(1, 1), .int(4, 7)])] }),
        Refusal(
            "label key", .indexOutOfRange, "Label.key of label[1] of sample 0",
            small { $0.samples = [.message(2, [.int(2, 5), .message(3, []), .message(3, [.int(1, 7)])])] }),
        Refusal(
            "label text", .indexOutOfRange, "Label.str of label[0] of sample 0",
            small { $0.samples = [.message(2, [.int(2, 5), .message(3, [.int(2, 7)])])] }),
        Refusal(
            "label unit", .indexOutOfRange, "Label.num_unit of label[0] of sample 0",
            small { $0.samples = [.message(2, [.int(2, 5), .message(3, [.int(4, 7)])])] }),
    ]

    static let references = [
        Refusal("no sample type", .missingSampleType, "Profile.sample_type", small { $0.sampleTypes = [] }),
        Refusal(
            "a sample without values", .valueCountMismatch, "Sample.value of sample 0",
            small { $0.samples = [.message(2, [.int(1, 1)])] }),
        Refusal(
            "a sample with too many values", .valueCountMismatch, "Sample.value of sample 1",
            small { $0.samples.append(.message(2, [.packed(2, [1, 2])])) }),
        Refusal(
            "an unknown location", .unknownID, "Sample.location_id[3] of sample 1",
            small { $0.samples.append(.message(2, [.packed(1, [1, 1, 1, 2]), .int(2, 1)])) }),
        Refusal(
            "location 0 in a stack", .unknownID, "Sample.location_id[0] of sample 0",
            small { $0.samples = [.message(2, [.int(1, 0), .int(2, 1)])] }),
        Refusal(
            "an unknown mapping", .unknownID, "Location.mapping_id of location 0",
            small { $0.locations = [.message(4, [.int(1, 1), .int(2, 2)])] }),
        Refusal(
            "an unknown function", .unknownID, "Line.function_id of line[1] of location 0",
            small { $0.locations = [.message(4, [.int(1, 1), .message(4, [.int(1, 1)]), .message(4, [.int(1, 9)])])] }),
        Refusal(
            "a line without function", .unknownID, "Line.function_id of line[0] of location 0",
            small { $0.locations = [.message(4, [.int(1, 1), .message(4, [])])] }),
        Refusal("location id 0", .zeroID, "Location.id of location 0", small { $0.locations = [.message(4, [])] }),
        Refusal("mapping id 0", .zeroID, "Mapping.id of mapping 1", small { $0.mappings.append(.message(3, [])) }),
        Refusal("function id 0", .zeroID, "Function.id of function 1", small { $0.functions.append(.message(5, [])) }),
        Refusal(
            "a location id twice", .duplicateID, "Location.id of location 1", small { $0.locations += $0.locations }),
        Refusal("a mapping id twice", .duplicateID, "Mapping.id of mapping 1", small { $0.mappings += $0.mappings }),
        Refusal(
            "a large function id twice", .duplicateID, "Function.id of function 2",
            small { $0.functions += [.message(5, [.int(1, minusOne)]), .message(5, [.int(1, minusOne)])] }),
        Refusal(
            "a label with text and number", .badLabel, "Label of label[0] of sample 0",
            small { $0.samples = [.message(2, [.int(2, 5), .message(3, [.int(1, 5), .int(2, 6), .int(3, 1)])])] }),
        Refusal(
            "a label with text and unit", .badLabel, "Label of label[0] of sample 0",
            small { $0.samples = [.message(2, [.int(2, 5), .message(3, [.int(1, 5), .int(2, 6), .int(4, 2)])])] }),
    ]

    static let limits = [
        Refusal("packed size", .packedTooLarge, "", small { _ in }) { $0.packedBytes = 10 },
        Refusal("plain size", .unpackedTooLarge, "", small { _ in }) { $0.unpackedBytes = 10 },
        Refusal("strings", .limitExceeded, "Profile.string_table", small { _ in }) { $0.strings = 6 },
        Refusal("a string", .limitExceeded, "Profile.string_table[2]", small { _ in }) { $0.stringBytes = 10 },
        Refusal("sample types", .limitExceeded, "Profile.sample_type", small { $0.sampleTypes += $0.sampleTypes }) {
            $0.sampleTypes = 1
        },
        Refusal("samples", .limitExceeded, "Profile.sample", small { $0.samples += $0.samples }) { $0.samples = 1 },
        Refusal("locations", .limitExceeded, "Profile.location", small { $0.locations += $0.locations }) {
            $0.locations = 1
        },
        Refusal("functions", .limitExceeded, "Profile.function", small { $0.functions += $0.functions }) {
            $0.functions = 1
        },
        Refusal("mappings", .limitExceeded, "Profile.mapping", small { $0.mappings += $0.mappings }) {
            $0.mappings = 1
        },
        Refusal("comments", .limitExceeded, "Profile.comment", small { $0.rest = [.packed(13, [1, 1])] }) {
            $0.comments = 1
        },
        Refusal(
            "labels", .limitExceeded, "Sample.label of sample 0",
            small { $0.samples = [.message(2, [.int(2, 5), .message(3, []), .message(3, [])])] }
        ) { $0.labelsPerSample = 1 },
        Refusal(
            "depth, packed", .limitExceeded, "Sample.location_id of sample 0",
            small { $0.samples = [.message(2, [.packed(1, [1, 1, 1])])] }
        ) { $0.stackDepth = 2 },
        Refusal(
            "depth, unpacked", .limitExceeded, "Sample.location_id of sample 0",
            small { $0.samples = [.message(2, [.int(1, 1), .int(1, 1), .int(1, 1)])] }
        ) { $0.stackDepth = 2 },
        Refusal(
            "one stack of a million ids", .limitExceeded, "Sample.location_id of sample 0",
            small {
                $0.samples = [.message(2, [.packed(1, [UInt64](repeating: 1, count: 1 << 20)), .int(2, 1)])]
            }
        ) { _ in },
        Refusal(
            "a million values in one sample", .valueCountMismatch, "Sample.value of sample 0",
            small { $0.samples = [.message(2, [.packed(2, [UInt64](repeating: 1, count: 1 << 20))])] }
        ) { _ in },
        Refusal(
            "inlined lines", .limitExceeded, "Location.line of location 0",
            small { $0.locations = [.message(4, [.int(1, 1), .message(4, [.int(1, 1)]), .message(4, [.int(1, 1)])])] }
        ) { $0.linesPerLocation = 1 },
        Refusal("memory of the locations", .limitExceeded, "Profile.location of location 0", small { _ in }) {
            $0.columnBytes = 8
        },
        Refusal(
            "memory of the samples", .limitExceeded, "Profile.sample of sample 99",
            small { $0.samples = [Wire](repeating: $0.samples[0], count: 200) }
        ) { $0.columnBytes = 100 * 20 + 7 },
    ]

    static let all = formats + wire + strings + references + limits
}
