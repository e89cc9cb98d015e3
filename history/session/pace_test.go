package session

import (
	"bytes"
	"compress/gzip"
	"testing"
	"time"
)

// TestPace: what is heard now and then is written at once, and a storm in no more
// writes than one every writeRest.
func TestPace(t *testing.T) {
	var p pace
	now := time.Unix(1, 0)
	for range 1000 {
		if wait := p.next(now); wait != 0 {
			t.Fatalf("a write a second: waits for %v", wait)
		}
		now = now.Add(time.Second)
	}
	var waited time.Duration
	writes, end := 0, now.Add(10*time.Second)
	for now.Before(end) {
		wait := p.next(now)
		if wait > writeRest {
			t.Fatalf("a write in a storm waits for %v, want at most %v", wait, writeRest)
		}
		now, waited = now.Add(wait+time.Millisecond), waited+wait
		writes++
	}
	if most := int(10*time.Second/writeRest) + int(writeCredit/writeRest) + 1; writes > most {
		t.Errorf("10 s of storm: got %d writes, want at most %d", writes, most)
	}
	if now = now.Add(writeCredit + writeRest); p.next(now) != 0 {
		t.Error("after the storm a write waits")
	}
}

// TestStormIsCompressedInHaste: a member that filled up at once has others behind
// it, and one that took its minute, or is the short end of a recording, has time.
func TestStormIsCompressedInHaste(t *testing.T) {
	for _, tt := range []struct {
		name  string
		took  time.Duration
		lines int
		want  int
	}{
		{"a-storm", time.Second, memberSize, stormLevel},
		{"a-minute", memberFor, memberSize, gzip.DefaultCompression},
		{"the-last-seconds", time.Second, memberSize - 1, gzip.DefaultCompression},
	} {
		m := member{first: time.Hour, last: time.Hour + tt.took}
		if got := m.level(tt.lines); got != tt.want {
			t.Errorf("%s: level %d, want %d", tt.name, got, tt.want)
		}
	}
	// One compressor makes both, in turn.
	var c compressor
	for _, took := range []time.Duration{time.Second, memberFor, time.Second} {
		lines := bytes.Repeat([]byte("{}\n"), memberSize/3+1)
		b, err := c.compress(member{first: 1, last: 1 + took}, lines)
		if err != nil {
			t.Fatal(err)
		}
		m, ok := parseMember(b, 0)
		if !ok || int(m.size) != len(b) {
			t.Fatalf("a member of %d bytes says %+v", len(b), m)
		}
		var z inflater
		if got, err := z.inflate(nil, b, maxRaw); err != nil || !bytes.Equal(got, lines) {
			t.Errorf("%v: %d bytes instead of %d, %v", took, len(got), len(lines), err)
		}
	}
}
