package session

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
)

// journalSuffix names the journal beside a recording: the lines of the member
// that is not yet compressed.
const journalSuffix = ".open"

// A Writer writes one recording. It is not safe for concurrent use; a Recorder
// owns one where callers must not wait for a disk.
//
// Events are in the hands of the kernel when Flush returns, and on the disk
// when Sync does: kill -9 loses the samples of at most ten seconds, and nothing
// else. After an error the Writer keeps what it could not write, up to a
// member, and tries again at the next call.
type Writer struct {
	name string
	file *os.File
	// journal is nil for a copy, which is begun anew if it is not finished.
	journal *os.File
	// packer compresses the members of a copy, or is nil.
	packer *packer
	enc    *encoder
	zip    compressor
	// written is how much of the encoder's lines is in the journal.
	written int
	// size is the length of the file: where the next member goes.
	size    int64
	pending bool
	ended   bool
	id      string
	// durable is whether each member is waited for: set by whoever calls Sync
	// now and then.
	durable bool
	// retry is when a member that could not be written is tried again.
	retry time.Duration
	// lost is what there was no room to keep, or nil.
	lost *loss
	// rolled is where the newest rollup ends, episodes are those that ended
	// since, or go on, and incidents those of which anything was said since, or
	// that go on.
	rolled    time.Duration
	episodes  rolledEpisodes
	incidents rolledIncidents
}

// Create creates a recording named name, which must not exist, with the header
// h of the instant t, mono. Rows is the state at that instant (see Rows), or
// nil where recording begins before any observation.
func Create(name string, t time.Time, mono time.Duration, h Header, rows []fact.Observation) (*Writer, error) {
	h.Schema, h.Incidents = Schema, true
	if h.ID == "" {
		h.ID = newID()
	}
	line, err := headerLine(t, mono, &h)
	if err != nil {
		return nil, err
	}
	w := &Writer{name: name, enc: newEncoder(), rolled: max(mono, h.Begins), id: h.ID}
	// The journal comes first: one that is alone and empty is removed by a repair, and
	// nothing would look at an empty file without one.
	w.journal, err = createFile(name + journalSuffix)
	if err != nil {
		return nil, fmt.Errorf("create journal of the recording: %w", err)
	}
	w.file, err = createFile(name)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("create recording: %w", err), w.journal.Close(), os.Remove(name+journalSuffix))
	}
	for _, o := range rows {
		w.enc.state.Apply(o)
	}
	if err := w.first(line, t, mono); err != nil {
		return nil, errors.Join(err, w.Abandon(), os.Remove(name), os.Remove(name+journalSuffix))
	}
	return w, nil
}

// first writes the header as a member of its own, so that zcat FILE | head -1
// shows it from the first second on, and begins the first member of
// observations. The header and the names of both files are on the disk before
// anything else is: after a power loss a journal is never alone.
func (w *Writer) first(header []byte, t time.Time, mono time.Duration) error {
	if err := lockFile(w.journal); err != nil {
		return fmt.Errorf("lock journal of the recording: %w", err)
	}
	w.enc.headed(header, t, mono)
	if err := w.appendMember(); err != nil {
		return err
	}
	if err := errors.Join(w.file.Sync(), syncDir(w.name)); err != nil {
		return fmt.Errorf("sync recording: %w", err)
	}
	w.enc.begin(t, mono)
	return w.Flush()
}

// Name returns the name of the file.
func (w *Writer) Name() string { return w.name }

// Size returns how many bytes the recording takes so far.
func (w *Writer) Size() int64 { return w.size + int64(len(w.enc.lines)) }

// Append adds an observation. It is written by the next Flush, results of
// probes in chunks of up to ten seconds. An error means that a member could
// not be finished; nothing is lost by it unless it persists.
func (w *Writer) Append(o *fact.Observation) error {
	if w.lost != nil {
		return w.lose(o)
	}
	var err error
	if w.enc.due(o.Mono) && (o.Mono >= w.retry || len(w.enc.lines) >= maxKept) {
		if err = w.Rotate(o.Time, o.Mono); err != nil {
			w.retry = o.Mono + retryEvery
		}
		if w.lost != nil {
			w.lost.n++
			w.enc.skip(o)
			return err
		}
	}
	w.enc.observe(o)
	return err
}

// AppendEvent adds a transition, an episode or an incident as a line for people; reading
// skips it, because the fold finds it again. The samples before it are put
// before it, so that what led up to it is not lost with the process.
func (w *Writer) AppendEvent(e *fold.Event) {
	if e.Observation != nil {
		return
	}
	if e.Episode != nil {
		w.episodes.note(e.Episode)
	}
	line := fold.AppendEvent(nil, e, "")
	if e.Incident != nil {
		w.incidents.note(e.Incident, line)
	}
	if w.lost != nil {
		return
	}
	w.enc.flush()
	w.enc.line(e.Time, e.Mono, line)
}

