// Times google/pprof's profile package on the same work as pprof-bench: parse, and parse + merge + write.
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"syscall"

	"github.com/google/pprof/profile"
)

// Processor time of this process in milliseconds: the machine may be busy with other work.
func processor() float64 {
	var use syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &use)
	return float64(use.Utime.Sec+use.Stime.Sec)*1e3 + float64(use.Utime.Usec+use.Stime.Usec)/1e3
}

func measure(name string, rounds int, divisor float64, work func()) {
	var times []float64
	for i := 0; i < rounds; i++ {
		begin := processor()
		work()
		times = append(times, (processor()-begin)/divisor)
	}
	sort.Float64s(times)
	fmt.Printf("%s\t%.3f\n", name, times[len(times)/2])
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	packed, err := os.ReadFile(os.Args[1])
	check(err)
	rounds, err := strconv.Atoi(os.Args[2])
	check(err)
	measure("parse", rounds, 100, func() {
		for i := 0; i < 100; i++ {
			_, err := profile.ParseData(packed)
			check(err)
		}
	})
	same := func(n int) [][]byte {
		var files [][]byte
		for i := 0; i < n; i++ {
			files = append(files, packed)
		}
		return files
	}
	var different [][]byte
	for i := 0; i < 100; i++ {
		file, err := os.ReadFile(filepath.Join(os.Args[3], strconv.Itoa(i)))
		check(err)
		different = append(different, file)
	}
	for _, files := range [][][]byte{same(100), same(1000)} {
		measure(fmt.Sprintf("merge %d", len(files)), rounds, 1, func() { merge(files) })
	}
	measure("merge 100 different", rounds, 1, func() { merge(different) })
}

func merge(files [][]byte) {
	var all []*profile.Profile
	for _, file := range files {
		p, err := profile.ParseData(file)
		check(err)
		all = append(all, p)
	}
	merged, err := profile.Merge(all)
	check(err)
	var out bytes.Buffer
	check(merged.Write(&out))
}
