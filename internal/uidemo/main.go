// Command uidemo shows a made-up scene on the real screen, to look at it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"flapscope/history/timeline"
	"flapscope/internal/scene"
	"flapscope/themes"
	"flapscope/ui"
)

// A feed lets a scene stand still at its end.
type feed struct{ *scene.Scene }

// Timeline implements ui.Feed.
func (f feed) Timeline() ui.Timeline { return f.View() }

func main() {
	name := flag.String("scene", "failover", "which scene")
	replay := flag.Bool("replay", false, "as a recording")
	back := flag.Duration("back", 0, "in replay, how long before the end the playhead begins")
	theme := flag.String("theme", "auto", "auto, dark or light")
	glyphs := flag.String("glyphs", "unicode", "unicode, cp437 or ascii")
	width := flag.Duration("width", 15*time.Minute, "span of the time axis")
	mono := flag.Bool("mono", false, "no colours")
	flag.Parse()
	s := scene.New(*name)
	if s == nil {
		fmt.Fprintln(os.Stderr, "scenes:", scene.Names())
		os.Exit(2)
	}
	set, err := themes.ParseGlyphs(*glyphs)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	o := ui.Options{
		Replay: *replay, Theme: *theme, Glyphs: set, NoColor: *mono, Width: *width, Location: time.UTC,
		Mark:      func(time.Duration, string) error { return nil },
		Save:      func(timeline.Span) (string, error) { return "/tmp/saved.flap.gz", nil },
		Recording: func() ui.Recording { return ui.Recording{Length: s.End - s.Start, Size: 21e6} },
	}
	if *replay {
		o.From, o.Mark, o.Save = s.End-*back, nil, nil
		o.Recording = func() ui.Recording {
			return ui.Recording{File: "2026-11-20T14.flap.gz", Length: s.End - s.Start, Size: 21e6}
		}
	}
	if err := ui.Run(context.Background(), feed{s}, o); err != nil {
		fmt.Fprintln(os.Stderr, "uidemo:", err)
		os.Exit(3)
	}
}
