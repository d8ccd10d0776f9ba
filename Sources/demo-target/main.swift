#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

let arguments = Array(CommandLine.arguments.dropFirst())
if arguments.contains("--help") || arguments.contains("-h") {
    print(DemoOptions.help)
    exit(0)
}
do {
    let target = try await DemoTarget.start(DemoOptions(arguments))
    print("demo-target listens on \(target.place)")
    fflush(nil)
    while true { try await Task.sleep(for: .seconds(3600)) }
} catch {
    print("demo-target: \(error)")
    exit(1)
}
