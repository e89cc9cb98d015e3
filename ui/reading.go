package ui

import (
	"slices"
	"strconv"

	"flapscope/history/timeline"
	"flapscope/internal/text"
	"flapscope/monitor/path"
)

// readingText says how far a recording is read, or returns "" when it is, and
// live.
func (f *frame) readingText() string {
	if !f.recording.Reading {
		return ""
	}
	return "reading " + strconv.Itoa(int(100*f.recording.Progress)) + " %"
}

// waiting says what a screen waits for that has nothing to show.
func (f *frame) waiting() string {
	if f.replay {
		return "reading the recording"
	}
	return "waiting for the kernel's first answer"
}

// unread reports whether the instant of the cursor is still to be read.
func (f *frame) unread() bool { return f.replay && !f.exact }

// unknown says why the state at the cursor is not known.
func (f *frame) unknown() string {
	switch {
	case f.unread():
		return "not read yet"
	case f.unrecorded():
		return "not recorded"
	}
	return "not known yet"
}

// unrecorded reports whether the cursor is where nothing was observed: between
// recordings, in a damaged one, or while the machine slept.
func (f *frame) unrecorded() bool {
	s := f.atCursor()
	return !f.unread() && f.snap == nil && s != nil && s.Level == timeline.LevelGap
}

// atCursor returns the segment of the machine at the cursor, or nil.
func (f *frame) atCursor() *timeline.Segment {
	if f.tl == nil {
		return nil
	}
	// The newest segment ends where the cursor is at the end, or before it.
	at := min(f.at, f.tl.Bounds().To)
	all := f.tl.Segments(path.ScopeMachine, timeline.Span{From: at - 1, To: at + 1}, 0)
	if len(all) == 0 {
		return nil
	}
	return &all[len(all)-1]
}

// rawText says what is known of the path where no state is: the strip knows
// more than the panes while a recording is read.
func (f *frame) rawText() string {
	s := f.atCursor()
	if s == nil {
		return ""
	}
	label := text.Words(s.Label.Display())
	switch s.Level {
	case timeline.LevelGood, timeline.LevelStandby:
		return "raw: satisfied via " + label
	case timeline.LevelDegraded:
		return "raw: satisfied via " + label + ", " + s.Note
	case timeline.LevelWaiting:
		return "raw: requires connection (" + label + ")"
	case timeline.LevelBad:
		return "raw: unsatisfied (" + label + ")"
	case timeline.LevelGap:
		return label
	}
	return ""
}

// reselect finds the selected item in a log that was read anew: items have
// other numbers then, or are gone.
func (p *scope) reselect(tl Timeline) {
	if old := p.selected.incident; old != nil {
		now := tl.Incidents(timeline.Span{From: old.From.Mono, To: old.From.Mono + 1}, tl.Bounds().To)
		if !slices.ContainsFunc(now, p.selected.is) {
			p.selected = selection{}
		}
	}
	if !p.selected.on || !p.opts.Replay {
		return
	}
	old := p.selected.item
	same := tl.Items(timeline.Span{From: old.Mono, To: old.Mono + 1}, maxSame)
	i := slices.IndexFunc(same, func(it timeline.Item) bool { return it.Kind == old.Kind && it.Text == old.Text })
	if i < 0 {
		p.selected = selection{}
		return
	}
	p.selected.item = same[i]
}

// waiting reports whether there is nothing to show yet.
func (p *scope) waiting() bool {
	if p.opts.Replay {
		return p.tl == nil
	}
	return p.snap == nil || p.snap.Raw == nil
}
