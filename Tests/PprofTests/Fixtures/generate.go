// Writes one profile of each kind that Go's runtime/pprof knows.
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/pprof"
	"sort"
	"strings"
	"sync"
	"text/template"
	"time"
)

type node struct {
	Name     string            `json:"name"`
	Tags     map[string]string `json:"tags"`
	Children []*node           `json:"children"`
}

func tree(depth, width int) *node {
	n := &node{Name: fmt.Sprintf("node-%d-%d", depth, width), Tags: map[string]string{"depth": fmt.Sprint(depth)}}
	if depth > 0 {
		for i := 0; i < width; i++ {
			n.Children = append(n.Children, tree(depth-1, width))
		}
	}
	return n
}

func encodeJSON() []byte {
	b, err := json.Marshal(tree(4, 4))
	if err != nil {
		panic(err)
	}
	var back node
	if err := json.Unmarshal(b, &back); err != nil {
		panic(err)
	}
	return b
}

func compress(b []byte) int {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Len()
}

var word = regexp.MustCompile(`node-(\d+)-(\d+)`)

func match(b []byte) int { return len(word.FindAllSubmatch(b, -1)) }

var page = template.Must(template.New("p").Parse(`{{range .Children}}<{{.Name}}>{{range $k, $v := .Tags}}{{$k}}={{$v}};{{end}}{{template "p" .}}{{end}}`))

func render() int {
	var out bytes.Buffer
	if err := page.Execute(&out, tree(3, 4)); err != nil {
		panic(err)
	}
	return out.Len()
}

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func sorted(b []byte) int {
	words := strings.FieldsFunc(string(b), func(r rune) bool { return r == ',' || r == ':' })
	sort.Slice(words, func(i, j int) bool { return words[i] < words[j] })
	seen := map[string]int{}
	for _, w := range words {
		seen[w]++
	}
	return len(seen)
}

func burn(until time.Time) {
	for time.Now().Before(until) {
		b := encodeJSON()
		compress(b)
		match(b)
		render()
		sorted(b)
		fib(22)
	}
}

// burnLess reaches fewer functions, so that more samples fit the same bytes.
func burnLess(until time.Time) {
	for time.Now().Before(until) {
		b := encodeJSON()
		sorted(b)
		fib(22)
	}
}

func contend(n int) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	ch := make(chan int)
	for i := 0; i < n; i++ {
		wg.Add(2)
		go func() {
			defer wg.Done()
			for j := 0; j < 50; j++ {
				mu.Lock()
				time.Sleep(50 * time.Microsecond)
				mu.Unlock()
			}
		}()
		go func() { defer wg.Done(); ch <- i }()
	}
	for i := 0; i < n; i++ {
		<-ch
		time.Sleep(time.Millisecond)
	}
	wg.Wait()
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	dir := os.Args[1]
	write := func(name string, lookup string) {
		f, err := os.Create(filepath.Join(dir, name+".pb.gz"))
		check(err)
		check(pprof.Lookup(lookup).WriteTo(f, 0))
		check(f.Close())
	}
	runtime.MemProfileRate = 16384
	runtime.SetMutexProfileFraction(1)
	runtime.SetBlockProfileRate(1)

	cpu := func(name string, rate int, work func()) {
		f, err := os.Create(filepath.Join(dir, name+".pb.gz"))
		check(err)
		if rate != 100 {
			runtime.SetCPUProfileRate(rate) // StartCPUProfile then warns that the rate is set; the rate stays
		}
		check(pprof.StartCPUProfile(f))
		work()
		pprof.StopCPUProfile()
		check(f.Close())
	}
	cpu("cpu", 100, func() { burn(time.Now().Add(1500 * time.Millisecond)) })
	cpu("cpu-labels", 100, func() {
		pprof.Do(context.Background(), pprof.Labels("handler", "checkout", "tenant", "a"), func(context.Context) {
			burn(time.Now().Add(500 * time.Millisecond))
		})
	})
	cpu("cpu-large", 500, func() { burnLess(time.Now().Add(2400 * time.Millisecond)) })

	keep := [][]byte{}
	for i := 0; i < 20; i++ {
		keep = append(keep, encodeJSON())
	}
	runtime.GC()
	contend(8)
	write("heap", "heap")
	write("allocs", "allocs")
	write("mutex", "mutex")
	write("block", "block")
	write("threadcreate", "threadcreate")

	stop := make(chan bool)
	for i := 0; i < 5; i++ {
		pprof.Do(context.Background(), pprof.Labels("worker", fmt.Sprint(i), "pool", "blue"), func(context.Context) {
			go func() { <-stop }()
		})
	}
	time.Sleep(10 * time.Millisecond)
	write("goroutine", "goroutine")
	close(stop)
	runtime.KeepAlive(keep)
	for _, name := range []string{"goroutine"} {
		f, err := os.Create(filepath.Join(dir, name+"-debug1.txt"))
		check(err)
		check(pprof.Lookup(name).WriteTo(f, 1))
		check(f.Close())
	}
}
