package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"flapscope/internal/term"
)

// figures are the values of each benchmark, as "Name/sub unit".
type figures map[string][]float64

// parse reads what go test prints of benchmarks: the name with the number of
// processors, how often it ran, and pairs of a value and its unit.
func parse(out string) figures {
	all := figures{}
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		name := strings.TrimPrefix(fields[0], "Benchmark")
		if i := strings.LastIndexByte(name, '-'); i > 0 {
			if _, err := strconv.Atoi(name[i+1:]); err == nil {
				name = name[:i]
			}
		}
		for i := 2; i+1 < len(fields); i += 2 {
			if v, err := strconv.ParseFloat(fields[i], 64); err == nil {
				key := name + " " + fields[i+1]
				all[key] = append(all[key], v)
			}
		}
	}
	return all
}

// text is the least and the median, or "-" where nothing was measured.
func (f figures) text(key string) string {
	v := slices.Sorted(slices.Values(f[key]))
	if len(v) == 0 {
		return "-"
	}
	least, median := number(v[0]), number(v[len(v)/2])
	if least == median {
		return least
	}
	return least + " / " + median
}

func number(v float64) string {
	switch {
	case v >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

// A row is a figure: what is asked, ours, and that of peers.
type row struct {
	name, asked, ours string
	peers             [4]string
}

// peers are the columns after ours; net.Dialer is that of Go's library.
func peers() [4]string { return [4]string{"fping", "mtr", "pro-bing, net.Dialer", "bmon"} }

// rows are the figures. Those of the accuracy are the 99th percentile of the
// error against the stamps of a tap, in µs.
func rows() []row {
	accuracy := func(load, asked string) row {
		at := "Accuracy/" + load + "/"
		return row{"ping error, " + load + ", µs p99", asked, at + "engine µs-p99", [4]string{at + "fping µs-p99", "", at + "library µs-p99"}}
	}
	live := func(name, bench, cpu string) row {
		return row{name + ", % of a core", cpu, "Live/" + bench + " %cpu", [4]string{"", "Live/mtr %cpu", "", "Live/bmon %cpu"}}
	}
	switches := func(name, bench, asked string) row {
		return row{name + ", switches/s", asked, "Live/" + bench + " switches/s", [4]string{"", "Live/mtr switches/s", "", "Live/bmon switches/s"}}
	}
	return []row{
		accuracy("idle", "100"), accuracy("processes", "60"), accuracy("goroutines", "90"),
		{"TCP error, goroutines, µs p99", "50", "Accuracy/goroutines/tcp µs-p99", [4]string{"", "", "Accuracy/goroutines/net.Dialer µs-p99"}},
		{"200 targets, % of a core", "1.2", "Many/runner %core", [4]string{"Many/fping %core"}},
		{"200 targets, MB", "12", "Many/runner MB", [4]string{"Many/fping MB"}},
		{"200 targets, switches/s", "", "Many/runner switches/s", [4]string{"Many/fping switches/s"}},
		live("live 120x40", "probing-120x40", "0.9"), live("live 200x60", "probing-200x60", "1.2"),
		live("half silent 200x60", "half-silent-200x60", "1.5"), live("nothing probed 120x40", "idle-120x40", "0.3"),
		live("the same with --lite", "lite-120x40", ""),
		switches("live 120x40", "probing-120x40", "90"), switches("nothing probed", "idle-120x40", "15"),
		switches("the same with --lite", "lite-120x40", ""),
		{"key to frame, ms", "40", "Key ms-key-to-frame", [4]string{}},
		{"first frame, ms", "50", "FirstFrame ms-first-frame", [4]string{"", "FirstFrame ms-mtr", "", "FirstFrame ms-bmon"}},
	}
}

// writeTable writes the table.
func writeTable(out io.Writer, f figures) error {
	w := term.NewTable(out)
	p := peers()
	w.Row("MIN / MEDIAN", "ASKED", "FLAPSCOPE", p[0], p[1], p[2], p[3])
	for _, r := range rows() {
		cells := []any{r.name, orDash(r.asked), f.text(r.ours)}
		for _, key := range r.peers {
			cells = append(cells, f.text(key))
		}
		w.Row(cells...)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	return nil
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return "≤ " + s
}
