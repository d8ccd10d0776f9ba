import Foundation

/// A real Go program with `net/http/pprof`, compiled from its source in this run. Needs `go` on the PATH, and nothing from the network.
struct GoTarget {
    let port: Int
    private let process: Process
    private let directory: URL

    static let source = """
        package main

        import (
        	"fmt"
        	"math/rand"
        	"net"
        	"net/http"
        	_ "net/http/pprof"
        	"runtime"
        	"sort"
        	"sync"
        )

        var kept [][]int
        var mutex sync.Mutex

        func sortNumbers() []int {
        	numbers := make([]int, 5000)
        	for i := range numbers {
        		numbers[i] = rand.Int()
        	}
        	sort.Ints(numbers)
        	return numbers
        }

        func work() {
        	for {
        		numbers := sortNumbers()
        		mutex.Lock()
        		kept = append(kept, numbers)
        		if len(kept) > 100 {
        			kept = kept[50:]
        		}
        		mutex.Unlock()
        	}
        }

        func main() {
        	runtime.SetBlockProfileRate(1)
        	runtime.SetMutexProfileFraction(1)
        	runtime.MemProfileRate = 4096
        	listener, err := net.Listen("tcp", "127.0.0.1:0")
        	if err != nil {
        		panic(err)
        	}
        	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
        	go work()
        	go work()
        	panic(http.Serve(listener, nil))
        }
        """

    /// Where `go` is, nil if nowhere.
    static let tool: URL? = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .map { URL(fileURLWithPath: String($0)).appendingPathComponent("go") }
        .first { FileManager.default.isExecutableFile(atPath: $0.path) }

    /// Compiles and starts the program.
    static func start() throws -> GoTarget {
        guard let tool else { throw CocoaError(.fileNoSuchFile) }
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("go-target-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try Data(source.utf8).write(to: directory.appendingPathComponent("main.go"))
        let build = Process()
        build.executableURL = tool
        build.arguments = ["build", "-o", "target", "main.go"]
        build.currentDirectoryURL = directory
        var environment = ProcessInfo.processInfo.environment
        environment.merge(["GO111MODULE": "off", "GOFLAGS": "", "GOTOOLCHAIN": "local", "GOPROXY": "off"]) { $1 }
        build.environment = environment
        try build.run()
        build.waitUntilExit()
        guard build.terminationStatus == 0 else { throw CocoaError(.executableLoad) }

        let process = Process()
        process.executableURL = directory.appendingPathComponent("target")
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            process.terminate()
            throw CocoaError(.executableLoad)
        }
        return GoTarget(port: port, process: process, directory: directory)
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: directory)
    }
}
