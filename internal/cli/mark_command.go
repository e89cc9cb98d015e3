package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flapscope/monitor/fact"
)

func (a *App) markCommand() *cobra.Command {
	var last time.Duration
	c := &cobra.Command{
		Use:   "mark [TEXT]...",
		Short: "Mark this moment in what is being recorded now",
		Long: `Marks this moment, with a text, in every recording that you are making: that of
the live screen and of flapscope record, wherever they run. With --last it is the
end of a stretch that began so long ago. Reports, events and the screen show it.`,
		Example: "  flapscope mark call froze\n  flapscope mark --last 2m 'stuttered all the time'",
		RunE: func(c *cobra.Command, args []string) error {
			note := strings.TrimSpace(strings.Join(args, " "))
			switch {
			case last < 0:
				return usagef("--last %v: want more than 0", last)
			case len(note) > maxMark:
				return usagef("a text of %d bytes: want %d at most", len(note), maxMark)
			}
			if a.Cage != nil {
				a.Cage.Drop()
			}
			dir, err := a.markDir()
			if err != nil {
				return err
			}
			places, err := sendMark(dir, last, note)
			for _, p := range places {
				fmt.Fprintln(out(c), "marked:", fact.Untrusted(p).Display())
			}
			return err
		},
	}
	c.Flags().DurationVar(&last, "last", 0, "mark the last part, as a `time`: 30s, 2m")
	return c
}

// maxMark bounds the text of a mark, and maxMarkMessage what is sent for one.
const (
	maxMark        = 1000
	maxMarkMessage = maxMark + 64
)

// appendMark writes a mark as it is sent: how long before now it begins, in
// nanoseconds, and from the next line on its text.
func appendMark(dst []byte, last time.Duration, note string) []byte {
	dst = strconv.AppendInt(dst, int64(last), 10)
	return append(append(dst, '\n'), note...)
}

// parseMark reads a mark as it is sent.
func parseMark(b []byte) (last time.Duration, note string, err error) {
	number, note, ok := strings.Cut(string(b), "\n")
	n, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil || n < 0 || len(note) > maxMark {
		return 0, "", fmt.Errorf("no mark")
	}
	return time.Duration(n), note, nil
}
