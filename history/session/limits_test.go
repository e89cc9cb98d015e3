package session

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/state"
)

// headers is a file of n members of which only the headers were made, at every
// size bytes.
type headers struct {
	n, size, raw int64
	flags        memberFlags
}

func (h headers) ReadAt(b []byte, at int64) (int, error) {
	clear(b)
	for k := at / h.size; k*h.size < at+int64(len(b)); k++ {
		head := make([]byte, headLen)
		copy(head, memberMagic)
		head[10] = extraLen
		m := member{number: uint32(k), size: uint32(h.size), raw: uint32(h.raw), flags: h.flags, first: boot, last: boot, wall: epoch}
		m.put(head[12:])
		if skip := at - k*h.size; skip < headLen {
			copy(b[max(0, -skip):], head[max(0, skip):])
		}
	}
	return len(b), nil
}

// within reports whether the file is read, rather than refused.
func (h headers) within(t *testing.T) bool {
	t.Helper()
	_, err := NewReader(h, h.n*h.size, nil)
	if err != nil && !errors.Is(err, ErrLimit) && !errors.Is(err, ErrNoRecording) {
		t.Fatal(err)
	}
	return err == nil
}

// A padded file is lines, and then spaces and newlines up to a size.
type padded struct {
	lines string
	size  int64
}

