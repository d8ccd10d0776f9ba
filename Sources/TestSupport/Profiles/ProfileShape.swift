import Pprof

/// Profiles made by hand, each with what sets the profilers of one language, or one corner of the format, apart.
public enum ProfileShape: String, CaseIterable, Sendable {
    /// Names with templates, anonymous namespaces and arguments; inlined lines; several mappings; `drop_frames`.
    case cpp
    /// Slashes and dollars, no addresses, one line per location, many sample types.
    case java
    /// Hashes and angle brackets in names, system names that differ, inlined generics.
    case rust
    /// Anonymous functions and positions in names, columns, no mappings.
    case node
    /// Addresses only; two mappings and none.
    case unsymbolized
    /// The same function many times on one stack, also inlined into itself.
    case recursion
    /// Text and number labels, repeated keys, units.
    case labels
    /// Sample types and nothing else.
    case empty
    /// Samples without a stack, and values of 0.
    case bare
    /// Negative values, as in a difference.
    case negative
    /// Names that would be markup, script, escapes or line ends in a report.
    case hostile

    /// The profile, not in gzip.
    public var bytes: [UInt8] {
        var builder = ProfileBuilder()
        switch self {
        case .cpp: Self.cpp(&builder)
        case .java: Self.java(&builder)
        case .rust: Self.rust(&builder)
        case .node: Self.node(&builder)
        case .unsymbolized: Self.unsymbolized(&builder)
        case .recursion: Self.recursion(&builder)
        case .labels: Self.labels(&builder)
        case .empty: builder.addSampleType("cpu", unit: "nanoseconds")
        case .bare: Self.bare(&builder)
        case .negative: Self.negative(&builder)
        case .hostile: Self.hostile(&builder)
        }
        return builder.encoded()
    }

    private static func cpu(_ builder: inout ProfileBuilder) {
        builder.addSampleType("samples", unit: "count")
        builder.addSampleType("cpu", unit: "nanoseconds")
        builder.periodType = ValueType(type: "cpu", unit: "nanoseconds")
        builder.period = 10_000_000
        builder.timeNanos = 1_763_712_005_499_312_000
        builder.durationNanos = 2_000_000_000
    }

    private static func cpp(_ builder: inout ProfileBuilder) {
        cpu(&builder)
        builder.dropFrames = "abseil::Profile.*|__libc_start_main"
        builder.keepFrames = "abseil::ProfileKept"
        builder.comments = ["made by hand", "#hidden"]
        builder.docURL = "https://example.com/doc"
        let binary = builder.mapping(
            start: 0x40_0000, limit: 0x80_0000, filename: "/usr/bin/server", buildID: "c0ffee",
            resolution: [.functions, .filenames, .lineNumbers, .inlineFrames])
        let library = builder.mapping(
            start: 0x7f00_0000, limit: 0x7f10_0000, fileOffset: 0x1000, filename: "/lib/libc.so.6")
        let names = [
            "std::vector<std::map<int, std::string>>::push_back(std::map<int, std::string>&&)",
            "(anonymous namespace)::Worker::operator()(int) const", "abseil::ProfileHandler(int)",
            "server::Frontend::Handle(server::Request const&)", "main", "__libc_start_main",
            "abseil::ProfileKept()",
        ]
        let functions = names.enumerated().map { row, name in
            builder.function(
                name, systemName: "_Z\(row)", filename: "/proc/self/cwd/src/./a/../file\(row).cc", startLine: 3)
        }
        let leaf = builder.location(
            address: 0x40_1000, mapping: binary,
            lines: [.init(function: functions[0], line: 10), .init(function: functions[1], line: 20)])
        let handler = builder.location(
            address: 0x40_2000, mapping: binary, lines: [.init(function: functions[2], line: 30)])
        let frontend = builder.location(
            address: 0x40_3000, mapping: binary, lines: [.init(function: functions[3], line: 40)])
        let main = builder.location(
            address: 0x40_4000, mapping: binary, lines: [.init(function: functions[4], line: 50)])
        let start = builder.location(address: 0x7f00_1000, mapping: library, lines: [.init(function: functions[5])])
        let kept = builder.location(
            address: 0x40_5000, mapping: binary, lines: [.init(function: functions[6], line: 60)])
        builder.addSample(stack: [leaf, frontend, main, start], values: [7, 70_000_000])
        builder.addSample(stack: [leaf, handler, frontend, main, start], values: [2, 20_000_000])
        builder.addSample(stack: [kept, main, start], values: [1, 10_000_000])
        builder.addSample(stack: [main, start], values: [1, 10_000_000])
    }

