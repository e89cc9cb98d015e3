//go:build linux

package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"flapscope/history/session"
)

// A mutator damages a recording and has the program read it.
type mutator struct {
	program string
	// seed chooses what is damaged, so that a longer run is not the same again.
	seed uint64
	// whole is the recording, with the offsets of its members, and lines what
	// it holds.
	whole   []byte
	members []int
	lines   []byte
}

// commands are what reads a file; each file is read by one of them, and by this
// process.
var commands = [][]string{
	{"events"},
	{"events", "--all"},
	{"events", "--all", "--json"},
	{"state"},
	{"state", "--json"},
	{"state", "--at", "+2s"},
	{"state", "--at", "+1s", "--diff", "+20s"},
	{"history", "stats"},
	{"history", "stats", "--json"},
	{"verify"},
	{"verify", "--json"},
	{"incidents"},
	{"incidents", "--notes", "--json"},
	{"redact"},
	{"report"},
	{"report", "--redact", "none"},
	{"report", "--format", "html"},
	{"report", "--format", "json"},
	{"report", "--format", "csv"},
	{"report", "--format", "trace"},
	{"status"},
	{"status", "--json"},
	{"check"},
	{"check", "--json"},
	{"wifi"},
	{"wifi", "--json"},
	{"diff", "--marks"},
}

// payloads are texts that do harm where they reach a terminal.
var payloads = []string{
	`\u001b]0;PWNED\u0007`, `\u001b[2J`, `\u009b31m`, "\u009b31m", "\u202e", `\u0000`, "\x7f", `\r\n`, "\xff\xfe",
}

// prepare makes the recording.
func (m *mutator) prepare(dir string) error {
	name := filepath.Join(dir, "whole"+session.Suffix)
	w, err := session.Create(name, epoch, boot, session.Header{Tool: "torture"}, nil)
	if err != nil {
		return err
	}
	const n = 30_000
	for i := range n {
		o := observation(i)
		if err := w.Append(&o); err != nil {
			return err
		}
	}
	last := observation(n)
	if err := w.Close(last.Time, last.Mono, "stop"); err != nil {
		return err
	}
	if m.whole, err = os.ReadFile(name); err != nil {
		return err
	}
	for at := 0; ; {
		k := bytes.Index(m.whole[at:], []byte{0x1f, 0x8b, 8, 4})
		if k < 0 {
			break
		}
		m.members = append(m.members, at+k)
		at += k + 1
	}
	z, err := gzip.NewReader(bytes.NewReader(m.whole))
	if err != nil {
		return err
	}
	m.lines, err = io.ReadAll(z)
	return err
}

// file makes one damaged file and reads it.
func (m *mutator) file(dir string, i int) error {
	if m.whole == nil {
		if err := m.prepare(dir); err != nil {
			return err
		}
	}
	rng := rand.New(rand.NewPCG(uint64(i), m.seed))
	name := filepath.Join(dir, "bad"+session.Suffix)
	data := bytes.Clone(m.whole)
	switch i % 5 {
	case 0:
		for range 1 + rng.IntN(8) {
			data[rng.IntN(len(data))] ^= 1 << rng.IntN(8)
		}
	case 1:
		data = data[:rng.IntN(len(data))]
	case 2:
		data = m.shuffled(rng)
	case 3:
		data = squeeze(m.reworded(rng))
	default:
		// A crash: a file cut somewhere, and a journal of some lines.
		data = data[:m.members[rng.IntN(len(m.members))]]
		at := rng.IntN(len(m.lines))
		if err := os.WriteFile(name+".open", m.lines[at:at+rng.IntN(len(m.lines)-at)], 0o600); err != nil {
			return err
		}
	}
	if err := os.WriteFile(name, data, 0o600); err != nil {
		return err
	}
	if err := readAll(name); err != nil {
		return fmt.Errorf("case %d: %w", i%5, err)
	}
	command := commands[rng.IntN(len(commands))]
	if err := m.read("", command, name); err != nil {
		return fmt.Errorf("case %d: %w", i%5, err)
	}
	return nil
}

