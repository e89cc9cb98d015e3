package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flapscope/history/session"
	"flapscope/internal/config"
	"flapscope/monitor"
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
func (a *App) header(set config.Config, note, continues string) session.Header {
	h := session.Header{
		Schema: session.Schema, Tool: "flapscope", Version: a.Version, Host: hostFacts(),
		Settings: set.Fold(), Note: monitor.Untrusted(note), Continues: continues,
	}
	// A configuration is plain numbers and texts; it can't fail to encode.
	h.Config, _ = json.Marshal(set)
	if os.Geteuid() != 0 {
		h.Impossible = append(h.Impossible, "run without root: receive buffer capped by net.core.rmem_max, raw ICMP by capability only")
	}
	return h
}

func (a *App) record(c *cobra.Command, name string, o recordOptions) error {
	set, list, err := a.observing(o.noProbes)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(c.Context())
	defer cancel()
	if o.length > 0 {
		ctx, cancel = context.WithTimeout(ctx, o.length)
		defer cancel()
	}
	sums := newSummer(set.Fold())
	k := a.fileKeeper(set, name, o.note, sums.view)
	if name == "" {
		if k, err = a.ringKeeper(set, o.note, sums.view); err != nil {
			return err
		}
	} else if _, err := os.Stat(name); err == nil {
		return usagef("%s exists; recordings are never overwritten", name)
	}
	m := newMonitor(set, sums, k)
	sums.sample = m.Sample
	written := make(chan error, 1)
	recording, endRecording := context.WithCancel(context.Background())
	defer endRecording()
	go func() { written <- k.run(recording, m) }()
	fmt.Fprintf(a.stderr(), "flapscope: recording to %s; end with ctrl+c\n", k.place)
	err = m.Run(ctx, list...)
	endRecording()
	if werr := <-written; werr != nil {
		err = errors.Join(err, fmt.Errorf("write recording: %w", werr))
	}
	if status := k.Status(); status.Err != nil {
		err = errors.Join(err, fmt.Errorf("write recording: %w", status.Err))
	} else if info, serr := os.Stat(name); serr == nil {
		fmt.Fprintf(a.stderr(), "flapscope: %s, %s\n", name, bytesText(info.Size()))
	}
	return err
}