    private static func java(_ builder: inout ProfileBuilder) {
        for type in ["alloc_in_new_tlab_objects", "alloc_in_new_tlab_bytes", "live", "lock_count", "wall"] {
            builder.addSampleType(
                type, unit: type.hasSuffix("bytes") ? "bytes" : type == "wall" ? "nanoseconds" : "count")
        }
        builder.defaultSampleType = "wall"
        let names = [
            "java/util/HashMap.resize", "com/example/shop/Cart$$Lambda/0x0000000800c03000.apply",
            "com.example.shop.Cart.<init>", "java.lang.Thread.run", "com.example.shop.Cart.lambda$add$0(int, int)",
        ]
        let stack = names.map { name in
            builder.location(lines: [.init(function: builder.function(name, filename: "Cart.java"), line: 7)])
        }
        builder.addSample(stack: Array(stack.prefix(4)), values: [3, 3 << 20, 1, 0, 5_000_000])
        builder.addSample(stack: [stack[4], stack[2], stack[3]], values: [1, 900, 0, 2, 1_500])
        builder.addSample(stack: [stack[3]], values: [0, 0, 0, 0, 3_600_000_000_000])
    }

    private static func rust(_ builder: inout ProfileBuilder) {
        cpu(&builder)
        let binary = builder.mapping(start: 0x5555_0000, limit: 0x5556_0000, filename: "target/release/app")
        func function(_ name: String) -> FunctionIndex {
            builder.function(name, systemName: "_R\(name)", filename: "src/main.rs")
        }
        let generic = function("<alloc::vec::Vec<T,A> as core::ops::drop::Drop>::drop")
        let hash = function("hashbrown::raw::RawTable<T,A>::reserve_rehash::h0123456789abcdef")
        let main = function("app::main")
        let leaf = builder.location(
            address: 0x5555_1000, mapping: binary,
            lines: [.init(function: generic, line: 1, column: 5), .init(function: hash, line: 2, column: 9)])
        let root = builder.location(address: 0x5555_2000, mapping: binary, lines: [.init(function: main, line: 3)])
        builder.addSample(stack: [leaf, root], values: [5, 50_000_000])
        builder.addSample(stack: [root], values: [1, 10_000_000])
    }

    private static func node(_ builder: inout ProfileBuilder) {
        builder.addSampleType("sample", unit: "count")
        builder.addSampleType("wall", unit: "microseconds")
        builder.periodType = ValueType(type: "wall", unit: "microseconds")
        builder.period = 1000
        let names = [
            "(anonymous)", "(garbage collector)", "processTicksAndRejections", "get data [as x]", "(root)", "",
        ]
        let stack = names.enumerated().map { row, name in
            let function = builder.function(
                name, filename: row % 2 == 0 ? "node:internal/process/task_queues" : "file:///app/index.js")
            return builder.location(lines: [.init(function: function, line: Int64(row), column: 13)])
        }
        builder.addSample(stack: [stack[0], stack[2], stack[4]], values: [12, 12_345])
        builder.addSample(stack: [stack[1], stack[4]], values: [1, 999])
        builder.addSample(stack: [stack[3], stack[0], stack[5], stack[4]], values: [2, 2_000_000])
    }

    private static func unsymbolized(_ builder: inout ProfileBuilder) {
        cpu(&builder)
        let binary = builder.mapping(start: 0x1000, limit: 0x9000, filename: "/opt/app/stripped", resolution: [])
        let library = builder.mapping(start: 0x10000, limit: 0x20000, filename: "/opt/app/libx.so", resolution: [])
        let stack = [
            builder.location(address: 0x1234, mapping: binary), builder.location(address: 0x1300, mapping: binary),
            builder.location(address: 0x10010, mapping: library), builder.location(address: 0xffff_ffff_0000_0000),
        ]
        builder.addSample(stack: stack, values: [3, 30_000_000])
        builder.addSample(stack: [stack[2], stack[1]], values: [1, 10_000_000])
        builder.addSample(stack: [stack[3]], values: [1, 10_000_000])
    }

