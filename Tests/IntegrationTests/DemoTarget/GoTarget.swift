import Foundation
import Glibc
import TestSupport

/// A real Go program with `net/http/pprof`, compiled from its source in this run. Needs `go` on the PATH, and nothing from the network.
struct GoTarget {
    let port: Int
    private let program: RunningProgram
    private let directory: TemporaryDirectory

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

    /// Compiles and starts the program, and waits for its port.
    static func start() async throws -> GoTarget {
        let directory = try TemporaryDirectory("go-target")
        try directory.write(source, "main.go")
        let offline = ["GO111MODULE": "off", "GOFLAGS": "", "GOTOOLCHAIN": "local", "GOPROXY": "off"]
        let build = try await Tool.go.run(
            ["build", "-o", "target", "main.go"], environment: offline, directory: directory.url,
            within: .seconds(180))
        guard build.status == 0 else { throw Trouble("go build ended with \(build.status): \(build.err)") }

        let program = try Tool(at: directory.url.appendingPathComponent("target")).start([])
        var port: Int?
        do {
            try await program.wait("its port") { out, _ in
                port = out.hasSuffix("\n") ? Int(out.dropLast()) : nil
                return port != nil
            }
            guard let port else { throw Trouble("the Go program told no port") }
            return GoTarget(port: port, program: program, directory: directory)
        } catch {
            program.send(SIGKILL)
            throw error
        }
    }

    /// Ends it at once.
    func stop() { program.send(SIGKILL) }
}
