package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flapscope/history/session"
	"flapscope/internal/config"
	"flapscope/internal/crash"
	"flapscope/internal/text"
	"flapscope/internal/watch"
	"flapscope/monitor/fact"
	"flapscope/monitor/live"
)

// recordOptions are the flags of the record command.
type recordOptions struct {
	length   time.Duration
	note     string
	noProbes bool
}

func (a *App) recordCommand() *cobra.Command {
	var o recordOptions
	c := &cobra.Command{
		Use:   "record [FILE]",
		Short: "Record without a screen",
		Long: `Records everything that is observed until interrupted, to FILE (*.flap.gz) or,
without one, to the history that the live screen keeps too. A recording holds
addresses, interface names and network names of this machine; it stays on it.

zcat FILE | jq reads it anywhere; flapscope replay shows it.`,
		Example: "  flapscope record night.flap.gz --for 8h --note 'dock drops at night'",
		Args:    atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			return a.record(c, strings.Join(args, ""), o)
		},
	}
	c.Flags().DurationVar(&o.length, "for", 0, "end after this `time`, 8h say")
	c.Flags().StringVar(&o.note, "note", "", "a `text` for whoever opens the recording")
	c.Flags().BoolVar(&o.noProbes, "no-probes", false, "send nothing")
	return c
}

// header returns the first line of a recording of this machine.
func (a *App) header(set config.Config, note string) session.Header {
	h := session.Header{
		Schema: session.Schema, Tool: "flapscope", Version: a.Version, Host: hostFacts(),
		Settings: set.Fold(), Note: fact.Untrusted(note),
	}
	// A configuration is plain numbers and texts; it can't fail to encode.
	h.Config, _ = json.Marshal(set)
	if os.Geteuid() != 0 {
		h.Impossible = append(h.Impossible, "run without root: receive buffer capped by net.core.rmem_max, raw ICMP by capability only")
	}
	return h
}

// recorder returns what records to the file called name, or to the history if it
// has none.
func (a *App) recorder(m *live.Monitor, set config.Config, name, note string) (*recorder, error) {
	view := watch.Rollups(m, set.Fold())
	if name == "" {
		return a.ringRecorder(m, set, note, view)
	}
	if _, err := os.Stat(name); err == nil {
		return nil, usagef("%s exists; recordings are never overwritten", name)
	}
	return a.fileRecorder(m, set, name, note, view), nil
}

func (a *App) record(c *cobra.Command, name string, o recordOptions) error {
	set, list, err := a.observing(o.noProbes, true)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(c.Context())
	defer cancel()
	if o.length > 0 {
		ctx, cancel = context.WithTimeout(ctx, o.length)
		defer cancel()
	}
	m := a.newMonitor(set)
	k, err := a.recorder(m, set, name, o.note)
	if err != nil {
		return err
	}
	begun := make(chan error, 1)
	progress := &recordProgress{out: a.stderr(), begun: begun}
	k.Changed(progress.changed)
	written := make(chan error, 1)
	recording, endRecording := context.WithCancel(context.Background())
	defer endRecording()
	go func() {
		err := crash.Survive(func() error { return k.Run(recording) })
		// Observing on without a recorder would be for nothing.
		cancel()
		written <- err
	}()
	select {
	case err = <-begun:
		if err != nil {
			return err
		}
	case err = <-written:
		return err
	}
	go func() {
		_ = crash.Survive(func() error { a.takeMarks(ctx, m, k.Status().Name); return nil })
	}()
	defer onOneProcessor(a.Env)()
	err = m.Run(ctx, surveyed(m, set, list)...)
	endRecording()
	if werr := <-written; werr != nil {
		return errors.Join(err, fmt.Errorf("end the recording: %w", werr))
	}
	if s := k.Status(); err == nil {
		fmt.Fprintf(a.stderr(), "flapscope: %s, %s\n", fact.Untrusted(s.Name).Display(), text.Size(s.Size))
	}
	return err
}

// A recordProgress says on standard error where the observations go, when that
// changes and when they go nowhere: whoever records a night must not learn in
// the morning that the disk was full.
type recordProgress struct {
	out io.Writer
	// begun is sent why the recording could not be begun, or nil, once.
	begun chan<- error
	name  string
	lost  bool
}

// changed is called by the recorder, from its one goroutine.
func (p *recordProgress) changed(s session.Status) {
	if p.begun != nil {
		p.begun <- s.Err
		p.begun = nil
		if s.Err != nil {
			return
		}
		fmt.Fprintf(p.out, "flapscope: recording to %s; end with ctrl+c\n", fact.Untrusted(s.Name).Display())
		p.name = s.Name
		return
	}
	switch {
	case s.Err != nil && !p.lost:
		fmt.Fprintf(p.out, "flapscope: not recording: %s\n", oneLine(s.Err))
	case s.Err == nil && p.lost:
		fmt.Fprintf(p.out, "flapscope: recording again, to %s\n", fact.Untrusted(s.Name).Display())
	case s.Err == nil && s.Name != p.name:
		fmt.Fprintf(p.out, "flapscope: recording to %s\n", fact.Untrusted(s.Name).Display())
	}
	p.lost = s.Err != nil
	if s.Name != "" {
		p.name = s.Name
	}
}
