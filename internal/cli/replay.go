package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"flapscope/history/session"
	"flapscope/history/timeline"
	"flapscope/internal/config"
	"flapscope/internal/replay"
	"flapscope/monitor/path"
	"flapscope/ui"
)

// replayOptions are the flags of the replay command.
type replayOptions struct {
	at, from, to string
	speed        float64
	play         bool
	// beside names a second recording, or is "".
	beside string
	// reports is where reports are written, or "" for nowhere.
	reports string
}

func (a *App) replayCommand() *cobra.Command {
	var o replayOptions
	c := &cobra.Command{
		Use:   "replay [FILE|DIRECTORY]...",
		Short: "Show a recording on the live screen: play, scrub, zoom",
		Long: `Shows a recording on the same screen as the live one, which then shows what it
showed then. Several recordings, or those of a directory, are shown as one;
without an argument all of the history is. What is long is there at once as an
overview, and becomes exact while it is read, the newest part first.

With --beside, a second recording is shown below the first, on a time axis of its
own: one of the same time beside it by the clock, another by its beginning. Both
move together; x lets each move alone, or together as they stand, and tab gives the
keys, and the other pages, to the other one. --from and --to hold for both.

Give --settle-up, --settle-down or --interface to see what it would have shown
under other settings.`,
		Example: "  flapscope replay\n  flapscope replay night.flap.gz --at 03:12:40\n  flapscope replay night.flap.gz --play --speed 60\n  flapscope replay before.flap.gz --beside after.flap.gz",
		RunE:    func(c *cobra.Command, args []string) error { return a.replay(c, args, o) },
	}
	o.register(c)
	c.Flags().StringVar(&o.beside, "beside", "", "show this recording, or those of this directory, below (`file`)")
	return c
}

func (o *replayOptions) register(c *cobra.Command) {
	c.Flags().StringVar(&o.at, "at", "", "where the playhead begins: "+instantHelp)
	c.Flags().StringVar(&o.from, "from", "", "begin with what is after this `time` in view")
	c.Flags().StringVar(&o.to, "to", "", "leave out what is after this `time`")
	c.Flags().Float64Var(&o.speed, "speed", 1, "how fast it plays: 0.25 to 1000 times")
	c.Flags().BoolVar(&o.play, "play", false, "begin by playing")
}

func (a *App) replay(c *cobra.Command, names []string, o replayOptions) error {
	set, err := a.settings()
	if err != nil {
		return err
	}
	if o.beside == "" {
		o.reports = a.reportsDir(set)
		a.readOnlyBut(o.reports, names...)
		chain, err := a.openChain(set, names)
		if err != nil {
			return err
		}
		defer chain.Close()
		return a.show(c, set, o, chain, nil)
	}
	if len(names) == 0 {
		return usagef("--beside needs a recording that it is shown beside; see %s --help", c.CommandPath())
	}
	o.reports = a.reportsDir(set)
	a.readOnlyBut(o.reports, slices.Concat(names, []string{o.beside})...)
	upper, err := a.openChain(set, names)
	if err != nil {
		return err
	}
	defer upper.Close()
	lower, err := a.openChain(set, []string{o.beside})
	if err != nil {
		return err
	}
	defer lower.Close()
	return a.show(c, set, o, upper, lower)
}

