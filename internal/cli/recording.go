package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"flapscope/history/pattern"
	"flapscope/history/session"
	"flapscope/history/stats"
	"flapscope/history/timeline"
	"flapscope/internal/config"
	"flapscope/internal/replay"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// A recording is one that was opened and folded again: what the live screen
// showed, to the bit, or under other settings.
type recording struct {
	view     *timeline.View
	end      time.Time
	patterns []pattern.Pattern
	online   *stats.OnlineFinder
	// episodes and incidents are all of them, those that go on at the end too.
	episodes  []fold.Episode
	incidents []*fold.Incident
}

// isRecording reports whether a file begins as gzip does (RFC 1952): a stream
// of JSON lines does not. A recording that was just begun has only its journal. What
// is read of a pipe is gone, and a recording is none.
func isRecording(name string) bool {
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	magic := make([]byte, 2)
	n, err := io.ReadFull(f, magic)
	if n == 0 {
		_, serr := os.Stat(name + ".open")
		return serr == nil
	}
	return err == nil && bytes.Equal(magic, []byte{0x1f, 0x8b})
}

// openRecording opens a recording and says what to do where it can't.
func openRecording(name string) (*session.Reader, error) {
	r, err := session.Open(name)
	if err == nil {
		return r, nil
	}
	return nil, cannotOpen(name, err)
}

// cannotOpen says why the file called name can't be read: its name once, and
// what is wrong.
func cannotOpen(name string, err error) error {
	name = fact.Untrusted(name).Display()
	var path *fs.PathError
	switch {
	case errors.Is(err, session.ErrNewer):
		return fmt.Errorf("%s: %w; update flapscope to read it", name, session.ErrNewer)
	case errors.Is(err, session.ErrNoRecording):
		return fmt.Errorf("%s: %w", name, session.ErrNoRecording)
	case errors.As(err, &path):
		return fmt.Errorf("%s: %w", name, path.Err)
	}
	return err
}

// settingsOf returns the settings that a recording was made with, and over
// them what this command line asks for: what if.
func (a *App) settingsOf(h session.Header) (path.Settings, error) {
	set := h.Settings
	if set.SettleDown == 0 {
		set = path.DefaultSettings()
	}
	c := config.Default()
	a.flags.over(&c)
	if err := c.Validate(); err != nil {
		return set, usagef("command line: %w", err)
	}
	asked := c.Fold()
	for name, put := range map[string]func(){
		"settle-down": func() { set.SettleDown = asked.SettleDown },
		"settle-up":   func() { set.SettleUp = asked.SettleUp },
		"interface":   func() { set.Interface = asked.Interface },
	} {
		if a.flags.set.Changed(name) {
			put()
		}
	}
	return set, nil
}

// loadRecording reads a recording into a timeline, up to the end of the span.
// What lies before the span is folded too, or the state within it would not be
// true.
func (a *App) loadRecording(ctx context.Context, name string, span timeline.Span) (*recording, error) {
	r, err := openRecording(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	set, err := a.settingsOf(r.Header())
	if err != nil {
		return nil, err
	}
	from, _ := r.Bounds()
	past := timeline.NewTimeline(replay.Limits(set, span.To-from))
	var finder pattern.Collector
	var online stats.OnlineFinder
	var reported reportedEpisodes
	var incidents fold.IncidentList
	d := fold.NewDriver(set, &finder, past, &reported, &incidents, &online)
	if err := replay.Fold(ctx, r, d, span.To); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	snap := d.Snapshot()
	past.Snapshot(snap)
	if past.View() == nil {
		return nil, fmt.Errorf("%s: %w", fact.Untrusted(name).Display(), errNothing)
	}
	end := fact.Instant{Time: r.Wall(span.To), Mono: max(span.To, snap.Mono)}
	// What was observed last held until the end.
	past.Until(end)
	online.Snapshot(snap)
	incidents.Snapshot(snap)
	in, _ := finder.Input()
	rec := &recording{
		view: past.View(), patterns: pattern.Patterns(in), online: &online, episodes: reported.until(end.Mono),
	}
	// Those of the warm-up are not of the recording.
	over := func(to time.Duration) bool { return to != 0 && to < from }
	rec.episodes = slices.DeleteFunc(rec.episodes, func(e fold.Episode) bool { return over(e.EndMono) })
	for _, e := range incidents.Events(end) {
		if !over(e.Incident.To.Mono) {
			rec.incidents = append(rec.incidents, e.Incident)
		}
	}
	rec.end = rec.view.Clock(span.To)
	return rec, nil
}

// reportedEpisodes are those that a listener heard of, as they were reported last.
type reportedEpisodes []fold.Episode

// Observed implements fold.Listener.
func (*reportedEpisodes) Observed(fact.Observation, *state.State) {}

// Happened implements fold.Listener.
func (l *reportedEpisodes) Happened(e fold.Event, _ func() *fold.Snapshot) {
	if e.Episode == nil {
		return
	}
	// What goes on is among the newest.
	for i := len(*l) - 1; i >= 0; i-- {
		if (*l)[i].ID == e.Episode.ID {
			(*l)[i] = *e.Episode
			return
		}
	}
	*l = append(*l, *e.Episode)
}

// until returns the episodes; those that go on last until an instant.
func (l reportedEpisodes) until(end time.Duration) []fold.Episode {
	for i := range l {
		if e := &l[i]; e.Open {
			e.Duration = max(0, end-e.StartMono-e.Gaps)
		}
	}
	return l
}
