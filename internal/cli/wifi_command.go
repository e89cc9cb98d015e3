package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"flapscope/history/stats"
	"flapscope/internal/replay"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/state"
)

func (a *App) wifiCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "wifi [FILE]",
		Short: "Show Wi-Fi: what is associated, who ended it and why, each access point",
		Long: `Shows what is associated, with the signal, the rate and the beacons that were
heard; of a recording also who ended the last associations and why, and how each
access point did: how long it was used, how often it ended the association, its
signal, and how many packets had to be sent again.

Without FILE it looks at this machine for two seconds. What the driver does not
say is left out. The exit code is 1 if nothing is associated.`,
		Example: "  flapscope wifi\n  flapscope wifi night.flap.gz\n  flapscope wifi --json | jq '.interfaces[].bssid'",
		Args:    atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.wifiOf(c, args)
			if err != nil {
				return err
			}
			s.Finish()
			if asJSON {
				err = writeJSON(out(c), describeWifi(s))
			} else {
				err = printWifi(out(c), s)
			}
			for _, i := range s.Interfaces {
				if i.Associated() {
					return err
				}
			}
			return errors.Join(err, errNegative)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

// wifiOf sums up a recording, or what there is now.
func (a *App) wifiOf(c *cobra.Command, args []string) (*stats.WifiSummary, error) {
	if len(args) == 0 {
		return a.wifiNow(c.Context())
	}
	a.readOnly(args[0])
	r, err := openRecording(args[0])
	if err != nil {
		return nil, err
	}
	defer r.Close()
	a.warnMissing(args[0], r)
	s := &stats.WifiSummary{}
	for o, err := range r.Reported() {
		if err != nil {
			return nil, fmt.Errorf("%s: %w", args[0], err)
		}
		if c.Context().Err() != nil {
			return nil, replay.ErrInterrupted
		}
		s.Observe(&o)
	}
	return s, nil
}

// wifiTime is long enough for two looks at a station, of which the difference
// says how it does; wifiSoon is when a machine without Wi-Fi is known to be one.
const (
	wifiTime = 2500 * time.Millisecond
	wifiSoon = 500 * time.Millisecond
)

func (a *App) wifiNow(ctx context.Context) (*stats.WifiSummary, error) {
	set, err := a.settings()
	if err != nil {
		return nil, err
	}
	set.Probes.Enabled = false
	k := &wifiKeeper{}
	_, err = a.observeOnce(ctx, set, func(s *fold.Snapshot, since time.Duration) bool {
		for index := range s.Wifi {
			if k.Sampled(index) {
				return true
			}
		}
		return since > wifiTime || len(s.Wifi) == 0 && since > wifiSoon
	}, k)
	return &k.WifiSummary, err
}

// A wifiKeeper sums up what it hears of; it is read under the monitor's lock, or
// after the sources have stopped.
type wifiKeeper struct{ stats.WifiSummary }

// Observed implements fold.Listener.
func (k *wifiKeeper) Observed(o fact.Observation, _ *state.State) { k.Observe(&o) }

// Happened implements fold.Listener.
func (k *wifiKeeper) Happened(fold.Event, func() *fold.Snapshot) {}
