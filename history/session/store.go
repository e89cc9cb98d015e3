package session

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"flapscope/monitor/fact"
)

// Suffix ends the names of recordings.
const Suffix = ".flap.gz"

// A Store is a directory of recordings that is kept within bounds: the past is
// there when it is needed. Several processes may use one at once; each writes
// its own files.
type Store struct {
	// Dir is the directory. It is made when the first recording is, readable
	// by its owner alone.
	Dir string
	// MaxAge and MaxBytes bound what is kept; the oldest recordings go first.
	// Zero means no bound.
	MaxAge   time.Duration
	MaxBytes int64
	// FileBytes and FileAge are how long one recording gets.
	FileBytes int64
	FileAge   time.Duration
}

// What NewStore keeps. The configuration, which knows no files, ships the same; a
// test holds both together.
const (
	DefaultMaxAge   = 7 * 24 * time.Hour
	DefaultMaxBytes = 500_000_000
)

// NewStore returns a store of DefaultMaxAge or DefaultMaxBytes in dir.
func NewStore(dir string) *Store {
	return &Store{Dir: dir, MaxAge: DefaultMaxAge, MaxBytes: DefaultMaxBytes, FileBytes: 50e6, FileAge: 24 * time.Hour}
}

// Full reports whether a recording of this size and age should be followed by
// another.
func (s *Store) Full(size int64, age time.Duration) bool {
	return size >= s.FileBytes || age >= s.FileAge
}

// Create makes a recording in the store, named after its beginning, and first
// makes room: it repairs what crashed programs left, and removes what is
// beyond the bounds.
func (s *Store) Create(t time.Time, mono time.Duration, h Header, rows []fact.Observation) (*Writer, error) {
	if err := makeDir(s.Dir); err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	if err := checkPrivate(s.Dir); err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	// What can't be repaired or removed is no reason not to record.
	tidied := s.Tidy(t)
	begins := t.Add(max(0, h.Begins-mono))
	base := begins.UTC().Format("20060102T150405Z") + fmt.Sprintf("-%d", os.Getpid())
	for n := range 100 {
		name := base + Suffix
		if n > 0 {
			name = fmt.Sprintf("%s-%d%s", base, n, Suffix)
		}
		w, err := Create(filepath.Join(s.Dir, name), t, mono, h, rows)
		if !errors.Is(err, fs.ErrExist) {
			return w, err
		}
	}
	return nil, errors.Join(fmt.Errorf("history: no free name in %s", s.Dir), tidied)
}

// Tidy repairs recordings that nobody writes any more and removes those beyond
// the bounds, as of the wall time now.
func (s *Store) Tidy(now time.Time) error {
	entries, err := s.entries()
	if err != nil {
		return err
	}
	var failed error
	for _, e := range entries {
		if e.journal && !e.open {
			failed = errors.Join(failed, Repair(e.name))
		}
	}
	return errors.Join(failed, s.prune(now))
}

// prune removes the oldest recordings beyond the bounds, journals included.
func (s *Store) prune(now time.Time) error {
	entries, err := s.entries()
	if err != nil {
		return err
	}
	total := int64(0)
	for _, e := range entries {
		total += e.size
	}
	var failed error
	for _, e := range entries {
		old := s.MaxAge > 0 && now.Sub(e.changed) > s.MaxAge
		much := s.MaxBytes > 0 && total > s.MaxBytes
		if e.open || !old && !much {
			continue
		}
		if err := errors.Join(remove(e.name), remove(e.name+journalSuffix)); err != nil {
			failed = errors.Join(failed, fmt.Errorf("history: %w", err))
			continue
		}
		total -= e.size
	}
	return failed
}

// remove removes a file that may not be there.
func remove(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// An entry is a recording in the directory.
type entry struct {
	name    string
	size    int64
	changed time.Time
	// journal is whether there is a journal beside it, and open whether
	// somebody writes it.
	journal, open bool
}

// entries returns the recordings, the one changed longest ago first.
func (s *Store) entries() ([]entry, error) {
	list, err := os.ReadDir(s.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	var out []entry
	for _, d := range list {
		if e, ok := s.entry(d); ok {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b entry) int {
		return cmp.Or(a.changed.Compare(b.changed), cmp.Compare(a.name, b.name))
	})
	return out, nil
}

// entry returns the recording that a directory entry is: a file of ours, or a
// journal whose file is lost.
func (s *Store) entry(d fs.DirEntry) (entry, bool) {
	base, orphan := strings.CutSuffix(d.Name(), journalSuffix)
	e := entry{name: filepath.Join(s.Dir, base)}
	if !strings.HasSuffix(base, Suffix) {
		return e, false
	}
	info, err := d.Info()
	if err != nil || !info.Mode().IsRegular() || checkOwner(info, noOwner) != nil {
		return e, false
	}
	if orphan {
		if _, err := os.Lstat(e.name); !errors.Is(err, fs.ErrNotExist) {
			return e, false
		}
	} else {
		e.size, e.changed = info.Size(), info.ModTime()
	}
	if j, err := os.Lstat(e.name + journalSuffix); err == nil {
		e.journal, e.open = true, inUse(e.name+journalSuffix)
		e.size += j.Size()
		if j.ModTime().After(e.changed) {
			e.changed = j.ModTime()
		}
	}
	return e, true
}

// inUse reports whether a journal is not ours to touch: somebody writes it, or
// it can't be opened.
func inUse(name string) bool {
	f, err := openFile(name, os.O_RDONLY, true, noOwner)
	if err != nil {
		return true
	}
	defer f.Close()
	return lockFile(f) != nil
}

// A Listed is one recording of a store, for a list.
type Listed struct {
	Name string
	Size int64
	// Start and End are by the wall clock.
	Start, End time.Time
	// Duration is by CLOCK_BOOTTIME.
	Duration time.Duration
	Header   Header
	// Open is whether it is being written now; Complete whether it has its
	// end.
	Open, Complete bool
	// Episodes are those that ended, and Current those that went on at the end
	// of the recording.
	Episodes, Current []EpisodeSummary
	// Err is why it can't be read, or nil.
	Err error
}

// List returns the recordings of the store, oldest first. It reads their
// rollups, and no observation but those that are in none yet.
func (s *Store) List() ([]Listed, error) {
	entries, err := s.entries()
	if err != nil {
		return nil, err
	}
	var out []Listed
	for _, e := range entries {
		out = append(out, e.list())
	}
	slices.SortStableFunc(out, func(a, b Listed) int { return a.Start.Compare(b.Start) })
	return out, nil
}

func (e *entry) list() Listed {
	l := Listed{Name: e.name, Size: e.size, Open: e.open, Start: e.changed, End: e.changed}
	r, err := Open(e.name)
	if err != nil {
		l.Err = err
		return l
	}
	defer r.Close()
	from, to := r.Bounds()
	start, mono := r.Start()
	l.Start, l.Duration, l.Header, l.Complete = start, to-from, r.Header(), r.Complete()
	l.End = start.Add(to - mono)
	l.Episodes, l.Current = r.Episodes()
	return l
}
