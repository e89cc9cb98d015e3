package cli

import (
	"time"

	"github.com/spf13/cobra"

	"flapscope/history"
	"flapscope/monitor"
	"flapscope/ui"
)

// A replayFeed is what the screen reads from in replay: all of a recording,
// folded once.
type replayFeed struct{ *recording }

// Now implements ui.Feed: the end of the recording.
func (f replayFeed) Now() (time.Time, time.Duration) { return f.end.time, f.end.mono }

// Snapshot implements ui.Feed.
func (f replayFeed) Snapshot() *monitor.Snapshot { return f.snapshot }

// Timeline implements ui.Feed.
func (f replayFeed) Timeline() ui.Timeline { return f.view }

// replayOptions are the flags of the replay command.
type replayOptions struct {
	at, from, to string
	speed        float64
	play         bool
}

func (a *App) replayCommand() *cobra.Command {
	var o replayOptions
	c := &cobra.Command{
		Use:   "replay FILE",
		Short: "Show a recording on the live screen: play, scrub, zoom",
		Long: `Shows a recording on the same screen as the live one, which then shows what it
showed then. Give --settle-up, --settle-down or --interface to see what it would
have shown under other settings.`,
		Example: "  flapscope replay night.flap.gz --at 03:12:40\n  flapscope replay night.flap.gz --play --speed 60",
		Args:    exactlyOne,
		RunE:    func(c *cobra.Command, args []string) error { return a.replay(c, args[0], o) },
	}
	c.Flags().StringVar(&o.at, "at", "", "where the playhead begins: "+instantHelp)
	c.Flags().StringVar(&o.from, "from", "", "begin with what is after this `time` in view")
	c.Flags().StringVar(&o.to, "to", "", "leave out what is after this `time`")
	c.Flags().Float64Var(&o.speed, "speed", 1, "how fast it plays: 0.25 to 1000 times")
	c.Flags().BoolVar(&o.play, "play", false, "begin by playing")
	return c
}

// exactlyOne wants one argument.
func exactlyOne(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef("%s takes one argument, got %d; see %s --help", c.CommandPath(), len(args), c.CommandPath())
	}
	return nil
}

func (a *App) replay(c *cobra.Command, name string, o replayOptions) error {
	if o.speed < 0.25 || o.speed > 1000 {
		return usagef("--speed %v: want 0.25 to 1000", o.speed)
	}
	set, err := a.settings()
	if err != nil {
		return err
	}
	span, at, err := o.bounds(name)
	if err != nil {
		return err
	}
	rec, err := a.loadRecording(name, span)
	if err != nil {
		return err
	}
	screen := a.screen(set, ui.NewGuard(nil))
	screen.Replay, screen.Playing, screen.Speed, screen.From = true, o.play, o.speed, at
	if o.from != "" || o.to != "" {
		screen.Width = span.To - span.From
	}
	screen.Location = rec.end.time.Location()
	screen.Recording = func() ui.Recording {
		return ui.Recording{File: rec.name, Length: rec.span.To - rec.span.From, Size: rec.size}
	}
	return ui.Run(c.Context(), replayFeed{rec}, screen)
}

// bounds returns what part of the recording is wanted, and where the playhead
// begins: 0 is the end.
func (o replayOptions) bounds(name string) (span history.Span, at time.Duration, err error) {
	r, err := openRecording(name)
	if err != nil {
		return span, 0, err
	}
	defer r.Close()
	span.From, span.To = r.Bounds()
	for _, f := range []struct {
		text string
		put  *time.Duration
	}{{o.from, &span.From}, {o.to, &span.To}, {o.at, &at}} {
		if f.text == "" {
			continue
		}
		if *f.put, err = parseInstant(f.text, r); err != nil {
			return span, 0, err
		}
	}
	if span.From >= span.To {
		return span, 0, usagef("--from %s is not before --to %s", o.from, o.to)
	}
	return span, at, nil
}
