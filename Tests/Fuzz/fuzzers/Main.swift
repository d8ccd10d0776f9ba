import Glibc
import TestSupport

/// Every fuzzer of this package; `FUZZER=name` chooses one.
let fuzzers =
    apiMachineryFuzzers + apiServerFuzzers + captureFuzzers + profilesAPIFuzzers + httpTransportFuzzers
    + httpClientFuzzers + pprofFuzzers + reportFuzzers + kubeClientFuzzers
    + collectorFuzzers

/// The chosen one; nil if there is none of that name.
private let chosen: Fuzzer? = {
    let name = getenv("FUZZER").map { String(cString: $0) }
    return fuzzers.first { $0.name == name }
}()

/// libFuzzer's first call. Without a fuzzer of that name it prints all names; with `SEEDS=directory` it writes the seeds there.
@_cdecl("LLVMFuzzerInitialize")
public func fuzzerInitialize(
    _ count: UnsafeMutablePointer<CInt>?, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
    guard let chosen else {
        for fuzzer in fuzzers { print(fuzzer.name) }
        exit(0)
    }
    guard let directory = getenv("SEEDS").map({ String(cString: $0) }) else { return 0 }
    for (number, seed) in chosen.seeds.enumerated() {
        guard let file = fopen("\(directory)/seed-\(number)", "w") else { exit(1) }
        fwrite(seed, 1, seed.count, file)
        fclose(file)
    }
    return 0
}

/// libFuzzer's entry: what must hold holds, and nothing traps.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzerTestOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let holds = chosen?.holds(Array(UnsafeBufferPointer(start: start, count: count))) ?? false
    precondition(holds, "what must hold of every input does not hold of this one")
    return 0
}
