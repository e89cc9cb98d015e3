package main

import (
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	f := parse(`goos: linux
BenchmarkLive/probing-120x40-2  1  0 ns/op  0.4102 %cpu  80.00 switches/s
BenchmarkLive/probing-120x40-2  1  0 ns/op  0.3901 %cpu  70.00 switches/s
BenchmarkLive/probing-120x40-2  1  0 ns/op  0.9000 %cpu  120.0 switches/s
BenchmarkLive/mtr-2             1  0 ns/op  0.0200 %cpu  2.00 switches/s
BenchmarkAccuracy/idle/engine-2  500  0 ns/op  24.10 µs-p50  44.00 µs-p99
ok   flapscope/probes 1.0s
`)
	var b strings.Builder
	if err := writeTable(&b, f); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(strings.Fields(b.String()), " ")
	for _, want := range []string{
		"live 120x40, % of a core ≤ 0.9 0.39 / 0.41 - 0.02 -",
		"live 120x40, switches/s ≤ 90 70.0 / 80.0 - 2.00 -",
		"ping error, idle, µs p99 ≤ 100 44.0 - - -",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwant in it\n%s", b.String(), want)
		}
	}
	for _, r := range rows() {
		if !strings.Contains(r.ours, " ") {
			t.Errorf("%s: %q is no name and unit", r.name, r.ours)
		}
	}
}
