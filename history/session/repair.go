package session

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"flapscope/monitor/fact"
)

// Repair finishes a recording whose writer died: what is in the journal is
// added to the file as a member, a member cut off at the end is made whole as
// far as it goes, and the journal is removed. The recording stays without an
// end, which reports the crash. A recording that is being written is left
// alone.
//
// No line is ever removed: where the file itself was lost, the journal becomes
// a recording with a header that says so.
func Repair(name string) error {
	journal, err := openFile(name+journalSuffix, os.O_RDWR, true, noOwner)
	if err != nil {
		return fmt.Errorf("repair recording: %w", err)
	}
	defer journal.Close()
	if err := lockFile(journal); errors.Is(err, errLocked) {
		return nil
	} else if err != nil {
		return fmt.Errorf("repair recording: lock: %w", err)
	}
	if err := repair(name, journal); err != nil {
		return fmt.Errorf("repair recording: %w", err)
	}
	return remove(name + journalSuffix)
}

func repair(name string, journal *os.File) error {
	f, err := openFile(name, os.O_RDWR, true, noOwner)
	if errors.Is(err, fs.ErrNotExist) {
		return rebuild(name, journal)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	r, err := openBoth(name, f)
	if errors.Is(err, ErrNoRecording) || err == nil && r.members[0].journal {
		return rebuild(name, journal)
	}
	if err != nil {
		return err
	}
	return r.rewriteTail(f)
}

// rebuild makes a recording of a journal whose file holds nothing of ours any
// more. What is in the way is put aside.
func rebuild(name string, journal *os.File) error {
	lines, err := io.ReadAll(io.LimitReader(io.NewSectionReader(journal, 0, maxRaw), maxRaw))
	if err != nil {
		return err
	}
	lines = lines[:bytes.LastIndexByte(lines, '\n')+1]
	m, ok := linesMember(lines)
	if !ok {
		// It died before the first observation.
		return removeEmpty(name)
	}
	if err := setAside(name); err != nil {
		return err
	}
	header, err := headerLine(m.wall, m.first, &Header{
		Schema: Schema, ID: newID(), Tool: "flapscope", Impossible: []string{"the header was lost; this one was made for a journal that was left alone"},
	})
	if err != nil {
		return err
	}
	var zip compressor
	b, err := zip.compress(member{flags: flagHeader, first: m.first, last: m.first, wall: m.wall}, append(header, '\n'))
	if err != nil {
		return err
	}
	file := bytes.Clone(b)
	m.number = max(m.number, 1)
	if b, err = zip.compress(m, lines); err != nil {
		return err
	}
	return writeWhole(name, append(file, b...))
}

// writeWhole makes a new file that is there with all its bytes or not at all.
func writeWhole(name string, b []byte) error {
	temporary := name + ".new"
	if err := remove(temporary); err != nil {
		return err
	}
	f, err := createFile(temporary)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return errors.Join(os.Rename(temporary, name), syncDir(name))
}

// removeEmpty removes a file that has no byte.
func removeEmpty(name string) error {
	info, err := os.Lstat(name)
	if err != nil || info.Size() > 0 {
		return nil
	}
	return remove(name)
}

// setAside gives a file that has bytes another name, so that nothing replaces
// it.
func setAside(name string) error {
	info, err := os.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	for n := range maxAside {
		aside := fmt.Sprintf("%s.damaged-%d", name, n)
		if err := os.Link(name, aside); !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return fmt.Errorf("too many files beside %s", fact.Untrusted(name).Display())
}

// maxAside bounds the damaged files kept of one name.
const maxAside = 10

// rewriteTail replaces the member that is torn and adds the one that is in the
// journal.
func (r *Reader) rewriteTail(f *os.File) error {
	end := int64(0)
	whole := len(r.members)
	for i := range r.members {
		m := &r.members[i]
		if m.held != nil || m.torn {
			whole = min(whole, i)
			continue
		}
		end = m.offset + int64(m.size)
	}
	var read inflater
	var zip compressor
	for i := whole; i < len(r.members); i++ {
		lines, _ := r.lines(i, &read)
		m, ok := linesMember(lines)
		if !ok {
			continue
		}
		m.number = r.members[i].number
		b, err := zip.compress(m, lines)
		if err != nil {
			return err
		}
		if _, err := f.WriteAt(b, end); err != nil {
			return err
		}
		end += int64(len(b))
	}
	return errors.Join(f.Truncate(end), f.Sync())
}
