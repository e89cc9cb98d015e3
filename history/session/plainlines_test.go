package session

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestPlainLinesArePacked: the lines of a file that another tool compressed are not
// held as they are, whether a line says where members begin or not.
func TestPlainLinesArePacked(t *testing.T) {
	heap := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC() // What is kept for reuse survives one.
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	const n, minutes = 800, 100
	for name, between := range map[string]string{"members": kindMember, "none": "mark"} {
		var b strings.Builder
		for minute := range minutes {
			at := time.Duration(minute) * time.Minute
			b.WriteString(lineAt(at, between, `{"number":1,"text":"x"}`) + "\n")
			for i := range n {
				b.WriteString(lineAt(at+time.Duration(i), "mark", `{"text":"`+strings.Repeat("x", 300)+`"}`) + "\n")
			}
		}
		lines := strings.TrimSuffix(b.String(), "\n")
		b.Reset()
		before := heap()
		r, err := plainFile(t, lines)
		if err != nil {
			t.Fatal(err)
		}
		// The file itself is in memory here, with its header.
		held := heap() - before - int64(len(lines))
		if held > 2<<20 {
			t.Errorf("%s: %d bytes are held of %d bytes of lines", name, held, len(lines))
		}
		got := 0
		for o, err := range r.All() {
			if err != nil {
				t.Fatal(err)
			}
			if o.Fact.Kind() == "mark" {
				got++
			}
		}
		want := n * minutes
		if between == "mark" {
			want += minutes
		}
		if got != want {
			t.Errorf("%s: read %d marks, want %d", name, got, want)
		}
		runtime.KeepAlive(lines)
	}
}
