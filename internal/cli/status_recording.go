package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"flapscope/internal/replay"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// statusAt prints the status that a recording had at an instant, or at its end.
func (a *App) statusAt(c *cobra.Command, o statusOptions, name string) error {
	if o.wait != "" {
		return usagef("--wait: a recording does not change")
	}
	a.readOnly(name)
	q, err := o.requirement.request(c.Context(), true)
	if err != nil {
		return err
	}
	r, err := openRecording(name)
	if err != nil {
		return err
	}
	defer r.Close()
	a.warnMissing(name, r)
	_, mono := r.Bounds()
	if o.at != "" {
		if mono, err = parseWithin(o.at, r); err != nil {
			return err
		}
	}
	set, err := a.settingsOf(r.Header())
	if err != nil {
		return err
	}
	k := &stateKeeper{}
	d := fold.NewDriver(set, k)
	if q != nil {
		d.Require(o.requirement.name(), q)
	}
	if err := replay.Fold(c.Context(), r, d, mono); err != nil {
		return fmt.Errorf("%s: %w", fact.Untrusted(name).Display(), err)
	}
	snap := *d.Snapshot()
	if snap.Raw == nil {
		return fmt.Errorf("%s: %w", fact.Untrusted(name).Display(), errNothing)
	}
	if since, blind := r.BlindAt(mono); blind {
		fmt.Fprintf(a.stderr(), "flapscope: %s is damaged: what held is not known since %s; this is the status of then\n",
			fact.Untrusted(name).Display(), r.Wall(since).Format("15:04:05.000"))
	}
	snap.Time, o.recorded = r.Wall(mono), true
	var offer *path.Offer
	if q != nil {
		offer = path.Ask(k.state, set, max(mono, k.state.Mono), q)
	}
	last := snap.Last[max(0, len(snap.Last)-shownEpisodes):]
	return a.answerStatus(c, o, &statusView{Snapshot: &snap, last: last}, q, offer, r.Header().Host.Name)
}

// answerStatus prints a status, and returns what the exit code follows from.
func (a *App) answerStatus(c *cobra.Command, o statusOptions, v *statusView, q *path.Request, offer *path.Offer, host fact.Untrusted) error {
	var err error
	switch {
	case o.json:
		d := describeStatus(v, string(host), a.Version)
		d.Request = describeRequest(&o.requirement, q, offer, connectionOf(v.Snapshot, o.requirement.name()))
		err = writeJSON(out(c), d)
	case offer != nil:
		err = printOffer(out(c), q, offer, connectionOf(v.Snapshot, o.requirement.name()), o.recorded, a.paint())
	default:
		err = printStatus(out(c), v, a.paint())
	}
	if err != nil {
		return err
	}
	return o.answer(v.Snapshot, offer)
}

// connectionOf returns the connection of a name in a snapshot, or nil.
func connectionOf(s *fold.Snapshot, name fact.Untrusted) *fold.Connection {
	for i := range s.Connections {
		if s.Connections[i].For == name {
			return &s.Connections[i]
		}
	}
	return nil
}

// thisHost is the name of this machine.
func thisHost() fact.Untrusted {
	host, _ := os.Hostname()
	return fact.Untrusted(host)
}
