package survey

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"
	"flapscope/monitor/verdict"
	"flapscope/probes/checkup"
	"flapscope/probes/stalled"
)

// Bounds on the evidence of one incident, in lines.
const (
	maxLegs        = 16
	maxConnections = 4
)

// lines are what a diagnosis found out: its verdict, the legs that are not well, and
// the way as far as it was seen.
func lines(r *verdict.Report, stats *checkup.Stats) (out []fact.Untrusted) {
	add := func(s string) { out = append(out, fact.Untrusted(s)) }
	add("check: " + r.Text())
	for i := range r.Legs[:min(len(r.Legs), maxLegs)] {
		l := &r.Legs[i]
		if l.State == verdict.LegOK || l.State == verdict.LegSkipped {
			continue
		}
		s := "check: " + string(l.Name)
		if l.Addr.IsValid() {
			s += " " + l.Addr.String()
		} else if l.Family != 0 {
			s += " " + l.Family.Title()
		}
		if short := l.Short(); short != "" {
			s += ": " + short
		}
		add(s)
	}
	for i, hops := range stats.Hops {
		if len(hops) > 0 {
			add("way over " + fact.Families[i].Title() + ": " + way(hops))
		}
	}
	return out
}

// way says which routers answered, in order.
func way(hops []checkup.Hop) string {
	words := make([]string, len(hops))
	for i, h := range hops {
		words[i] = "*"
		if h.Addr.IsValid() {
			words[i] = h.Addr.String() + " " + text.Duration(h.RTT)
		}
	}
	return strings.Join(words, ", ")
}

// A peer is whom connections wait for, and by which interface.
type peer struct {
	iface fact.Untrusted
	at    netip.AddrPort
	n     int
}

// connections says which of the user's own TCP connections wait for answers that do
// not come.
func connections(s *state.State, all []stalled.Connection) (out []fact.Untrusted) {
	var peers []peer
	waiting := 0
	for _, c := range all {
		if !c.Waits {
			continue
		}
		waiting++
		name := fact.Untrusted("")
		if own := s.Source(c.Local.Addr()); own != nil {
			name = s.Name(own.Index)
		}
		if i := slices.IndexFunc(peers, func(p peer) bool { return p.iface == name && p.at == c.Remote }); i >= 0 {
			peers[i].n++
			continue
		}
		peers = append(peers, peer{name, c.Remote, 1})
	}
	if len(all) == 0 {
		return nil
	}
	out = append(out, fact.Untrusted(fmt.Sprintf("connections: %d of %d TCP connections of this user send again without an answer", waiting, len(all))))
	slices.SortStableFunc(peers, func(a, b peer) int { return cmp.Compare(b.n, a.n) })
	for _, p := range peers[:min(len(peers), maxConnections)] {
		line := fmt.Sprintf("connections: %d to %s", p.n, p.at)
		if p.iface != "" {
			line += " by " + string(p.iface)
		}
		out = append(out, fact.Untrusted(line))
	}
	return out
}
