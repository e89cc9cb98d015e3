package session

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
)

// Each gzip member carries an extra field (RFC 1952 §2.3.1.1) by which a
// reader walks from member to member and picks by time without inflating:
//
//	offset size  all numbers little-endian
//	     0    2  "FS"
//	     2    2  40, the length of what follows
//	     4    1  version of this layout: 1
//	     5    1  flags: 1 header, 2 snapshot, 4 rollup, 8 end
//	     6    2  check: the low half of the CRC-32 of this field with 0 here
//	     8    4  number of the member, from 0
//	    12    4  size of the member in the file, in bytes
//	    16    4  size of its lines, in bytes
//	    20    8  CLOCK_BOOTTIME of its first line, in ns
//	    28    8  CLOCK_BOOTTIME of its last line, in ns
//	    36    8  wall clock of its first line, in ns since 1970 UTC
const (
	extraLen = 44
	// headLen is the length of the gzip header with the extra field.
	headLen = 10 + 2 + extraLen
	// tailLen is the length of the CRC and size at a gzip member's end.
	tailLen = 8
)

// memberFlags say what is in a member.
type memberFlags uint8

const (
	flagHeader memberFlags = 1 << iota
	flagSnapshot
	flagRollup
	flagEnd
)

// A member is one gzip member of a file.
type member struct {
	flags memberFlags
	// journal is whether it is the one in the making, and torn whether it ends in the
	// middle.
	journal, torn bool
	number        uint32
	// size and raw are its lengths in the file and inflated, in bytes.
	size, raw   uint32
	first, last time.Duration
	wall        time.Time
	// offset is where it begins in the file.
	offset int64
	// held is what it holds where that is no member of the file, or nil: a file has a
	// quarter of a million members.
	held *heldLines
}

// heldLines are lines that were read already, as from a journal, or packed, of a file
// that another tool compressed.
type heldLines struct{ lines, packed []byte }

// What is recorded is packed once a minute and kept: keptLevel takes the time of
// level 5 of the standard library, for files of the same size. A copy is waited for,
// and a storm fills members faster: hurriedLevel takes two fifths of the time, for
// files that are a fiftieth to a twentieth larger.
const (
	keptLevel    = 8
	hurriedLevel = 6
)

// compressor makes members; it keeps its buffers.
type compressor struct {
	// hurried is whether whoever makes the members waits for them.
	hurried    bool
	buf        bytes.Buffer
	kept, fast *gzip.Writer
}

// compress returns the member's bytes, valid until the next call.
func (c *compressor) compress(m member, lines []byte) ([]byte, error) {
	c.buf.Reset()
	zip, level := &c.kept, keptLevel
	if c.hurried || len(lines) >= memberSize {
		zip, level = &c.fast, hurriedLevel
	}
	if *zip == nil {
		// The level is a constant that there is.
		*zip, _ = gzip.NewWriterLevel(nil, level)
	}
	z := *zip
	z.Reset(&c.buf)
	z.Extra = make([]byte, extraLen)
	z.OS = 255
	if _, err := z.Write(lines); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	b := c.buf.Bytes()
	m.size, m.raw = uint32(len(b)), uint32(len(lines))
	m.put(b[12:headLen])
	return b, nil
}

func (m *member) put(b []byte) {
	copy(b, "FS")
	le := binary.LittleEndian
	le.PutUint16(b[2:], extraLen-4)
	b[4], b[5] = 1, byte(m.flags)
	le.PutUint32(b[8:], m.number)
	le.PutUint32(b[12:], m.size)
	le.PutUint32(b[16:], m.raw)
	le.PutUint64(b[20:], uint64(m.first))
	le.PutUint64(b[28:], uint64(m.last))
	le.PutUint64(b[36:], uint64(m.wall.UnixNano()))
	le.PutUint16(b[6:], checkExtra(b))
}

// noCheck is in the place of the check while that is made.
var noCheck = []byte{0, 0}

// checkExtra returns the check of an extra field: gzip's own checksum covers
// the lines only, and a flipped flag would hide a member.
func checkExtra(b []byte) uint16 {
	sum := crc32.ChecksumIEEE(b[:6])
	sum = crc32.Update(sum, crc32.IEEETable, noCheck)
	return uint16(crc32.Update(sum, crc32.IEEETable, b[8:extraLen]))
}

// parseMember reads the header of a member, or reports that there is none.
func parseMember(b []byte, offset int64) (member, bool) {
	if len(b) < headLen || !isMember(b) {
		return member{}, false
	}
	x, le := b[12:headLen], binary.LittleEndian
	if le.Uint16(x[6:]) != checkExtra(x) {
		return member{}, false
	}
	m := member{
		flags: memberFlags(x[5]), offset: offset,
		number: le.Uint32(x[8:]), size: le.Uint32(x[12:]), raw: le.Uint32(x[16:]),
		first: time.Duration(le.Uint64(x[20:])), last: time.Duration(le.Uint64(x[28:])),
		wall: time.Unix(0, int64(le.Uint64(x[36:]))),
	}
	if m.size < headLen+tailLen || m.size > maxPacked || m.first < 0 || m.last < m.first {
		return member{}, false
	}
	return m, true
}

// mostRaw returns how many bytes of lines a member of its size may hold.
func (m *member) mostRaw() uint32 {
	return max(min(m.size, maxRaw/maxRatio)*maxRatio, smallRaw)
}

// resize corrects the size of a member, and what it may hold.
func (m *member) resize(size int64) {
	m.size = uint32(min(size, maxPacked))
	m.raw = min(m.raw, m.mostRaw())
}

// memberMagic begins every member: gzip, deflate, FEXTRA alone.
var memberMagic = []byte{0x1f, 0x8b, 8, 4}

func isMember(b []byte) bool {
	return bytes.HasPrefix(b, memberMagic) && b[10] == extraLen && b[11] == 0 && b[12] == 'F' && b[13] == 'S' && b[16] == 1
}

// An inflater reads members; it keeps its buffers.
type inflater struct {
	zip *gzip.Reader
	// packed are the bytes of the last member, and lines its lines.
	packed, lines []byte
}

// inflaters are those not in use: each has a window of 32 kB and tables.
var inflaters = sync.Pool{New: func() any { return new(inflater) }}

// inflate appends the lines of a member's bytes to dst. When the member is
// damaged it appends what could be read of it, with an error.
func (f *inflater) inflate(dst, packed []byte, limit int64) ([]byte, error) {
	r := bytes.NewReader(packed)
	var err error
	if f.zip == nil {
		f.zip, err = gzip.NewReader(r)
	} else {
		err = f.zip.Reset(r)
	}
	if err != nil {
		f.zip = nil
		return dst, fmt.Errorf("inflate: %w", err)
	}
	f.zip.Multistream(false)
	start := len(dst)
	for {
		if len(dst) == cap(dst) {
			dst = append(dst, 0)[:len(dst)]
		}
		n, err := f.zip.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		if int64(len(dst)-start) > limit {
			return dst[:start], fmt.Errorf("%w: a member of more than %d bytes", ErrLimit, limit)
		}
		if errors.Is(err, io.EOF) {
			return dst, nil
		}
		if err != nil {
			return dst, fmt.Errorf("inflate: %w", err)
		}
	}
}
