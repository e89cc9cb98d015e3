//go:build linux

package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"flapscope/history/session"
	"flapscope/internal/cli"
	"flapscope/internal/hostile"
)

// A planter puts text that does harm to a terminal into a field of a recording,
// and has every command read it.
type planter struct {
	reader *mutator
	lines  [][]byte
	fields []string
}

// prepare makes the recording to plant in.
func (p *planter) prepare(dir string) (err error) {
	if p.lines != nil {
		return nil
	}
	if p.lines, err = hostile.Lines(dir); err != nil {
		return err
	}
	p.fields, err = hostile.Fields(p.lines, hostile.Text)
	return err
}

// tries returns how many tries plant each payload in each field, unless n says how many
// there are to be.
func (p *planter) tries(n int) (int, error) {
	if n >= 0 {
		return n, nil
	}
	dir, err := os.MkdirTemp("", "torture")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	err = p.prepare(dir)
	return len(p.fields) * len(hostile.Payloads), err
}

// field makes the recording of one field and one payload.
func (p *planter) field(dir string, i int) (err error) {
	if err := p.prepare(dir); err != nil {
		return err
	}
	// So many tries as there are fields plant one in each; after as many rounds as
	// there are payloads each was in each.
	at, round := i%len(p.fields), i/len(p.fields)
	field, payload := p.fields[at], hostile.Payloads[(at+round)%len(hostile.Payloads)]
	planted, err := hostile.Plant(p.lines, payload, field)
	if err != nil {
		return err
	}
	name := filepath.Join(dir, "planted"+session.Suffix)
	if err := hostile.Write(name, planted); err != nil {
		return err
	}
	if err := p.reader.readByAll(name); err != nil {
		return fmt.Errorf("%s in %s: %w", payload.Name, field, err)
	}
	return nil
}

// readArgument makes this program run every command over a file, one after the other:
// to start one for each takes twenty times as long as what it does.
const readArgument = "read"

// readByAll has every command read a file, in a process of its own.
func (m *mutator) readByAll(name string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return read(filepath.Dir(name), "", self, readArgument, name)
}

// everyCommand runs every command over a file, and returns the last exit code that
// none of them has.
func everyCommand(name string) (code int) {
	for _, command := range commands {
		app := cli.App{Version: "torture", In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Env: os.Getenv}
		if c := app.Main(append(slices.Clip(command), name)); c < 0 || c > 3 {
			code = c
		}
	}
	return code
}

// endWithin is how soon a command ends that is interrupted.
const endWithin = time.Second

// stalled reads the whole recording into a pipe that nobody empties, and
// interrupts it there.
func (m *mutator) stalled(dir string, i int) error {
	if m.whole == nil {
		if err := m.prepare(dir); err != nil {
			return err
		}
	}
	name := filepath.Join(dir, "whole-stalled"+session.Suffix)
	if err := os.WriteFile(name, m.whole, 0o600); err != nil {
		return err
	}
	command := commands[i%len(commands)]
	program, err := filepath.Abs(m.program)
	if err != nil {
		return err
	}
	cmd := exec.Command(program, append(slices.Clip(command), name)...)
	cmd.Dir = dir
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	defer out.Close()
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	time.Sleep(time.Duration(rand.IntN(1000)) * time.Millisecond)
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case err := <-ended:
		// It ends by the signal, or in order before it came.
		if _, died := errors.AsType[*exec.ExitError](err); died {
			err = nil
		}
		return err
	case <-time.After(endWithin):
		return errors.Join(fmt.Errorf("%v does not end", command), cmd.Process.Kill())
	}
}