// shuffled returns the recording with members left out, doubled and swapped.
func (m *mutator) shuffled(rng *rand.Rand) []byte {
	var parts [][]byte
	for i, at := range m.members {
		end := len(m.whole)
		if i+1 < len(m.members) {
			end = m.members[i+1]
		}
		for range rng.IntN(3) {
			parts = append(parts, m.whole[at:end])
		}
	}
	if rng.IntN(2) == 0 {
		rng.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	}
	return bytes.Join(parts, nil)
}

// reworded returns lines of the recording in which values are others.
func (m *mutator) reworded(rng *rand.Rand) []byte {
	lines := bytes.SplitAfter(m.lines, []byte("\n"))
	lines = lines[:min(len(lines), 400)]
	for range 1 + rng.IntN(20) {
		k := rng.IntN(len(lines))
		fields := bytes.Split(lines[k], []byte(`"`))
		if len(fields) < 4 {
			continue
		}
		switch at := 1 + rng.IntN(len(fields)-2); rng.IntN(3) {
		case 0:
			fields[at] = []byte(payloads[rng.IntN(len(payloads))])
		case 1:
			fields[at] = []byte([]string{":-1,", ":9223372036854775807,", ":1e308,", ":null,", ":[[[[", "{}"}[rng.IntN(6)])
		default:
			fields = append(fields[:at], fields[at+1:]...)
		}
		lines[k] = bytes.Join(fields, []byte(`"`))
	}
	return bytes.Join(lines, nil)
}

func squeeze(lines []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(lines)
	_ = z.Close()
	return b.Bytes()
}

// readAll reads a file in this process; it may be refused, and must not panic.
func readAll(name string) error {
	r, err := session.Open(name)
	if err != nil {
		return nil
	}
	defer r.Close()
	for _, err := range r.All() {
		if err != nil && !errors.Is(err, session.ErrLimit) {
			return err
		}
	}
	from, to := r.Bounds()
	_, err = r.StateAt(from + (to-from)/2)
	if errors.Is(err, session.ErrLimit) {
		return nil
	}
	return err
}

// read runs a command over a file, under limits of the shell, where the file lies.
func (m *mutator) read(limits string, command []string, name string) error {
	path, err := filepath.Abs(m.program)
	if err != nil {
		return err
	}
	return read(filepath.Dir(name), limits, append(append([]string{path}, command...), name)...)
}

// read runs a program in a directory, where it may make files. It must end in time with
// an exit code of its own, without a trace, and print nothing that a terminal acts on.
func read(dir, limits string, args ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", append([]string{"-c", limits + ` exec "$@"`, "sh"}, args...)...)
	cmd.Dir = dir
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%v does not end", args)
	case err != nil && !errors.As(err, &exit):
		return err
	case cmd.ProcessState.ExitCode() < 0 || cmd.ProcessState.ExitCode() > 3:
		return fmt.Errorf("%v ends with %v", args, cmd.ProcessState)
	case strings.Contains(errs.String(), "goroutine "), strings.Contains(errs.String(), "panic"):
		return fmt.Errorf("%v: %s", args, errs.String())
	}
	return harmless(out.String() + errs.String())
}

// harmless finds characters that a terminal acts on.
func harmless(s string) error {
	for i, r := range s {
		bad := r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r))
		if _, size := utf8.DecodeRuneInString(s[i:]); bad || r == utf8.RuneError && size == 1 {
			return fmt.Errorf("printed %q", s[max(0, i-40):min(len(s), i+20)])
		}
	}
	return nil
}

// scarcities are limits under which the program still has to answer, or to say
// why not in a line.
var scarcities = []string{
	"ulimit -n 20;", "ulimit -n 10;", "ulimit -n 8;", "ulimit -v 2000000;", "ulimit -f 0;", "GOMEMLIMIT=20MiB GOMAXPROCS=1;",
}

// scarce reads the whole recording with little of something.
func (m *mutator) scarce(dir string, i int) error {
	if m.whole == nil {
		if err := m.prepare(dir); err != nil {
			return err
		}
	}
	name := filepath.Join(dir, "whole-read"+session.Suffix)
	if err := os.WriteFile(name, m.whole, 0o600); err != nil {
		return err
	}
	for _, command := range commands {
		if err := m.read(scarcities[i], command, name); err != nil {
			return fmt.Errorf("%s %w", scarcities[i], err)
		}
	}
	return nil
}
