package session

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

var (
	epoch = time.Date(2026, 11, 20, 14, 0, 0, 0, time.FixedZone("", 3600))
	boot  = 3 * time.Hour
)

// A storm makes the observations of a machine whose network comes and goes.
type storm struct {
	rng  *rand.Rand
	mono time.Duration
	seq  fact.Sequencer
	link fact.Link
	addr fact.Address
	out  []fact.Observation
	// pace is the mean time between steps.
	pace time.Duration
}

func newStorm(seed uint64) *storm {
	s := &storm{rng: rand.New(rand.NewPCG(seed, 1)), mono: boot, pace: 200 * time.Millisecond}
	s.link = fact.Link{
		Index: 2, Name: "wl\x1ban0", Type: fact.TypeWifi, Hardware: 1, MTU: 1500, Address: "02:00:00:00:00:01",
		Flags: fact.FlagUp | fact.FlagLowerUp | fact.FlagBroadcast, OperState: fact.OperUp,
	}
	s.addr = fact.Address{Index: 2, Local: netip.MustParseAddr("192.0.2.7"), PrefixLen: 24}
	return s
}

func (s *storm) emit(op fact.Op, f fact.Fact) {
	s.out = append(s.out, s.seq.Next(fact.Observation{
		Time: epoch.Add(s.mono - boot + time.Duration(s.rng.IntN(500))), Mono: s.mono, Op: op, Fact: f,
	}))
}

func (s *storm) start() {
	lo := fact.Link{Index: 1, Name: "lo", Type: fact.TypeLoopback, Hardware: 772, Flags: fact.FlagUp | fact.FlagLowerUp | fact.FlagLoopback, MTU: 65536}
	s.emit(fact.Put, &lo)
	link, addr := s.link, s.addr
	s.emit(fact.Put, &link)
	s.emit(fact.Put, &addr)
	for i := range 8 {
		s.emit(fact.Put, &fact.Rule{Family: fact.IPv4, Priority: uint32(i), Action: fact.RuleToTable, Table: 254, SuppressPrefixLen: -1, SuppressIfGroup: -1})
	}
	for i := range 20 {
		s.emit(fact.Put, &fact.Route{
			Family: fact.IPv4, Table: 255, Type: fact.RouteLocal, Scope: fact.ScopeHost, Index: 2,
			Dst: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), 32),
		})
	}
	s.routes(true)
	for i := range 10 {
		id := fmt.Sprintf("ping:192.0.2.%d", i)
		role := fact.RoleInternet
		if i == 0 {
			role = fact.RoleGateway
		}
		s.emit(fact.Put, &fact.Target{ID: id, Name: fact.Untrusted(id), Method: fact.MethodPing, Role: role, Family: fact.IPv4, Interval: time.Second})
	}
	s.emit(fact.Put, &fact.Sync{Source: "kernel"})
	s.emit(fact.Put, &fact.Resolvers{Source: "resolv.conf", Servers: []fact.Server{{Addr: netip.MustParseAddr("192.0.2.1"), Port: 53}}})
}

// routes sets or withdraws the default route, and what the kernel answers.
func (s *storm) routes(up bool) {
	r := &fact.Route{
		Family: fact.IPv4, Table: 254, Type: fact.RouteUnicast, Dst: netip.MustParsePrefix("0.0.0.0/0"),
		Gateway: netip.MustParseAddr("192.0.2.1"), Index: 2, Metric: 600, Protocol: 16,
	}
	op := fact.Put
	if !up {
		op = fact.Delete
	}
	s.emit(op, r)
	for _, dst := range fact.Destinations(fact.IPv4) {
		l := &fact.Lookup{Question: fact.Question{Family: fact.IPv4, Dst: dst}, Err: "ENETUNREACH"}
		if up {
			l.Err, l.Type, l.Table, l.Index, l.Gateway, l.Source = "", fact.RouteUnicast, 254, 2, r.Gateway, s.addr.Local
		}
		s.emit(fact.Put, l)
	}
}

// step lets time pass and something happen.
func (s *storm) step() {
	s.mono += time.Duration(s.rng.ExpFloat64() * float64(s.pace))
	switch n := s.rng.IntN(100); {
	case n < 78:
		s.probe()
	case n < 84:
		link := s.link
		if s.rng.IntN(2) == 0 {
			link.Flags, link.OperState = link.Flags&^fact.FlagLowerUp, fact.OperDown
		}
		link.CarrierChanges = uint32(s.rng.IntN(100))
		s.emit(fact.Put, &link)
	case n < 88:
		s.routes(s.rng.IntN(2) == 0)
	case n < 91:
		addr := s.addr
		if s.rng.IntN(2) == 0 {
			s.emit(fact.Delete, &addr)
		} else {
			s.emit(fact.Put, &addr)
		}
	case n < 97:
		s.emit(fact.Put, &fact.Neighbour{Index: 2, Dst: netip.MustParseAddr("192.0.2.1"), LLAddr: "02:00:00:00:00:02", State: fact.NeighbourState(1 << s.rng.IntN(6))})
	case n < 98:
		s.emit(fact.Put, &fact.Clock{Monotonic: s.mono, Synced: true})
	case n < 99:
		s.emit(fact.Put, &fact.Mark{Text: "it\nhappened"})
	default:
		s.suspend()
	}
}