// show shows recordings that are open, and others below them unless those are nil.
func (a *App) show(c *cobra.Command, set config.Config, o replayOptions, chain, below *session.Chain) error {
	if o.speed < 0.25 || o.speed > 1000 {
		return usagef("--speed %v: want 0.25 to 1000", o.speed)
	}
	guard := ui.NewGuard(nil)
	screen := a.screen(set, guard)
	screen.Replay, screen.Playing, screen.Speed = true, o.play, o.speed
	screen.Greet = !o.play && o.at == "" && below == nil
	upper, err := a.shown(chain, o)
	if err != nil {
		return err
	}
	if o.from != "" || o.to != "" {
		screen.Width = upper.span.To - upper.span.From
	}
	screen.From, screen.Location, screen.Recording, screen.Report = upper.at, upper.location, upper.Recording, a.reporter(c, chain, o)
	all := []*shownChain{upper}
	if below != nil {
		o.at = ""
		lower, err := a.shown(below, o)
		if err != nil {
			return err
		}
		screen.Beside = &ui.Beside{Feed: lower, Location: lower.location, Recording: lower.Recording, Report: a.reporter(c, below, o)}
		all = append(all, lower)
	}
	ctx, cancel := context.WithCancel(c.Context())
	defer cancel()
	read := make(chan error, len(all))
	var reading sync.WaitGroup
	reading.Add(len(all))
	guard.Go(func() {
		reading.Wait()
		a.modest(readPercent)
	})
	for _, s := range all {
		guard.Go(func() {
			defer reading.Done()
			err := s.Load(ctx.Done())
			read <- err
			if err != nil {
				// Half a truth would be taken for the whole.
				cancel()
			}
		})
	}
	err = ui.Run(ctx, upper, screen)
	cancel()
	for _, s := range all {
		a.warnChain(s.chain)
	}
	for range all {
		select {
		case failed := <-read:
			err = errors.Join(failed, err)
		default:
			// What was still being read nobody waits for any more.
		}
	}
	return err
}

// A shownChain is recordings on the screen.
type shownChain struct {
	*replay.Reading
	chain *session.Chain
	// span is what of them is wanted, at where the playhead begins.
	span     timeline.Span
	at       time.Duration
	location *time.Location
}

// shown returns recordings as they are to be shown.
func (a *App) shown(chain *session.Chain, o replayOptions) (*shownChain, error) {
	span, at, err := o.bounds(chain)
	if err != nil {
		return nil, err
	}
	start, _ := chain.Start()
	return &shownChain{replay.New(chain, span, a.whatIf), chain, span, at, start.Location()}, nil
}

// reporter returns what writes a report of a span of recordings that are shown.
func (a *App) reporter(c *cobra.Command, chain *session.Chain, o replayOptions) func(timeline.Span) ([]string, error) {
	return func(span timeline.Span) ([]string, error) {
		return a.replayedFiles(c.Context(), chain, span, o.reports)
	}
}

// openChain opens the recordings that are named: files, directories of them, or
// by no name the history.
func (a *App) openChain(set config.Config, names []string) (*session.Chain, error) {
	if len(names) == 0 {
		store, err := a.store(set)
		if err != nil {
			return nil, err
		}
		return store.Open()
	}
	var files []string
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil || !info.IsDir() {
			// One that can't be opened would be missed.
			r, err := openRecording(name)
			if err != nil {
				return nil, err
			}
			r.Close()
			files = append(files, name)
			continue
		}
		inside, err := filepath.Glob(filepath.Join(name, "*"+session.Suffix))
		if err != nil || len(inside) == 0 {
			return nil, usagef("no recording (*%s) in %s", session.Suffix, name)
		}
		files = append(files, inside...)
	}
	return session.OpenChain(files)
}

// whatIf returns the settings to fold a run with, and whether they are others
// than those that it was made with.
func (a *App) whatIf(run *session.Run) (set path.Settings, differ bool, err error) {
	made := run.Settings()
	set, err = a.settingsOf(run.Links[0].Header())
	return set, set != made, err
}

// bounds returns what part of the recordings is wanted, and where the playhead
// begins: 0 is the end.
func (o replayOptions) bounds(axis axis) (span timeline.Span, at time.Duration, err error) {
	span.From, span.To = axis.Bounds()
	for _, f := range []struct {
		text string
		put  *time.Duration
	}{{o.from, &span.From}, {o.to, &span.To}} {
		if f.text == "" {
			continue
		}
		given, err := parseInstant(f.text, axis)
		if err != nil {
			return span, 0, err
		}
		*f.put = min(max(given, span.From), span.To)
	}
	if o.at != "" {
		if at, err = parseWithin(o.at, axis); err != nil {
			return span, 0, err
		}
		if axis.Wall(at).Nanosecond() == 0 {
			// The screen's clock may be behind by that much, and would show
			// the second before.
			at = min(at+timeline.ClockSlack, span.To)
		}
	}
	if span.From >= span.To && (o.from != "" || o.to != "") {
		return span, 0, usagef("--from %s is not before --to %s", o.from, o.to)
	}
	return span, at, nil
}
