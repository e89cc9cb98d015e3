package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flapscope/history/session"
	"flapscope/history/timeline"
	"flapscope/internal/text"
)

// savedLast is how much of the past the live screen's key saves: long enough
// for "it dropped ten minutes ago".
const savedLast = 15 * time.Minute

func (a *App) saveCommand() *cobra.Command {
	var last time.Duration
	c := &cobra.Command{
		Use:   "save [FILE]",
		Short: "Save the last minutes of the history to a file",
		Long: `Cuts the last part of what was recorded into a file of its own, in this directory
unless FILE says otherwise, and prints its path. What was observed in the ten minutes
before, and since the begin of an incident that went on, is in it too, so that it says
of its beginning what was known then. It holds addresses, interface names and network
names of this machine: look before you attach it.`,
		Example: "  flapscope history save --last 15m",
		Args:    atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			if last <= 0 {
				return usagef("--last %v: want more than 0", last)
			}
			set, err := a.settings()
			if err != nil {
				return err
			}
			store, err := a.store(set)
			if err != nil {
				return err
			}
			name, length, err := save(c.Context(), store, strings.Join(args, ""), last)
			if err != nil {
				return err
			}
			fmt.Fprintln(out(c), name)
			if length < last {
				fmt.Fprintf(a.stderr(), "flapscope: %s is all there is\n", text.Duration(length))
			}
			return nil
		},
	}
	c.Flags().DurationVar(&last, "last", savedLast, "how much of the past, as a `time`: 15m, 2h")
	return c
}

// save saves the newest part of a store to name, or to a name made from the
// time, and returns the absolute path and how long the part is.
func save(ctx context.Context, store *session.Store, name string, last time.Duration) (string, time.Duration, error) {
	path, length, err := saveAs(name, func(name string) (time.Duration, error) { return store.Save(ctx, name, last) })
	if err != nil {
		return "", 0, fmt.Errorf("save the last %v: %w", last, err)
	}
	return path, length, nil
}

// saveSpan saves what a store holds of a span, or the last minutes where there is
// none, and returns the path.
func saveSpan(ctx context.Context, store *session.Store, span timeline.Span) (string, error) {
	if span == (timeline.Span{}) {
		name, _, err := save(ctx, store, "", savedLast)
		return name, err
	}
	path, _, err := saveAs("", func(name string) (time.Duration, error) {
		return store.SaveSpan(ctx, name, span.From, span.To)
	})
	if err != nil {
		return "", fmt.Errorf("save the range: %w", err)
	}
	return path, nil
}

// saveAs lets a recording be written to a name, or to one made from the time, and
// returns the absolute path.
func saveAs(name string, write func(name string) (time.Duration, error)) (string, time.Duration, error) {
	if name == "" {
		name = "flapscope-" + time.Now().Format("20060102T150405") + session.Suffix
	}
	if _, err := os.Lstat(name); err == nil {
		return "", 0, usagef("%s exists; recordings are never overwritten", name)
	}
	length, err := write(name)
	if err != nil {
		return "", 0, err
	}
	path, err := filepath.Abs(name)
	if err != nil {
		path = name
	}
	return path, length, nil
}
