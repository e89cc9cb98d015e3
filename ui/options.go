package ui

import (
	"os"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/themes"
)

// Options are what the caller decides about the screen. The zero Options show
// a live screen on the process's own terminal.
type Options struct {
	// Replay is whether the feed is a recording: the cursor is the playhead.
	Replay bool
	// From is where the playhead begins; zero is the end of the recording.
	From time.Duration
	// Playing is whether replay begins by playing.
	Playing bool
	// Beside is a second recording, to be shown below a first one, or nil.
	Beside *Beside
	// Greet is whether to sum up the incidents of a recording that is opened, and of
	// the hours in which nobody touched a live screen.
	Greet bool
	// Speed is the speed of replay, 1 when zero.
	Speed float64

	// News hears when the feed has something new. When it is nil the feed is
	// looked at several times a second.
	News <-chan struct{}

	// Lite is whether to draw only what is new, and no clock. It takes News.
	Lite bool

	// Theme is "auto" (the default), "mono" or the name of one of the themes.
	Theme string
	// Themes are those to choose from; nil are the built-in ones. The first
	// dark and the first light one are those of "auto".
	Themes []themes.Theme
	// Glyphs is the set of characters to draw with.
	Glyphs themes.Glyphs
	// NoColor is whether to do without colours whatever the terminal can.
	NoColor bool
	// Mouse is whether clicks and the wheel are for the screen.
	Mouse bool
	// Bell is whether the terminal's bell rings when the internet is lost, live.
	Bell bool
	// Location is the time zone of everything shown; nil is the local one.
	Location *time.Location
	// Width is the span of the time axis at the start; zero grows with the
	// data. Replay shows all of a short recording when zero.
	Width time.Duration

	// Mark, when not nil, records a moment that the user marks: the instant
	// of the key press on the CLOCK_BOOTTIME axis and a note, which may be
	// empty. It runs apart from the screen and may block.
	Mark func(at time.Duration, note string) error
	// MarkRange, when not nil, records a stretch that the user marks, from an earlier
	// mark to the key press. It runs apart from the screen and may block.
	MarkRange func(from, to time.Duration, note string) error
	// Save, when not nil, saves a span, or without one the last minutes, and returns
	// the path of the file. It runs apart from the screen and may block.
	Save func(span timeline.Span) (string, error)
	// Report, when not nil, writes a report of a span, or without one of the last
	// minutes, beside a recording that can be given away, and says where they are in
	// lines of text. It runs apart from the screen and may block.
	Report func(span timeline.Span) ([]string, error)
	// Check, when not nil, finds out what is wrong, and says so in lines of a
	// width. It runs apart from the screen and may block.
	Check func(width int) ([]string, error)
	// Probe, when not nil, asks all targets now. It does not block.
	Probe func()
	// Trace, when not nil, finds out by which way packets go to a target, and says so
	// in lines of a width. It runs apart from the screen and may block.
	Trace func(target *fact.Target, width int) ([]string, error)
	// Recording, when not nil, reports the recording for the key bar. It must
	// not block.
	Recording func() Recording

	// Cost, when not nil, reports what the program costs this machine. It must not
	// block.
	Cost func() Cost

	// Input and Output are the terminal; nil are standard input and output.
	Input, Output *os.File
	// Environ is the environment that describes the terminal ("TERM=…"); nil
	// is the process's own.
	Environ []string
	// Guard restores the terminal in an emergency. Goroutines of the caller
	// share it to be covered too; nil makes one that exits the process.
	Guard *Guard
}

// A Recording is what the key bar says about the session file.
type Recording struct {
	// File is the name of the file in replay, or empty.
	File string
	// Length is the time recorded and Size the bytes written.
	Length time.Duration
	Size   int64
	// Err says why nothing is being recorded, or is empty.
	Err string
	// Reading is whether a recording in replay is still being read, and
	// Progress how much of it is, from 0 to 1.
	Reading  bool
	Progress float64
}

// A Cost is what the program costs this machine.
type Cost struct {
	// Memory is what it has in memory, in bytes.
	Memory int64
	// Processor is which part of one processor it took, and Wakeups how often a second
	// it woke up, both over the last time Over; without one nothing is known.
	Processor, Wakeups float64
	Over               time.Duration
}
