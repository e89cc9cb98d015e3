package session

import (
	"bytes"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// TestSeriesAreColumns: what is sampled once a second comes back as it was, in
// order with everything else, and takes less room than a line each.
func TestSeriesAreColumns(t *testing.T) {
	at := time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)
	name := filepath.Join(t.TempDir(), "a"+Suffix)
	w, err := Create(name, at, boot, Header{Settings: path.DefaultSettings()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var sequencer fact.Sequencer
	var want []fact.Observation
	lines := 0
	for i := range 120 {
		since := time.Duration(i)*time.Second + time.Duration(i*i%977)*time.Microsecond
		for _, f := range []fact.Fact{
			&fact.ProbeUsage{Packets: 100 + i%7, Bytes: 9000 + 13*i, MaxPackets: 2000},
			&fact.ProbeResult{Target: "ping:192.0.2.1", Outcome: fact.OutcomeOK, Sent: boot + since, RTT: time.Millisecond},
			&fact.Mark{Text: "n"},
		} {
			if _, ok := f.(*fact.Mark); ok && i%50 != 0 {
				continue
			}
			o := sequencer.Next(fact.Observation{Time: at.Add(since), Mono: boot + since, Op: fact.Put, Fact: f})
			if err := w.Append(&o); err != nil {
				t.Fatal(err)
			}
			want = append(want, o)
			if _, ok := f.(*fact.ProbeUsage); ok {
				lines += len(fact.AppendObservation(nil, &o)) + 1
			}
		}
	}
	if err := w.Close(at.Add(2*time.Minute), boot+2*time.Minute, "stop"); err != nil {
		t.Fatal(err)
	}
	if got := read(t, name); !reflect.DeepEqual(encoded(got), encoded(want)) {
		t.Errorf("read %d observations, wrote %d", len(got), len(want))
	}
	text := linesOf(t, name)
	if n := bytes.Count(text, []byte(`"kind":"usage"`)); n >= 60 {
		t.Errorf("%d lines or columns of usage for 120 samples", n)
	}
	columns := 0
	for line := range bytes.Lines(text) {
		if i := bytes.Index(line, []byte(`{"kind":"usage"`)); i >= 0 {
			columns += len(line) - i
		}
	}
	if columns*3 > lines {
		t.Errorf("columns take %d bytes, lines would take %d", columns, lines)
	}
}
