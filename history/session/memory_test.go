package session

import (
	"bytes"
	"runtime"
	"testing"
	"unsafe"
)

// TestLargeMemberIsReadOnce: the lines of a member are in memory once while it is read,
// not at each size that they had while they grew.
func TestLargeMemberIsReadOnce(t *testing.T) {
	line := []byte(lineAt(0, "mark", `{"text":"x"}`) + "\n")
	lines := bytes.Repeat(line, (20<<20)/len(line))
	// Its ratio is that of real lines.
	for i := range lines {
		if i%64 == 0 && lines[i] != '\n' {
			lines[i] = byte('a' + i*i%23)
		}
	}
	var zip compressor
	b, err := zip.compress(member{first: boot, last: boot, wall: epoch}, lines)
	if err != nil {
		t.Fatal(err)
	}
	m, ok := parseMember(b, 0)
	if !ok || m.raw > m.mostRaw() {
		t.Fatalf("%d bytes hold %d: this shows nothing", m.size, m.raw)
	}
	r := &Reader{src: bytes.NewReader(b)}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got, err := r.inflate(&m, new(inflater))
	runtime.ReadMemStats(&after)
	if err != nil || !bytes.Equal(got, lines) {
		t.Fatalf("%d bytes of %d: %v", len(got), len(lines), err)
	}
	if took := int(after.TotalAlloc - before.TotalAlloc); took > len(lines)+len(b)+4<<20 {
		t.Errorf("%d bytes are allocated for %d", took, len(lines))
	}
}

// TestMembersAreSmall: a file may have maxMembers.
func TestMembersAreSmall(t *testing.T) {
	if size := unsafe.Sizeof(member{}); size > 80 {
		t.Errorf("a member takes %d bytes, and %d of them %d MB", size, maxMembers, size*maxMembers>>20)
	}
}
