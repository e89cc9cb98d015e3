//go:build linux

package wireless

import (
	"encoding/hex"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"flapscope/internal/nlwire"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// captured returns the messages of a kind that the kernel sent, as they were: see
// testdata/kick.hex.
func captured(tb testing.TB, kind string) (out [][]byte) {
	tb.Helper()
	text, err := os.ReadFile("testdata/kick.hex")
	if err != nil {
		tb.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if name, digits, _ := strings.Cut(strings.TrimSpace(line), " "); name == kind {
			b, err := hex.DecodeString(digits)
			if err != nil {
				tb.Fatal(err)
			}
			out = append(out, b)
		}
	}
	return out
}

// realIndex is the interface that the real messages are of.
const realIndex = 2

// realBench is a watch whose interface is associated as that of the real messages.
func realBench() *bench {
	b := newBench()
	b.device.index = realIndex
	b.cell = cell{bssid: firstAP, frequency: 2412, associated: true}
	b.watch.device(b.device, b.cell, fact.ViaDump)
	b.got = nil
	return b
}

// datagram takes what the kernel sent.
func (b *bench) datagram(d []byte) {
	for m, err := range nlwire.Messages(d) {
		if err != nil {
			break
		}
		if command, a, ok := generic(m.Body); ok {
			e := decodeEvent(command, a)
			b.event(&e)
		}
	}
}

// TestRealKick takes what the kernel sent of a kick and of the association after it.
func TestRealKick(t *testing.T) {
	b := realBench()
	for _, d := range captured(t, "event") {
		b.now += 10 * time.Millisecond
		b.datagram(d)
	}
	var got []string
	for _, f := range b.got {
		switch f := f.(type) {
		case *fact.Wifi:
			got = append(got, string(f.Words()))
		case *fact.WifiEvent:
			got = append(got, string(f.Words()))
		}
	}
	want := []string{
		"deauthenticated by AP (reason 4: it heard nothing) at -30 dBm",
		"authenticated with 02:00:00:00:01:00",
		"associated lab",
	}
	if strings.Join(got, "; ") != strings.Join(want, "; ") {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestRealEventAllocations bounds what an event costs until it is an observation.
func TestRealEventAllocations(t *testing.T) {
	events := captured(t, "event")
	b := realBench()
	b.got = make([]fact.Fact, 0, len(events))
	cycle := testing.AllocsPerRun(100, func() {
		b.got = b.got[:0]
		for _, d := range events {
			b.datagram(d)
		}
	})
	const most = 3
	each := cycle / float64(len(events))
	t.Logf("%.1f allocations an event", each)
	if each > most {
		t.Errorf("%.1f allocations an event, want at most %d", each, most)
	}
}

// BenchmarkRealEvent takes a kick and the association after it, and tells what each
// event costs until it is an observation.
func BenchmarkRealEvent(b *testing.B) {
	events := captured(b, "event")
	w := realBench()
	w.got = make([]fact.Fact, 0, len(events))
	b.ReportAllocs()
	for b.Loop() {
		w.got = w.got[:0]
		for _, d := range events {
			w.datagram(d)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(events)), "ns/event")
}

// BenchmarkLook looks at the station through a socket whose other end answers as the
// kernel did, so that what both sides of it take is counted, but for what a driver does.
func BenchmarkLook(b *testing.B) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		b.Fatal(err)
	}
	far := os.NewFile(uintptr(pair[1]), "kernel")
	answers := captured(b, "station")
	go func() {
		question := make([]byte, 64)
		for {
			if _, err := far.Read(question); err != nil {
				return
			}
			for _, a := range answers {
				copy(a[8:12], question[8:12]) // the sequence number
				if _, err := far.Write(a); err != nil {
					return
				}
			}
		}
	}()
	bench := realBench()
	c := &session{watch: bench.watch, host: discard{}, ask: &socket{file: os.NewFile(uintptr(pair[0]), "nl80211"), buf: make([]byte, maxDatagram)}}
	b.Cleanup(func() { c.ask.close(); far.Close() })
	c.emit = c.collect
	r := c.radios[realIndex]
	_, s := decodeStation(answers[0][unix.SizeofNlMsghdr+genlHeaderLen:])
	b.ReportAllocs()
	for b.Loop() {
		// As if a second had passed, with beacons that were heard.
		c.stamp()
		old := s
		old.beacons, r.sampled = s.beacons-10, c.now-time.Second
		r.sample, r.since = &old, s.since
		if err := c.stations(); err != nil || len(c.found) != 1 {
			b.Fatal(err, len(c.found))
		}
		c.flush()
	}
}

// discard takes observations and forgets them.
type discard struct{}

func (discard) Update(fn func(*state.State, fact.Emit)) { fn(nil, func(fact.Observation) {}) }
