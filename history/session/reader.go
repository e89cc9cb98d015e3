package session

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"flapscope/monitor/fact"
)

// A Reader reads a recording. Opening reads the headers of its members, not
// what is in them. Its methods may be called from several goroutines.
type Reader struct {
	src     io.ReaderAt
	closer  io.Closer
	members []member
	// conditions has one for each member.
	conditions []atomic.Uint32
	// journaled is whether there was a journal beside the file.
	journaled bool
	header    Header
	// start is where the file begins, and begin what it reports: see Header.Begins.
	start, begin fact.Instant
	// damage is what of the file could not be read.
	damage []Flaw
	// resumed is where reading went on after the newest damage.
	resumed int64
	// rollups reads them once.
	rollups func() []readRollup
}

// Open opens the recording named name and the journal beside it, if there is
// one: a recording that is being written, or whose writer died, reads like any
// other. Errors can be ErrNoRecording, ErrNewer, ErrLimit or the file's.
func Open(name string) (*Reader, error) {
	f, err := openFile(name, os.O_RDONLY, false, noOwner)
	if err != nil {
		return nil, fmt.Errorf("open recording: %w", err)
	}
	r, err := openBoth(name, f)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", fact.Untrusted(name).Display(), err), f.Close())
	}
	r.closer = f
	return r, nil
}

// openBoth reads an open recording with the journal beside it, which may be of
// the user whose the recording is. The journal is read before the file's end
// is known: if its member is finished meanwhile, it is in the file too, and
// its number says.
func openBoth(name string, f *os.File) (*Reader, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	journal, err := readJournal(name+journalSuffix, ownerOf(info))
	if err != nil {
		return nil, err
	}
	if info, err = f.Stat(); err != nil {
		return nil, err
	}
	r, err := NewReader(f, info.Size(), journal)
	if err != nil {
		return nil, err
	}
	r.journaled = journal != nil
	return r, nil
}

// readJournal returns the journal's bytes, or nil if there is none.
func readJournal(name string, owner int) ([]byte, error) {
	f, err := openFile(name, os.O_RDONLY, true, owner)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxRaw))
	if b == nil {
		b = []byte{}
	}
	return b, err
}

// NewReader reads a recording of size bytes from src, and the journal beside
// it, which may be nil.
func NewReader(src io.ReaderAt, size int64, journal []byte) (*Reader, error) {
	r := &Reader{src: src}
	r.rollups = sync.OnceValue(r.readRollups)
	if err := r.index(size); err != nil {
		return nil, err
	}
	r.addJournal(journal)
	if len(r.members) == 0 {
		return nil, ErrNoRecording
	}
	r.conditions = make([]atomic.Uint32, len(r.members))
	if err := r.readHeader(); err != nil {
		return nil, err
	}
	r.begin = r.start
	if at := r.header.Begins; at > r.start.Mono {
		_, end := r.Bounds()
		r.begin.Mono = min(at, end)
		r.begin.Time = r.wall(r.begin.Mono)
	}
	return r, nil
}

// Close closes the file.
func (r *Reader) Close() error {
	if r.closer == nil {
		return nil
	}
	return r.closer.Close()
}

// index walks from member to member.
func (r *Reader) index(size int64) error {
	head := make([]byte, headLen)
	var total int64
	for at := int64(0); at < size; {
		n, err := r.src.ReadAt(head, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read recording: %w", err)
		}
		m, ok := parseMember(head[:n], at)
		if ok && at+int64(m.size) > size {
			// Cut off, unless its size is what is wrong.
			next := r.nextMember(at+headLen, size)
			m.resize(next - at)
			m.torn = true
		}
		if !ok {
			if at, err = r.resume(at, size); err != nil {
				return err
			}
			continue
		}
		if m.raw > maxRaw || m.raw > m.mostRaw() {
			return fmt.Errorf("%w: %d bytes claim to hold %d", ErrLimit, m.size, m.raw)
		}
		if total += int64(m.raw); total > maxTotal || len(r.members) >= maxMembers {
			return fmt.Errorf("%w: more than %d bytes or %d members", ErrLimit, int64(maxTotal), maxMembers)
		}
		at += int64(m.size)
		r.add(m)
	}
	return nil
}

// resume returns where to go on when no member begins at at.
func (r *Reader) resume(at, size int64) (int64, error) {
	if at == 0 {
		next := r.nextMember(1, size)
		if next == size {
			return size, r.loose(size)
		}
		r.damaged(0, next, "no member begins here")
		return next, nil
	}
	from := at + 1
	if n := len(r.members); n > 0 {
		// The size that led here may be wrong.
		from = r.members[n-1].offset + headLen
	}
	// Never from the same place twice.
	from = max(from, r.resumed+1)
	next := r.nextMember(from, size)
	r.resumed = next
	if n := len(r.members); n > 0 && next < at {
		r.members[n-1].resize(next - r.members[n-1].offset)
		return next, nil
	}
	r.damaged(at, next, "no member begins here")
	return next, nil
}

// add adds a member unless it is there already, as after a crash between
// writing it and noting so. One from before its predecessor is not of this
// recording.
func (r *Reader) add(m member) {
	m.last = min(m.last, m.first+maxSpan)
	if n := len(r.members); n > 0 {
		prev := &r.members[n-1]
		again := m.number == prev.number && m.first == prev.first
		switch {
		case again && prev.torn:
			r.members = r.members[:n-1]
		case again:
			return
		case m.first < prev.first:
			r.damaged(m.offset, m.offset+int64(m.size), "it is from before what comes before it")
			return
		}
		if m.wall.IsZero() {
			// Its first line says no time.
			m.wall = prev.wall.Add(m.first - prev.first)
		}
	}
	r.members = append(r.members, m)
}