func (s *storm) suspend() {
	from := s.mono
	s.mono += time.Duration(s.rng.IntN(90)) * time.Second
	s.emit(fact.Put, &fact.Gap{Reason: fact.GapSuspend, Source: "clock", From: from, To: s.mono, Text: "asleep"})
}

func (s *storm) probe() {
	r := &fact.ProbeResult{
		Target: fmt.Sprintf("ping:192.0.2.%d", s.rng.IntN(10)), Outcome: fact.OutcomeOK,
		RTT: time.Duration(1e6 + s.rng.ExpFloat64()*2e7),
	}
	r.Sent = s.mono - r.RTT - time.Duration(s.rng.IntN(100_000))
	switch s.rng.IntN(12) {
	case 0:
		r.Outcome, r.RTT, r.Detail = fact.OutcomeTimeout, 0, ""
	case 1:
		r.Outcome, r.Detail = fact.OutcomeRefused, "conn\x07 refused"
	case 2:
		r.Phases = fact.Phases{Resolve: 1500, Connect: 2_000_400, TLS: 7, FirstByte: 9e6}
	case 3:
		r.Detail = "204"
	case 4:
		r.Outcome, r.RTT, r.By, r.From = fact.OutcomeUnreachable, 0, fact.RefuserRouter, netip.MustParseAddr("192.0.2.9")
	case 5:
		r.Uncertain = true
	case 6:
		r.Outcome = fact.OutcomeLate
	case 7:
		r.Queue, r.Duplicates, r.TTL, r.Index = 4*time.Millisecond, 2, 57, 3
	}
	s.emit(fact.Put, r)
}

func (s *storm) run(steps int) []fact.Observation {
	s.start()
	for range steps {
		s.step()
	}
	return s.out
}

// fold returns the lines of all transitions and episodes that observations
// lead to, and of the end of time.
func foldAll(obs []fact.Observation, end time.Duration) []string {
	var lines []string
	f := fold.NewFold(path.DefaultSettings(), func(e fold.Event) {
		lines = append(lines, string(fold.AppendEvent(nil, &e, "")))
	})
	for _, o := range obs {
		f.Observe(o)
	}
	f.Advance(end)
	return lines
}

func testHeader() Header {
	return Header{Tool: "flapscope", Version: "test", Settings: path.DefaultSettings(), Note: "a \x1b[2J note", Host: Host{Name: "h"}}
}

// write writes observations to a new recording, with the events of their fold,
// and closes it.
func write(tb testing.TB, obs []fact.Observation) string {
	tb.Helper()
	name := filepath.Join(tb.TempDir(), "a.flap.gz")
	w := create(tb, name)
	writeAll(tb, w, obs)
	last := obs[len(obs)-1]
	if err := w.Close(last.Time, last.Mono, "stop"); err != nil {
		tb.Fatal(err)
	}
	return name
}

func create(tb testing.TB, name string) *Writer {
	tb.Helper()
	w, err := Create(name, epoch, boot, testHeader(), nil)
	if err != nil {
		tb.Fatal(err)
	}
	return w
}

func writeAll(tb testing.TB, w *Writer, obs []fact.Observation) {
	tb.Helper()
	f := fold.NewFold(path.DefaultSettings(), func(e fold.Event) { w.AppendEvent(&e) })
	for _, o := range obs {
		f.Advance(o.Mono)
		if err := w.Append(&o); err != nil {
			tb.Fatal(err)
		}
		f.Observe(o)
		if err := w.Flush(); err != nil {
			tb.Fatal(err)
		}
	}
}

// read returns everything in a recording.
func read(tb testing.TB, name string) []fact.Observation {
	tb.Helper()
	r, err := Open(name)
	if err != nil {
		tb.Fatal(err)
	}
	defer r.Close()
	return collect(tb, r)
}

func collect(tb testing.TB, r *Reader) []fact.Observation {
	tb.Helper()
	var out []fact.Observation
	for o, err := range r.All() {
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, o)
	}
	return out
}

// encoded returns observations as lines, the form in which they are compared.
func encoded(obs []fact.Observation) []string {
	out := make([]string, len(obs))
	for i := range obs {
		out[i] = string(fact.AppendObservation(nil, &obs[i]))
	}
	return out
}

// testRoute returns the i-th of many routes.
func testRoute(i int) *fact.Route {
	return &fact.Route{
		Family: fact.IPv4, Table: 254, Type: fact.RouteUnicast, Index: 2, Protocol: 16, Metric: 7,
		Dst: netip.PrefixFrom(netip.AddrFrom4([4]byte{11, byte(i >> 16), byte(i >> 8), byte(i)}), 32),
	}
}