func (p padded) ReadAt(b []byte, at int64) (int, error) {
	n := int(min(int64(len(b)), p.size-at))
	for i := range b[:n] {
		b[i] = ' '
	}
	for i := (at | 0xffff) - at; i < int64(n); i += 0x10000 {
		b[i] = '\n'
	}
	if at < int64(len(p.lines)) {
		copy(b[:n], p.lines[at:])
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// plainFile reads a file of plain lines after a header.
func plainFile(t *testing.T, lines ...string) (*Reader, error) {
	t.Helper()
	header, err := headerLine(epoch, boot, &Header{Schema: Schema})
	if err != nil {
		t.Fatal(err)
	}
	data := string(header) + "\n" + strings.Join(lines, "\n") + "\n"
	return NewReader(strings.NewReader(data), int64(len(data)), nil)
}

// all reports whether a file is read to its end, and how much is in it.
func all(t *testing.T, lines ...string) (observations int, ok bool) {
	t.Helper()
	r, err := plainFile(t, lines...)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range r.All() {
		if err != nil {
			return observations, !errors.Is(err, ErrLimit)
		}
		observations++
	}
	return observations, true
}

// lineAt returns a line of a kind at an instant after the header's.
func lineAt(after time.Duration, kind, value string) string {
	return strings.TrimSuffix(string(appendStamp(nil, epoch.Add(after), boot+after, kind)), "\n") + value + "}"
}

// samplesOf returns a line of n results of a target.
func samplesOf(target string, n, rtt int) string {
	zeros := strings.TrimSuffix(strings.Repeat("0,", n), ",")
	rtts := strings.Replace(zeros, "0", fmt.Sprint(rtt), 1)
	return lineAt(0, kindSamples, fmt.Sprintf(`[{"target":%q,"from":0,"every":0,"sent":[%s],"rtt":[%s],"lag":[%s]}]`, target, zeros, rtts, zeros))
}

// largest is what a member may hold at most: its ratio bounds it first.
const largest = maxRaw / maxRatio * maxRatio

// limitTests have for each limit what is within it.
var limitTests = []struct {
	name  string
	limit int
	// within reports whether n is within the limit.
	within func(t *testing.T, n int) bool
}{
	{"maxLine", maxLine, func(t *testing.T, n int) bool {
		line := lineAt(0, "mark", `{"text":""}`)
		_, ok := all(t, strings.Replace(line, `""`, `"`+strings.Repeat("x", n-len(line))+`"`, 1))
		return ok
	}},
	{"maxRaw-of-member", largest, func(t *testing.T, n int) bool {
		return headers{n: 2, size: maxRaw / maxRatio, raw: int64(n)}.within(t)
	}},
	{"maxRaw-of-journal", maxRaw, journalOf},
	{"maxRatio", 1e4 * maxRatio, func(t *testing.T, n int) bool { return headers{n: 2, size: 1e4, raw: int64(n)}.within(t) }},
	{"maxPacked", maxPacked, func(t *testing.T, n int) bool { return headers{n: 2, size: int64(n)}.within(t) }},
	{"maxTotal", maxTotal / largest, func(t *testing.T, n int) bool {
		return headers{n: int64(n), size: maxRaw / maxRatio, raw: largest}.within(t)
	}},
	{"maxMembers", maxMembers, func(t *testing.T, n int) bool { return headers{n: int64(n), size: headLen + tailLen}.within(t) }},
	{"maxMembers-of-plain-lines", maxMembers, func(t *testing.T, n int) bool {
		rollup := lineAt(0, kindRollup, `{}`)
		// The header's line is a member too.
		_, err := plainFile(t, strings.TrimSuffix(strings.Repeat(rollup+"\n", n-1), "\n"))
		return !errors.Is(err, ErrLimit)
	}},
	{"maxLoose", maxLoose, func(t *testing.T, n int) bool {
		header, _ := headerLine(epoch, boot, &Header{Schema: Schema})
		_, err := NewReader(padded{string(header) + "\n", int64(n)}, int64(n), nil)
		return !errors.Is(err, ErrLimit)
	}},
	{"maxRollups", maxRollups >> 20, func(t *testing.T, n int) bool {
		r, err := NewReader(headers{n: int64(n), size: 1e4, raw: 1 << 20, flags: flagRollup}, int64(n)*1e4, nil)
		return err == nil && len(r.rollups()) == n
	}},
	{"maxSums", maxSums, func(t *testing.T, n int) bool {
		rollup := lineAt(0, kindRollup, `{}`)
		r, err := plainFile(t, strings.TrimSuffix(strings.Repeat(rollup+"\n", n), "\n"))
		return err == nil && len(r.rollups()) == n
	}},
	{"maxSums-of-a-member", maxSums, func(t *testing.T, n int) bool {
		k := rollupReader{most: maxSums}
		lines := strings.Repeat(lineAt(0, kindRollup, `{}`)+"\n", n)
		return len(k.read(&Reader{members: []member{{held: &heldLines{lines: []byte(lines)}}}}, 0)) == n
	}},
	{"maxTargets-of-samples", maxTargets, func(t *testing.T, n int) bool {
		var lines []string
		for i := range n {
			lines = append(lines, samplesOf(fmt.Sprint(i), 1, 1))
		}
		_, ok := all(t, lines...)
		return ok
	}},
	{"maxTargets-of-rollup", maxTargets, func(_ *testing.T, n int) bool {
		targets := strings.TrimSuffix(strings.Repeat("{},", n), ",")
		_, err := parseRollup([]byte(lineAt(0, kindRollup, `{"from_ns":1,"to_ns":2,"step_ns":1000000000,"targets":[`+targets+`]}`)), new(timeline.RollupDecoder))
		return err == nil
	}},
	{"maxRows", maxRows, func(_ *testing.T, n int) bool {
		return rowsAre(func(s *state.State) {
			for i := range n {
				s.Routes.Put(&fact.Route{Family: fact.IPv4, Metric: uint32(i)})
			}
		})
	}},
	{"maxTable", maxTable, func(_ *testing.T, n int) bool {
		return rowsAre(func(s *state.State) {
			for i := range n {
				s.Nexthops[uint32(i)] = &fact.Nexthop{}
			}
		})
	}},
	{"maxLinks", maxLinks, func(_ *testing.T, n int) bool {
		return rowsAre(func(s *state.State) {
			for i := range n {
				s.Links[i] = &fact.Link{}
			}
		})
	}},
	{"maxRowBytes", maxRowBytes >> 10, func(_ *testing.T, n int) bool {
		s, line := state.NewState(), len(fact.AppendObservation(nil, &fact.Observation{Op: fact.Put, Fact: &fact.Notice{}}))
		const each = 64 << 10 // in the ID, which nothing cuts
		for i := range n / 64 {
			key := strings.Repeat("x", each-line-4) + fmt.Sprintf("%04d", i)
			s.Notices[key] = &fact.Notice{Key: key}
		}
		if n%64 > 0 {
			s.Notices["y"] = &fact.Notice{Key: "y"}
		}
		var l rowLimit
		return l.check(s, maxRowBytes) == nil
	}},
	{"maxObservation", maxObservation, func(t *testing.T, n int) bool {
		line := lineAt(0, "mark", `{"text":""}`)
		got, _ := all(t, strings.Replace(line, `""`, `"`+strings.Repeat("x", n-len(line))+`"`, 1))
		return got == 1
	}},
	{"maxGroup", maxGroup - 1, func(_ *testing.T, n int) bool { return waiting(n, 0) }},
	{"maxGroupBytes", maxGroupBytes>>17 - 1, func(_ *testing.T, n int) bool { return waiting(n, 128<<10) }},
	{"maxBatchBytes", maxBatchBytes, func(_ *testing.T, n int) bool {
		yielded := false
		taken := func() int {
			if yielded {
				return n - 1
			}
			return 0
		}
		full := make(chan batch, 2)
		empty := make(chan []fact.Observation, 1)
		empty <- nil
		close(empty)
		produce(taken, func(yield func(fact.Observation, error) bool) {
			yielded = true
			for range 2 {
				if !yield(fact.Observation{}, nil) {
					return
				}
			}
		}, full, empty)
		return len((<-full).observations) == 2
	}},
	{"maxDamage", maxDamage, func(t *testing.T, n int) bool {
		// A header of a member that does not begin where the last one ended.
		// The first place is the header, which is lost.
		r, err := NewReader(headers{n: int64(n), size: 100}.cut(), int64(n)*100, nil)
		return err == nil && len(r.damage) == n
	}},
	{"maxSpan", int(maxSpan), func(_ *testing.T, n int) bool {
		r := &Reader{}
		r.add(member{first: boot, last: boot + time.Duration(n)})
		return r.members[0].last == boot+time.Duration(n)
	}},
	{"maxID", maxID, func(t *testing.T, n int) bool {
		got, _ := all(t, samplesOf(strings.Repeat("x", n), 1, 1))
		return got == 1
	}},
	{"maxSamples", maxSamples, func(t *testing.T, n int) bool {
		got, _ := all(t, samplesOf("x", n, 1))
		return got == n
	}},
	{"maxMicros", maxMicros, func(t *testing.T, n int) bool {
		got, err := parseSamples([]byte(samplesOf("x", 1, n)))
		return err == nil && len(got) == 1
	}},
	{"maxEpisodes", maxEpisodes, func(_ *testing.T, n int) bool {
		var r rolledEpisodes
		for i := range n {
			r.note(&fold.Episode{StartMono: time.Duration(i)})
			r.note(&fold.Episode{StartMono: time.Duration(i + n), Open: true})
		}
		return len(r.Episodes) == n && len(r.Open) == n
	}},
	{"maxDeclared", int(maxDeclared), func(t *testing.T, n int) bool {
		at := boot + time.Minute
		said := lineAt(time.Minute+time.Duration(n), "episode", fmt.Sprintf(`{"what":"outage","scope":"machine","start_mono_ns":%d,"open":true}`, at))
		r, err := plainFile(t, lineAt(time.Minute, kindMember, `{"number":1}`), lineAt(time.Minute+time.Duration(n), kindMember, `{"number":2}`), said)
		return err == nil && r.Episode(EpisodeSummary{What: "outage", Scope: "machine", From: at}) != nil
	}},
	{"maxAside", maxAside, func(t *testing.T, n int) bool {
		name := filepath.Join(t.TempDir(), "a"+Suffix)
		var err error
		for range n {
			err = errors.Join(err, os.WriteFile(name, []byte("x"), 0o600), setAside(name), os.Remove(name))
		}
		return err == nil
	}},
	{"maxSnapshot", maxSnapshot, func(_ *testing.T, n int) bool {
		e := newEncoder()
		frame := len(appendStamp(nil, epoch, boot, kindSnapshot)) + len("}\n")
		half := n/2 - frame
		return e.addSnapshot(epoch, boot, []row{{line: make([]byte, half)}, {line: make([]byte, n-2*frame-half)}})
	}},
}

// TestLimits reads what is just within each limit, and what is one beyond it.
func TestLimits(t *testing.T) {
	for _, tt := range limitTests {
		t.Run(tt.name, func(t *testing.T) {
			if !tt.within(t, tt.limit) {
				t.Errorf("%d is refused", tt.limit)
			}
			if tt.within(t, tt.limit+1) {
				t.Errorf("%d is accepted", tt.limit+1)
			}
		})
	}
}

// journalOf reports whether a journal of n bytes is read to its last one.
func journalOf(t *testing.T, n int) bool {
	t.Helper()
	name := filepath.Join(t.TempDir(), "a"+Suffix+journalSuffix)
	if err := errors.Join(os.WriteFile(name, nil, 0o600), os.Truncate(name, int64(n))); err != nil {
		t.Fatal(err)
	}
	b, err := readJournal(name, noOwner)
	if err != nil {
		t.Fatal(err)
	}
	return len(b) == n
}

// rowsAre reports whether tables are read on that were filled.
func rowsAre(fill func(*state.State)) bool {
	var failed error
	d := decoder{state: state.NewState(), yield: func(_ fact.Observation, err error) bool {
		failed = err
		return true
	}}
	fill(d.state)
	// They are counted now and then.
	for range CheckEvery {
		d.apply(fact.Observation{Fact: &fact.Mark{}})
	}
	return failed == nil
}

// TestRowsAreCounted: whatever a state keeps of a fact counts.
func TestRowsAreCounted(t *testing.T) {
	for _, k := range fact.Kinds() {
		s, f := state.NewState(), k.New()
		s.Apply(fact.Observation{Op: fact.Put, Fact: f})
		kept := f.Row() || f.Kind() == fact.KindSync
		if got := rowsIn(s) == 1; got != kept {
			t.Errorf("%s: %d rows are counted; it is kept: %v", f.Kind(), rowsIn(s), kept)
		}
	}
}

// waiting reports whether n observations wait for a line of samples, each with a line
// of so many bytes or as it comes.
func waiting(n, size int) bool {
	yielded := 0
	d := decoder{state: state.NewState(), to: 1 << 62, latest: 1 << 62, yield: func(fact.Observation, error) bool {
		yielded++
		return true
	}}
	line := lineAt(0, "mark", `{"text":"x"}`)
	line = strings.Replace(line, `"x"`, `"`+strings.Repeat("x", max(1, size-len(line)+1))+`"`, 1)
	for range n {
		d.line("mark", []byte(line))
	}
	return yielded == 0
}

// cut returns the same members with bytes between them that are none.
func (h headers) cut() io.ReaderAt {
	b := make([]byte, h.n*h.size)
	_, _ = h.ReadAt(b, 0)
	for k := range h.n {
		m, _ := parseMember(b[k*h.size:], 0)
		m.size = uint32(h.size) - 10
		m.put(b[k*h.size+12:])
	}
	return bytes.NewReader(b)
}

// TestTailIsBounded: an overview folds no more than the newest MaxTail.
func TestTailIsBounded(t *testing.T) {
	var lines []string
	for i := range 5 {
		at := time.Duration(i) * MaxTail / 4
		lines = append(lines, lineAt(at, kindMember, fmt.Sprintf(`{"number":%d}`, i+1)), lineAt(at, "mark", `{"text":"x"}`))
	}
	r, err := plainFile(t, lines...)
	if err != nil {
		t.Fatal(err)
	}
	for from, want := range map[time.Duration]int{0: 4, boot + 3*MaxTail/4: 1} {
		tl := timeline.NewTimeline(timeline.DefaultLimits())
		if err := r.Tail(tl, from); err != nil {
			t.Fatal(err)
		}
		marks := 0
		for _, item := range tl.View().Items(timeline.Span{To: 1 << 62}, 100) {
			if item.Kind == "mark" {
				marks++
			}
		}
		if marks != want {
			t.Errorf("from %v: %d marks, want %d", from, marks, want)
		}
	}
}
