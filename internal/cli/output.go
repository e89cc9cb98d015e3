package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"

	"flapscope/monitor/fact"
)

// An output is a file that a command writes. It is made before the command goes
// into its cage, which no file can be made in, and filled when all is done: what
// fails leaves nothing.
type output struct {
	*os.File
	name string

	mu   sync.Mutex // guards kept
	kept bool
}

// createOutput makes a file that is not there, for this user alone.
func createOutput(name string) (*output, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL|noFollow, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, usagef("%s exists; nothing is overwritten", fact.Untrusted(name).Display())
	}
	if err != nil {
		return nil, fmt.Errorf("create the output: %w", err)
	}
	return &output{File: f, name: name}, nil
}

// scratchFor makes a file without a name on the disk that a file will be on.
func scratchFor(name string) (*os.File, error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".flapscope-")
	if err != nil {
		return nil, fmt.Errorf("make a scratch file beside the output: %w", err)
	}
	return f, os.Remove(f.Name())
}

// errInterrupted is why an output is empty.
var errInterrupted = errors.New("interrupted")

// interruptible lets a signal end the process at once, as in commands that only
// read, and takes an output that is not filled yet along.
func (a *App) interruptible(o *output) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, endings()...)
	go func() {
		s, _ := (<-signals).(syscall.Signal)
		o.mu.Lock() // for good
		if !o.kept {
			a.report(o.discard(errInterrupted))
		}
		os.Exit(128 + int(s))
	}()
}

// fill writes what a file holds to the output, which stays.
func (o *output) fill(from io.ReadSeeker) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, err := from.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if _, err := io.Copy(o.File, from); err != nil {
		return fmt.Errorf("write the output: %w", err)
	}
	if err := o.Sync(); err != nil {
		return fmt.Errorf("write the output: %w", err)
	}
	o.kept = true
	return nil
}

// close ends the output, which is discarded unless it was filled.
func (o *output) close(failed error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.kept && failed == nil {
		return o.Close()
	}
	return o.discard(failed)
}

// discard empties the output and removes it; in a cage it can only be emptied, which
// is said.
func (o *output) discard(failed error) error {
	err := errors.Join(o.Truncate(0), o.Close())
	if os.Remove(o.name) != nil {
		failed = fmt.Errorf("%w (%s is empty: it can be removed)", failed, fact.Untrusted(o.name).Display())
	}
	return errors.Join(failed, err)
}
