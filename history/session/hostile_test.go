package session

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// bomb is a file of one member that inflates to n zero bytes.
func bomb(tb testing.TB, n int, claim uint32) []byte {
	tb.Helper()
	var zip compressor
	b, err := zip.compress(member{flags: flagHeader}, make([]byte, n))
	if err != nil {
		tb.Fatal(err)
	}
	m, _ := parseMember(b, 0)
	if claim > 0 {
		m.raw = claim
	}
	m.put(b[12:headLen])
	return bytes.Clone(b)
}

func TestHostileFiles(t *testing.T) {
	header, err := headerLine(epoch, boot, &Header{Schema: Schema})
	if err != nil {
		t.Fatal(err)
	}
	header = append(header, '\n')
	loose := func(lines string) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write(header)
		io.WriteString(z, lines)
		z.Close()
		return b.Bytes()
	}
	line := `{"time":"2026-11-20T14:00:00Z","mono_ns":10800000000000,"kind":"samples","samples":[{"target":"%d","from":0,"every":0,"sent":[0],"rtt":[1],"lag":[0]}]}` + "\n"
	var targets strings.Builder
	for i := range maxTargets + 10 {
		fmt.Fprintf(&targets, line, i)
	}
	for name, data := range map[string][]byte{
		"bomb":             bomb(t, 40<<20, 0),
		"bomb-that-lies":   bomb(t, 40<<20, 1000),
		"too-large-member": bomb(t, 1<<20, maxRaw+1),
		"loose-bomb":       loose(strings.Repeat(" ", 300<<20)),
		"endless-line":     loose(`{"time":"2026-11-20T14:00:00Z","mono_ns":10800000000000,"kind":"mark","mark":{"text":"` + random(maxLine+1) + `"}}` + "\n"),
		"many-targets":     loose(targets.String()),
	} {
		t.Run(name, func(t *testing.T) {
			r, err := NewReader(bytes.NewReader(data), int64(len(data)), nil)
			if err == nil {
				for _, e := range r.All() {
					err = errors.Join(err, e)
				}
			}
			if !errors.Is(err, ErrLimit) && !errors.Is(err, ErrNoRecording) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// random returns letters that do not compress.
func random(n int) string {
	rng := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('!' + rng.IntN(90))
		if b[i] == '"' || b[i] == '\\' {
			b[i] = 'x'
		}
	}
	return string(b)
}

// TestAbsurdNumbers reads lines with times and counts that no machine has.
func TestAbsurdNumbers(t *testing.T) {
	header, err := headerLine(epoch, boot, &Header{Schema: Schema})
	if err != nil {
		t.Fatal(err)
	}
	for name, line := range map[string]string{
		"mono-out-of-range": `{"time":"2026-11-20T14:00:00Z","mono_ns":99999999999999999999,"kind":"mark","mark":{}}`,
		"negative-mono":     `{"time":"2026-11-20T14:00:00Z","mono_ns":-5,"kind":"mark","mark":{}}`,
		"sent-in-the-past":  `{"time":"2026-11-20T14:00:00Z","mono_ns":1,"kind":"samples","samples":[{"target":"t","from":-9223372036854775808,"every":1,"sent":[0],"rtt":[1],"lag":[1]}]}`,
		"rtt-of-centuries":  `{"time":"2026-11-20T14:00:00Z","mono_ns":1,"kind":"samples","samples":[{"target":"t","from":0,"every":1,"sent":[0],"rtt":[9223372036854775807],"lag":[1]}]}`,
		"short-column":      `{"time":"2026-11-20T14:00:00Z","mono_ns":1,"kind":"samples","samples":[{"target":"t","from":0,"every":1,"sent":[0,1],"rtt":[1],"lag":[1]}]}`,
		"odd-index":         `{"time":"2026-11-20T14:00:00Z","mono_ns":1,"kind":"samples","samples":[{"target":"t","from":0,"every":1,"sent":[],"rtt":[],"lag":[],"odd":[{"i":-1},{"i":99}]}]}`,
		"null":              `null`,
		"deep":              strings.Repeat("[", 20000),
	} {
		t.Run(name, func(t *testing.T) {
			data := string(header) + "\n" + line + "\n"
			r, err := NewReader(strings.NewReader(data), int64(len(data)), nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := collect(t, r); len(got) != 0 {
				t.Errorf("read %v", encoded(got))
			}
		})
	}
}
