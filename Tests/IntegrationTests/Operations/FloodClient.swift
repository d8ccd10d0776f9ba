import Foundation
import TestSupport

/// A client of Go's `net/http`, as kube-apiserver's proxy is one, that behaves badly on purpose: watches by the thousand, heads and
/// bodies without measure. Compiled from its source in this run; needs `go` on the PATH, and nothing from the network.
struct FloodClient {
    private let directory: TemporaryDirectory
    private let program: Tool

    /// Compiles the program.
    static func build() async throws -> FloodClient {
        let directory = try TemporaryDirectory("flood")
        try directory.write(source, "main.go")
        let offline = ["GO111MODULE": "off", "GOFLAGS": "", "GOTOOLCHAIN": "local", "GOPROXY": "off"]
        let built = try await Tool.go.run(
            ["build", "-o", "flood", "main.go"], environment: offline, directory: directory.url, within: .seconds(240))
        guard built.status == 0 else { throw Trouble("go build failed: \(built.err)") }
        return FloodClient(directory: directory, program: Tool(at: directory.url.appendingPathComponent("flood")))
    }

    /// Runs a mode against a path of the server; what it printed.
    func run(_ mode: String, _ server: RunningServer, _ path: String, _ count: Int) async throws -> String {
        let certificates = server.home.directory.path("certs/ca.crt")
        let output = try await program.run(
            [mode, server.url + path, ServerHome.Client.admin.rawValue, certificates, "\(count)"], within: .seconds(240)
        )
        guard output.status == 0 else { throw Trouble("flood \(mode): \(output.status): \(output.err)") }
        return output.text
    }

    private static let source = """
        package main

        import (
        	"context"
        	"crypto/tls"
        	"crypto/x509"
        	"fmt"
        	"io"
        	"net/http"
        	"os"
        	"strconv"
        	"strings"
        	"sync"
        	"sync/atomic"
        	"time"
        )

        var url, token string
        var client *http.Client

        func request(ctx context.Context, method string, body io.Reader) *http.Request {
        	r, err := http.NewRequestWithContext(ctx, method, url, body)
        	if err != nil {
        		panic(err)
        	}
        	r.Header.Set("Authorization", "Bearer "+token)
        	return r
        }

        // Opens count watches at a time, reads the first event of each, and lets them all go.
        func watches(count int) {
        	ctx, cancel := context.WithCancel(context.Background())
        	var opened, failed atomic.Int64
        	var begun, ended sync.WaitGroup
        	for i := 0; i < count; i++ {
        		begun.Add(1)
        		ended.Add(1)
        		go func() {
        			defer ended.Done()
        			response, err := client.Do(request(ctx, "GET", nil))
        			if err != nil || response.StatusCode != 200 || response.ProtoMajor != 2 {
        				failed.Add(1)
        				begun.Done()
        				return
        			}
        			first := make([]byte, 1)
        			if _, err := response.Body.Read(first); err != nil {
        				failed.Add(1)
        			} else {
        				opened.Add(1)
        			}
        			begun.Done()
        			io.Copy(io.Discard, response.Body)
        			response.Body.Close()
        		}()
        	}
        	begun.Wait()
        	cancel()
        	ended.Wait()
        	fmt.Printf("opened %d failed %d\\n", opened.Load(), failed.Load())
        }

        // Sends heads of about 900 KB, and then of 2 MB, which is too much.
        func headers(count int) {
        	codes := map[string]int{}
        	for i := 0; i < count; i++ {
        		r := request(context.Background(), "GET", nil)
        		fields := 900
        		if i%2 == 1 {
        			fields = 2000
        		}
        		for f := 0; f < fields; f++ {
        			r.Header.Set("X-Flood-"+strconv.Itoa(f), strings.Repeat("x", 900))
        		}
        		response, err := client.Do(r)
        		if err != nil {
        			codes["error"]++
        			continue
        		}
        		io.Copy(io.Discard, response.Body)
        		response.Body.Close()
        		codes[strconv.Itoa(response.StatusCode)]++
        	}
        	fmt.Println(codes)
        }

        // Sends bodies that stand still after their first byte.
        func bodies(count int) {
        	var wait sync.WaitGroup
        	var lock sync.Mutex
        	codes := map[string]int{}
        	for i := 0; i < count; i++ {
        		wait.Add(1)
        		go func() {
        			defer wait.Done()
        			reader, writer := io.Pipe()
        			go writer.Write([]byte("{"))
        			response, err := client.Do(request(context.Background(), "POST", reader))
        			code := "error"
        			if err == nil {
        				code = strconv.Itoa(response.StatusCode)
        				response.Body.Close()
        			}
        			writer.Close()
        			lock.Lock()
        			codes[code]++
        			lock.Unlock()
        		}()
        	}
        	wait.Wait()
        	fmt.Println(codes)
        }

        func main() {
        	url, token = os.Args[2], os.Args[3]
        	pem, err := os.ReadFile(os.Args[4])
        	if err != nil {
        		panic(err)
        	}
        	roots := x509.NewCertPool()
        	roots.AppendCertsFromPEM(pem)
        	count, _ := strconv.Atoi(os.Args[5])
        	client = &http.Client{Transport: &http.Transport{
        		TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true, DisableCompression: true,
        		TLSHandshakeTimeout: time.Minute,
        	}}
        	switch os.Args[1] {
        	case "watches":
        		watches(count)
        	case "headers":
        		headers(count)
        	case "bodies":
        		bodies(count)
        	}
        }
        """
}
