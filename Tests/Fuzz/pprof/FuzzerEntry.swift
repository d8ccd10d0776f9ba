/// libFuzzer's entry; see Tests/Fuzz/README.md.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzerTestOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzzPprof(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
