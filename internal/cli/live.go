package cli

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"runtime"
	"time"

	"flapscope/history/pattern"
	"flapscope/history/timeline"
	"flapscope/internal/config"
	"flapscope/internal/watch"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/live"
	"flapscope/monitor/state"
	"flapscope/themes"
	"flapscope/ui"
)

// live shows the live screen until the user quits. A source that fails ends
// the screen with its error: half a truth would be taken for the whole.
func (a *App) live(ctx context.Context) error {
	set, err := a.settings()
	if err != nil {
		return err
	}
	set.Probes.CalmAfter = 0 // Somebody watches.
	set.UI.Lite = set.UI.Lite || a.flags.lite
	list, err := sources(set, !set.UI.Lite)
	if err != nil {
		return err
	}
	defer onOneProcessor(a.Env)()
	defer a.modest(livePercent)()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	limits := timeline.DefaultLimits()
	limits.Settings, limits.Age = set.Fold(), set.History.Memory
	feed := watch.NewFeed(live.Boottime, limits)
	seeker := &watch.Patterns{}
	m := a.newMonitor(set)
	m.Listen(feed, seeker)
	written := make(chan error, 1)
	guard := ui.NewGuard(func(code int) {
		cancel()
		endWithin(written)
		os.Exit(code)
	})
	screen := a.screen(set, guard)
	screen.Greet, screen.Lite = true, set.UI.Lite
	screen.News = feed.Published()
	a.ports(ctx, m, set, list, &screen)
	guard.Go(func() { a.takeMarks(ctx, m, "the live screen") })
	if k := a.keep(m, set, feed, &screen); k != nil {
		screen.Save = func(span timeline.Span) (string, error) { return saveSpan(ctx, k.store, span) }
		screen.Report = func(span timeline.Span) ([]string, error) { return a.reportFiles(ctx, k.store, span) }
		guard.Go(func() {
			select {
			case <-ctx.Done():
			case <-time.After(recordAfter):
			}
			written <- k.Run(ctx)
		})
	} else {
		written <- nil
	}
	failed := make(chan error, 1)
	guard.Go(func() {
		failed <- m.Run(ctx, surveyed(m, set, list)...)
		cancel()
	})
	guard.Go(func() { feed.Run(ctx, m) })
	guard.Go(func() {
		seeker.Run(ctx, m, func(p pattern.Pattern) { m.Sample(func(s *fold.Snapshot) { feed.Pattern(s, p) }) })
	})
	err = ui.Run(ctx, feed, screen)
	cancel()
	if serr := <-failed; serr != nil {
		return fmt.Errorf("observe this machine: %w", serr)
	}
	if werr := <-written; werr != nil && err == nil {
		err = fmt.Errorf("end the recording: %w", werr)
	}
	return err
}

// ports lets the screen ask, and mark moments.
func (a *App) ports(ctx context.Context, m *live.Monitor, set config.Config, sources []state.Source, screen *ui.Options) {
	screen.Check = func(width int) ([]string, error) { return a.checkLines(ctx, m, set, width) }
	screen.Probe = hurry(sources)
	screen.Trace = func(t *fact.Target, width int) ([]string, error) { return a.traceLines(ctx, set, t, width) }
	screen.Mark = func(at time.Duration, note string) error {
		m.Mark(at, note)
		return nil
	}
	screen.MarkRange = func(from, to time.Duration, note string) error {
		m.MarkRange(from, to, note)
		return nil
	}
}

// keep returns what records to the history, or nil where nothing does, and lets the
// screen say so.
func (a *App) keep(m *live.Monitor, set config.Config, feed *watch.Feed, screen *ui.Options) *recorder {
	if !set.History.Enabled {
		return nil
	}
	k, err := a.ringRecorder(m, set, "", feed.View)
	if err != nil {
		// Without a place for the history there is still all to see.
		screen.Recording = func() ui.Recording { return ui.Recording{Err: "neither HOME nor history.dir is set"} }
		return nil
	}
	screen.Recording = k.recording
	return k
}

// hurry returns what makes the sources ask all targets now, or nil where none does.
func hurry(sources []state.Source) func() {
	for _, s := range sources {
		if r, ok := s.(interface{ Hurry() }); ok {
			return r.Hurry
		}
	}
	return nil
}

// endWithin waits for the recording's end before the process exits in an
// emergency, with patience: it may be the recorder that failed.
func endWithin(written <-chan error) {
	select {
	case <-written: //nolint:errcheck // the process ends with the error of the emergency
	case <-time.After(2 * time.Second):
	}
}

// screen returns the options of the screen.
func (a *App) screen(set config.Config, guard *ui.Guard) ui.Options {
	return ui.Options{
		Theme:   set.Theme,
		Themes:  a.themes,
		Glyphs:  a.glyphs(set),
		NoColor: set.NoColor || a.Env("NO_COLOR") != "",
		Width:   set.UI.Span,
		Mouse:   set.UI.Mouse,
		Bell:    set.UI.Bell,
		Guard:   guard,
		Cost:    newFootprint(readUsage).cost,
	}
}

// glyphs returns the configured set of characters, or what the terminal and
// the locale can be trusted with. The settings were validated before.
func (a *App) glyphs(set config.Config) themes.Glyphs {
	if g, err := themes.ParseGlyphs(set.Glyphs); err == nil {
		return g
	}
	locale := cmp.Or(a.Env("LC_ALL"), a.Env("LC_CTYPE"), a.Env("LANG"))
	return themes.GlyphsFor(a.Env("TERM"), locale)
}

// recordAfter is when the recording of the live screen begins, with all that was
// observed until then: the first picture does not wait for a file.
const recordAfter = 100 * time.Millisecond

// busyFor is how long the start of the live screen takes, at the most, and what is
// read from the kernel then.
const busyFor = 3 * time.Second

// onOneProcessor keeps the runtime, once the screen is there, from waking up a
// second thread whenever a goroutine wakes up another, which is half of the context
// switches of a screen, and a quarter of what a storm costs: there is a hundredth of
// one processor's work. Who sets GOMAXPROCS knows better.
func onOneProcessor(env func(string) string) (stop func() bool) {
	if env("GOMAXPROCS") != "" {
		return func() bool { return false }
	}
	return time.AfterFunc(busyFor, func() { runtime.GOMAXPROCS(1) }).Stop
}
