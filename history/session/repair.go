package session

import (
	"errors"
	"fmt"
	"os"
)

// Repair finishes a recording whose writer died: what is in the journal is
// added to the file as a member, a member cut off at the end is made whole as
// far as it goes, and the journal is removed. The recording stays without an
// end, which tells of the crash. A recording that is being written is left
// alone.
func Repair(name string) error {
	journal, err := os.OpenFile(name+journalSuffix, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("repair recording: %w", err)
	}
	defer journal.Close()
	if !lockFile(journal) {
		return nil
	}
	if err := repair(name); err != nil {
		return fmt.Errorf("repair recording: %w", err)
	}
	return remove(name + journalSuffix)
}

func repair(name string) error {
	r, err := Open(name)
	if errors.Is(err, ErrNoRecording) {
		// It died before the header was written: there is nothing in it.
		return os.Remove(name)
	}
	if err != nil {
		return err
	}
	defer r.Close()
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(r.rewriteTail(f), f.Close())
}

// rewriteTail replaces the member that is torn and adds the one that is in the
// journal.
func (r *Reader) rewriteTail(f *os.File) error {
	end := int64(0)
	whole := len(r.members)
	for i := range r.members {
		m := &r.members[i]
		if m.lines != nil || m.torn != "" {
			whole = min(whole, i)
			continue
		}
		end = m.offset + int64(m.size)
	}
	var zip compressor
	for i := whole; i < len(r.members); i++ {
		lines, _ := r.lines(i, nil, new(inflater))
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
