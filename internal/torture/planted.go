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
	"flapscope/internal/hostile"
)

// A planter puts text that does harm to a terminal into a field of a recording,
// and has every command read it.
type planter struct {
	reader *mutator
	lines  [][]byte
	fields []string
}

// field makes the recording of one field and one payload.
func (p *planter) field(dir string, i int) (err error) {
	if p.lines == nil {
		if p.lines, err = hostile.Lines(dir); err != nil {
			return err
		}
		if p.fields, err = hostile.Fields(p.lines, hostile.Text); err != nil {
			return err
		}
	}
	field, payload := p.fields[i%len(p.fields)], hostile.Payloads[(i+i/len(p.fields))%len(hostile.Payloads)]
	planted, err := hostile.Plant(p.lines, payload, field)
	if err != nil {
		return err
	}
	name := filepath.Join(dir, "planted"+session.Suffix)
	if err := hostile.Write(name, planted); err != nil {
		return err
	}
	for _, command := range commands {
		err := p.reader.read("", append(slices.Clip(command), name)...)
		if err != nil {
			return fmt.Errorf("%s in %s: %w", payload.Name, field, err)
		}
	}
	return nil
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
	cmd := exec.Command(m.program, append(slices.Clip(command), name)...)
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