    private static func recursion(_ builder: inout ProfileBuilder) {
        cpu(&builder)
        let walk = builder.function("tree.(*Node).Walk", filename: "tree/node.go")
        let visit = builder.function("tree.visit", filename: "tree/node.go")
        let main = builder.function("main.main", filename: "main.go")
        let inlined = builder.location(
            address: 0x10,
            lines: [.init(function: walk, line: 4), .init(function: visit, line: 8), .init(function: walk, line: 5)])
        let plain = builder.location(address: 0x20, lines: [.init(function: walk, line: 6)])
        let root = builder.location(address: 0x30, lines: [.init(function: main, line: 1)])
        builder.addSample(stack: [plain, plain, plain, plain, root], values: [4, 40_000_000])
        builder.addSample(stack: [inlined, plain, inlined, root], values: [3, 30_000_000])
        builder.addSample(stack: [root], values: [1, 10_000_000])
    }

    private static func labels(_ builder: inout ProfileBuilder) {
        cpu(&builder)
        let work = builder.location(lines: [.init(function: builder.function("work"), line: 1)])
        builder.addSample(stack: [work], values: [1, 10], labels: [.text("handler", "a"), .text("tenant", "x")])
        builder.addSample(stack: [work], values: [2, 20], labels: [.text("tenant", "x"), .text("handler", "a")])
        builder.addSample(
            stack: [work], values: [4, 40], labels: [.text("handler", "b"), .number("bytes", 16, unit: "bytes")])
        builder.addSample(stack: [work], values: [8, 80], labels: [.text("k", "1"), .text("k", "2")])
        builder.addSample(stack: [work], values: [16, 160], labels: [.text("k", "2"), .text("k", "1")])
        builder.addSample(stack: [work], values: [32, 320], labels: [.number("n", 0)])
        builder.addSample(stack: [work], values: [64, 640])
    }

    private static func bare(_ builder: inout ProfileBuilder) {
        cpu(&builder)
        let work = builder.location(lines: [.init(function: builder.function("work"))])
        let unused = builder.location(lines: [.init(function: builder.function("unused"))])
        builder.addSample(stack: [], values: [1, 10])
        builder.addSample(stack: [unused], values: [0, 0])
        builder.addSample(stack: [work], values: [0, 30])
    }

    private static func negative(_ builder: inout ProfileBuilder) {
        cpu(&builder)
        let names = ["grew", "shrank", "same", "main"]
        let stack = names.map { name in builder.location(lines: [.init(function: builder.function("pkg.\(name)"))]) }
        builder.addSample(stack: [stack[0], stack[3]], values: [50, 500_000_000])
        builder.addSample(
            stack: [stack[0], stack[3]], values: [-20, -200_000_000], labels: [.text("pprof::base", "true")])
        builder.addSample(stack: [stack[1], stack[3]], values: [10, 100_000_000])
        builder.addSample(
            stack: [stack[1], stack[3]], values: [-90, -900_000_000], labels: [.text("pprof::base", "true")])
        builder.addSample(stack: [stack[2], stack[3]], values: [30, 300_000_000])
        builder.addSample(
            stack: [stack[2], stack[3]], values: [-30, -300_000_000], labels: [.text("pprof::base", "true")])
    }

    private static func hostile(_ builder: inout ProfileBuilder) {
        cpu(&builder)
        let names = [
            "</text><script>alert(1)</script>", "]]><script>document.title='pwned'</script>",
            "\" onload=\"alert(1)\" x=\"",
            "a;b\nc\td\\e\"f", "&lt;&amp;&#x0;", "\u{0}\u{1}\u{7f}\u{fffe}\u{202e}", "${x}`+alert(1)+`", "__proto__",
            "javascript:alert(1)", "*/ </style><svg onload=alert(1)>",
        ]
        let locations = names.map { name in
            builder.location(lines: [.init(function: builder.function(name, filename: name), line: 1)])
        }
        for depth in 1...locations.count {
            builder.addSample(stack: locations.prefix(depth).reversed(), values: [1, 10_000_000])
        }
    }
}