// Flush writes everything but the samples being collected to the journal.
func (w *Writer) Flush() error {
	lines := w.enc.lines
	if w.lost != nil {
		return w.lost.err
	}
	if w.journal == nil || w.written == len(lines) {
		return nil
	}
	// At its place rather than at the end: a write that failed half-way is
	// repeated.
	n, err := w.journal.WriteAt(lines[w.written:], int64(w.written))
	w.written += n
	if err != nil {
		return fmt.Errorf("write recording: %w", err)
	}
	w.pending = true
	return nil
}

// Sync is Flush, and waits until the disk has it. A journal that somebody removed is
// made anew.
func (w *Writer) Sync() error {
	w.durable = true
	if err := w.keepJournal(); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if !w.pending {
		return nil
	}
	if err := w.journal.Sync(); err != nil {
		return fmt.Errorf("sync recording: %w", err)
	}
	w.pending = false
	return nil
}

// keepJournal makes the journal anew where it is no longer at its place: Flush then
// writes all of the member in the making to it.
func (w *Writer) keepJournal() error {
	if w.journal == nil || inPlace(w.journal, w.name+journalSuffix) {
		return nil
	}
	f, err := createFile(w.name + journalSuffix)
	if err != nil {
		return fmt.Errorf("create journal of the recording: %w", err)
	}
	if err := lockFile(f); err != nil {
		return errors.Join(fmt.Errorf("lock journal of the recording: %w", err), f.Close())
	}
	old := w.journal
	w.journal, w.written, w.pending = f, 0, true
	return errors.Join(old.Close(), syncDir(w.name))
}

// Rotate finishes the member and begins another at the instant t, mono.
func (w *Writer) Rotate(t time.Time, mono time.Duration) error {
	w.enc.flush()
	flushed := w.Flush()
	if err := w.appendMember(); err != nil {
		if len(w.enc.lines) >= maxKept {
			w.giveUp(err)
		}
		return err
	}
	w.enc.begin(t, mono)
	return flushed
}

// appendMember compresses the lines to the end of the file and empties the
// journal. Until the journal is empty the lines are in both: the number of the
// member says.
func (w *Writer) appendMember() error {
	if w.packer != nil {
		w.enc.lines = w.packer.take(w.enc.member, w.enc.lines)
		return nil
	}
	if err := w.packMember(w.enc.member, w.enc.lines); err != nil || w.journal == nil {
		return err
	}
	if err := w.journal.Truncate(0); err != nil {
		return fmt.Errorf("empty journal of the recording: %w", err)
	}
	w.written = 0
	return nil
}

// packMember compresses lines to the end of the file.
func (w *Writer) packMember(m member, lines []byte) error {
	b, err := w.zip.compress(m, lines)
	if err != nil {
		return fmt.Errorf("compress recording: %w", err)
	}
	return w.put(b)
}

// put appends a member's bytes to the file, whole or not at all as far as this
// process can see to it.
func (w *Writer) put(b []byte) error {
	if _, err := w.file.WriteAt(b, w.size); err != nil {
		return errors.Join(fmt.Errorf("write recording: %w", err), w.file.Truncate(w.size))
	}
	if w.durable {
		// Before the journal is emptied, or a power loss could take both.
		if err := w.file.Sync(); err != nil {
			return fmt.Errorf("sync recording: %w", err)
		}
	}
	w.size += int64(len(b))
	return nil
}

// Close ends the recording with an end record that gives the reason ("stop",
// "rotated"…), and removes the journal.
func (w *Writer) Close(t time.Time, mono time.Duration, reason string) error {
	if w.ended {
		return nil
	}
	if w.lost != nil {
		if err := w.recover(t, mono); err != nil {
			// What came before the loss is in the journal.
			return errors.Join(err, w.Abandon())
		}
	}
	w.enc.flush()
	line := append(appendStamp(nil, t, mono, kindEnd), `{"reason":`...)
	w.enc.line(t, mono, append(appendString(line, reason), "}}"...))
	w.enc.member.flags |= flagEnd
	flushed := w.Flush()
	if err := w.appendMember(); err != nil {
		// The journal has it all, and a reader reads it.
		return errors.Join(flushed, err, w.Abandon())
	}
	w.ended = true
	if w.journal == nil {
		return nil
	}
	return errors.Join(os.Remove(w.name+journalSuffix), w.Abandon())
}

// newID returns 128 random bits in hex.
func newID() string {
	b := make([]byte, 16)
	// It never fails (crypto/rand).
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// Abandon closes the files without an end, as a crash would.
func (w *Writer) Abandon() error {
	w.ended = true
	if w.journal == nil {
		// The file is the caller's.
		return nil
	}
	return errors.Join(w.file.Close(), w.journal.Close())
}
