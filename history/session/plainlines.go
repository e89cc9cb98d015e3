package session

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/klauspost/compress/gzip"
)

// loose reads a file that has the lines of a recording but not its members:
// one that went through zcat, or was compressed again.
//
// It is read twice: how many lines there are decides whether at all.
func (r *Reader) loose(size int64) error {
	limit := min(int64(maxLoose), max(size*maxRatio, smallRaw))
	in, err := r.plain(size)
	if err != nil {
		return err
	}
	n, _ := io.Copy(io.Discard, io.LimitReader(in, limit+1))
	if n > limit {
		return fmt.Errorf("%w: %d bytes hold more than %d", ErrLimit, size, limit)
	}
	if in, err = r.plain(size); err != nil {
		return err
	}
	// Where it can't be read any more it was cut off or damaged; whole lines
	// are good as far as they go.
	err = r.split(in)
	if errors.Is(err, ErrLimit) {
		return err
	}
	if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		r.damaged(0, size, err.Error())
	}
	return nil
}

// plain returns the lines of a file, inflated if need be.
func (r *Reader) plain(size int64) (*bufio.Reader, error) {
	src := bufio.NewReader(io.NewSectionReader(r.src, 0, size))
	var in io.Reader = src
	if magic, _ := src.Peek(2); len(magic) == 2 && magic[0] == 0x1f && magic[1] == 0x8b {
		zip, err := gzip.NewReader(src)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNoRecording, err)
		}
		in = zip
	}
	peeked := bufio.NewReaderSize(in, 64<<10)
	if !looksLikeLines(peeked) {
		return nil, ErrNoRecording
	}
	return peeked, nil
}

// looksLikeLines reports whether the first bytes can be those of a header.
func looksLikeLines(in *bufio.Reader) bool {
	head, _ := in.Peek(160)
	kind, _ := peek(head)
	return kind == kindSession
}

// split makes members of lines, where member lines say that one begins, until they
// end or an error. What is left of a line at the end is none.
func (r *Reader) split(in *bufio.Reader) error {
	zip := compressor{hurried: true}
	var lines []byte
	snapshot := 0 // where the last of its rows ends in lines
	for {
		part, err := in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			err = nil
		}
		if err != nil {
			lines = lines[:bytes.LastIndexByte(lines, '\n')+1]
		}
		kind, between := "", len(lines) == 0 || lines[len(lines)-1] == '\n'
		if between {
			kind, _ = peek(part)
		}
		full := err != nil || kind == kindMember || kind == kindRollup || len(lines)-snapshot >= looseSize
		if between && full && len(lines) > 0 {
			if perr := r.addPlain(lines, &zip); perr != nil {
				return perr
			}
			lines, snapshot = lines[:0], 0
		}
		if err != nil {
			return err
		}
		if lines = append(lines, part...); len(lines) > maxRaw {
			return fmt.Errorf("%w: a member of more than %d bytes", ErrLimit, maxRaw)
		}
		if kind == kindSnapshot {
			snapshot = len(lines)
		}
	}
}

// looseSize is how many bytes of lines are a member where no line says so: more than
// a recorder writes into one. A snapshot stays whole.
const looseSize = 2*memberSize + maxLine

// packedFrom is how many bytes of lines are worth packing.
const packedFrom = 4 << 10

// addPlain adds the member that plain lines are, packed: a file that another tool
// compressed takes no more memory than one of ours.
func (r *Reader) addPlain(lines []byte, zip *compressor) error {
	m, ok := linesMember(lines)
	if !ok {
		return nil
	}
	if kind, _ := peek(lines); kind != kindMember {
		m.number = 0
		if n := len(r.members); n > 0 {
			m.number = r.members[n-1].number + 1
		}
	}
	if len(r.members) >= maxMembers {
		return fmt.Errorf("%w: more than %d members", ErrLimit, maxMembers)
	}
	if len(lines) < packedFrom {
		m.held.lines = bytes.Clone(lines)
	} else {
		b, err := zip.compress(m, lines)
		if err != nil {
			return err
		}
		m.held.lines, m.held.packed = nil, bytes.Clone(b)
	}
	r.add(m)
	return nil
}

// linesMember returns the member that plain lines are.
func linesMember(lines []byte) (member, bool) {
	m := member{held: &heldLines{lines: lines}, raw: uint32(min(len(lines), maxRaw))}
	first, rows, want := true, 0, 0
	for rest := lines; len(rest) > 0; {
		line, after, _ := bytes.Cut(rest, []byte{'\n'})
		rest = after
		kind, mono := peek(line)
		begins := mono
		switch kind {
		case "":
			continue
		case kindSession:
			m.flags |= flagHeader
		case kindSnapshot:
			m.flags |= flagSnapshot
			rows++
		case kindRollup:
			m.flags |= flagRollup
		case kindEnd:
			m.flags |= flagEnd
		case kindMember:
			m.number, want = memberLine(line)
		case kindSamples:
			if samples, err := parseSamples(line); err == nil && len(samples) > 0 {
				mono = samples[len(samples)-1].Mono
			}
		}
		if first {
			m.first, m.wall, first = begins, lineTime(line), false
		}
		m.last = max(m.last, mono)
	}
	if rows < want {
		// Half a snapshot is none.
		m.flags &^= flagSnapshot
	}
	return m, !first
}

// memberLine returns the number of a member, and how many rows its snapshot
// has, or 0 where it does not say.
func memberLine(line []byte) (number uint32, rows int) {
	var l struct {
		Member struct {
			Number uint32 `json:"number"`
			Rows   int    `json:"rows"`
		} `json:"member"`
	}
	if json.Unmarshal(line, &l) != nil {
		return 0, 0
	}
	return l.Member.Number, l.Member.Rows
}

// lineTime returns the wall time of a line, or the zero time.
func lineTime(line []byte) time.Time {
	if t, ok := stampTime(line); ok {
		return t
	}
	var l struct {
		Time time.Time `json:"time"`
	}
	if json.Unmarshal(line, &l) != nil {
		return time.Time{}
	}
	return l.Time
}