// maxSpan bounds the time within one member: a minute is expected, and an
// observation reported late.
const maxSpan = time.Hour

// nextMember looks for where a member begins, from at on.
func (r *Reader) nextMember(at, size int64) int64 {
	const step = 1 << 16
	buf := make([]byte, step+headLen)
	for ; at < size; at += step {
		n, _ := r.src.ReadAt(buf, at)
		for i := 0; i < min(n, step); {
			k := bytes.Index(buf[i:n], memberMagic)
			if k < 0 {
				break
			}
			if _, ok := parseMember(buf[i+k:n], 0); ok {
				return at + int64(i+k)
			}
			i += k + 1
		}
	}
	return size
}

func (r *Reader) damaged(from, to int64, why string) {
	if len(r.damage) < maxDamage {
		r.damage = append(r.damage, Flaw{Offset: from, End: to, Why: why})
	}
}

// addJournal adds the member in the making, up to the last whole line.
func (r *Reader) addJournal(journal []byte) {
	journal = journal[:bytes.LastIndexByte(journal, '\n')+1]
	if len(journal) == 0 {
		return
	}
	m, ok := linesMember(journal)
	if ok {
		m.journal = true
		r.add(m)
	}
}

// readHeader reads the header's line. A recording is read without one if only
// that part of the file is damaged.
func (r *Reader) readHeader() error {
	first := &r.members[0]
	r.start = fact.Instant{Time: first.wall, Mono: first.first}
	zip := inflaters.Get().(*inflater)
	defer inflaters.Put(zip)
	lines, err := r.lines(0, zip)
	line, _, _ := bytes.Cut(lines, []byte{'\n'})
	header, parsed := parseHeader(line)
	// Of a damaged line no version is to be believed.
	if err == nil && errors.Is(parsed, ErrNewer) {
		return parsed
	}
	if err == nil && parsed == nil {
		_, mono := peek(line)
		r.header, r.start = header, fact.Instant{Time: lineTime(line), Mono: mono}
		return nil
	}
	if !first.journal && (first.held != nil || len(r.members) < 2) {
		return ErrNoRecording
	}
	r.damaged(0, int64(first.size), "the header is lost")
	return nil
}

// lines returns the lines of member i, and what is wrong with them. They are
// good until zip is used again.
func (r *Reader) lines(i int, zip *inflater) ([]byte, error) {
	m := &r.members[i]
	if m.held != nil && m.held.packed == nil {
		return m.held.lines, nil
	}
	lines, err := r.inflate(m, zip)
	r.remember(i, err)
	return lines, err
}

func (r *Reader) inflate(m *member, zip *inflater) ([]byte, error) {
	var packed []byte
	if m.held != nil {
		packed = m.held.packed
	} else {
		zip.packed = slices.Grow(zip.packed[:0], int(m.size))[:m.size]
		if _, err := r.src.ReadAt(zip.packed, m.offset); err != nil && err != io.EOF {
			return nil, fmt.Errorf("read recording: %w", err)
		}
		packed = zip.packed
	}
	limit := int64(m.raw)
	// All at once: what grows step by step is in memory twice. What is claimed and not
	// filled is not touched.
	buf := zip.lines[:0]
	if int64(cap(buf)) <= limit {
		buf = make([]byte, 0, limit+1)
	}
	lines, err := zip.inflate(buf, packed, limit)
	zip.lines = lines
	if err == nil && int64(len(lines)) != limit {
		err = fmt.Errorf("%d bytes of lines instead of %d", len(lines), limit)
	}
	// Of a damaged member, whole lines are good as far as they go.
	return lines[:bytes.LastIndexByte(lines, '\n')+1], err
}

// Header returns the header.
func (r *Reader) Header() Header { return r.header }

// Start returns the instant at which the recording begins: wall clock and
// CLOCK_BOOTTIME.
func (r *Reader) Start() (time.Time, time.Duration) { return r.begin.Time, r.begin.Mono }

// Bounds returns the first and the last instant of the recording on the
// CLOCK_BOOTTIME axis. There may be observations from before the first.
func (r *Reader) Bounds() (from, to time.Duration) {
	from = r.begin.Mono
	for i := range r.members {
		to = max(to, r.members[i].last)
	}
	return from, max(from, to)
}

// Complete reports whether the recording has its end: otherwise it is being
// written, or its writer died.
func (r *Reader) Complete() bool { return r.members[len(r.members)-1].flags&flagEnd != 0 }

// Mono returns the instant at which the wall clock showed t, to within how
// much it was slewed since the minute began. After a step back it is the later
// of two.
func (r *Reader) Mono(t time.Time) time.Duration {
	at := r.start.Mono + t.Sub(r.start.Time)
	for i := range r.members {
		m := &r.members[i]
		if m.flags&flagRollup == 0 && !m.wall.After(t) {
			at = m.first + t.Sub(m.wall)
		}
	}
	return max(at, 0)
}

// Wall returns the wall time of an instant, to within how much the clock was
// slewed since the minute began.
func (r *Reader) Wall(mono time.Duration) time.Time { return r.wall(mono) }

// find returns the index of the member in which mono lies: the last that
// begins at or before it.
func (r *Reader) find(mono time.Duration) int {
	i := sort.Search(len(r.members), func(i int) bool { return r.members[i].first > mono })
	return max(i-1, 0)
}
