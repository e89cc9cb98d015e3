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
// It is read twice: how many lines there are decides whether, and how much
// memory they take.
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
	lines := make([]byte, n)
	if n, err := io.ReadFull(in, lines); err != nil {
		lines = lines[:n]
	}
	// Where it can't be read any more it was cut off or damaged; whole lines
	// are good as far as they go.
	if _, err := in.Read(make([]byte, 1)); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		r.damaged(0, size, err.Error())
	}
	return r.split(lines[:bytes.LastIndexByte(lines, '\n')+1])
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
	peeked := bufio.NewReaderSize(in, 4096)
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

// split makes members of lines, where member lines say that one begins.
func (r *Reader) split(lines []byte) error {
	for start := 0; start < len(lines); {
		end := start
		for {
			next := bytes.IndexByte(lines[end:], '\n') + end + 1
			end = next
			if end >= len(lines) {
				break
			}
			if kind, _ := peek(lines[end:]); kind == kindMember || kind == kindRollup {
				break
			}
		}
		if m, ok := linesMember(lines[start:end]); ok {
			if kind, _ := peek(lines[start:]); kind != kindMember {
				m.number = 0
				if n := len(r.members); n > 0 {
					m.number = r.members[n-1].number + 1
				}
			}
			if len(r.members) >= maxMembers {
				return fmt.Errorf("%w: more than %d members", ErrLimit, maxMembers)
			}
			r.add(m)
		}
		start = end
	}
	return nil
}

// linesMember returns the member that plain lines are.
func linesMember(lines []byte) (member, bool) {
	m := member{lines: lines, raw: uint32(min(len(lines), maxRaw))}
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
