package session

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"flapscope/monitor"
)

var (
	epoch = time.Date(2026, 11, 20, 14, 0, 0, 0, time.FixedZone("", 3600))
	boot  = 3 * time.Hour
)

// A storm makes the observations of a machine whose network comes and goes.
type storm struct {
	rng  *rand.Rand
	mono time.Duration
	seq  monitor.Sequencer
	link monitor.Link
	addr monitor.Address
	out  []monitor.Observation
	// pace is the mean time between steps.
	pace time.Duration
}

func newStorm(seed uint64) *storm {
	s := &storm{rng: rand.New(rand.NewPCG(seed, 1)), mono: boot, pace: 200 * time.Millisecond}
	s.link = monitor.Link{
		Index: 2, Name: "wl\x1ban0", Type: monitor.TypeWifi, Hardware: 1, MTU: 1500, Address: "02:00:00:00:00:01",
		Flags: monitor.FlagUp | monitor.FlagLowerUp | monitor.FlagBroadcast, OperState: monitor.OperUp,
	}
	s.addr = monitor.Address{Index: 2, Local: netip.MustParseAddr("192.0.2.7"), PrefixLen: 24}
	return s
}

func (s *storm) emit(op monitor.Op, f monitor.Fact) {
	s.out = append(s.out, s.seq.Next(monitor.Observation{
		Time: epoch.Add(s.mono - boot + time.Duration(s.rng.IntN(500))), Mono: s.mono, Op: op, Fact: f,
	}))
}

func (s *storm) start() {
	lo := monitor.Link{Index: 1, Name: "lo", Type: monitor.TypeLoopback, Hardware: 772, Flags: monitor.FlagUp | monitor.FlagLowerUp | monitor.FlagLoopback, MTU: 65536}
	s.emit(monitor.Put, &lo)
	link, addr := s.link, s.addr
	s.emit(monitor.Put, &link)
	s.emit(monitor.Put, &addr)
	for i := range 8 {
		s.emit(monitor.Put, &monitor.Rule{Family: monitor.IPv4, Priority: uint32(i), Action: monitor.RuleToTable, Table: 254, SuppressPrefixLen: -1, SuppressIfGroup: -1})
	}
	for i := range 20 {
		s.emit(monitor.Put, &monitor.Route{
			Family: monitor.IPv4, Table: 255, Type: monitor.RouteLocal, Scope: monitor.ScopeHost, Index: 2,
			Dst: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), 32),
		})
	}
	s.routes(true)
	for i := range 10 {
		id := fmt.Sprintf("ping:192.0.2.%d", i)
		role := monitor.RoleInternet
		if i == 0 {
			role = monitor.RoleGateway
		}
		s.emit(monitor.Put, &monitor.Target{ID: id, Name: monitor.Untrusted(id), Method: monitor.MethodPing, Role: role, Family: monitor.IPv4, Interval: time.Second})
	}
	s.emit(monitor.Put, &monitor.Sync{Source: "kernel"})
	s.emit(monitor.Put, &monitor.Resolvers{Source: "resolv.conf", Servers: []monitor.Server{{Addr: netip.MustParseAddr("192.0.2.1"), Port: 53}}})
}

// routes sets or withdraws the default route, and what the kernel answers.
func (s *storm) routes(up bool) {
	r := &monitor.Route{
		Family: monitor.IPv4, Table: 254, Type: monitor.RouteUnicast, Dst: netip.MustParsePrefix("0.0.0.0/0"),
		Gateway: netip.MustParseAddr("192.0.2.1"), Index: 2, Metric: 600, Protocol: 16,
	}
	op := monitor.Put
	if !up {
		op = monitor.Delete
	}
	s.emit(op, r)
	for _, dst := range monitor.Destinations(monitor.IPv4) {
		l := &monitor.Lookup{Question: monitor.Question{Family: monitor.IPv4, Dst: dst}, Err: "ENETUNREACH"}
		if up {
			l.Err, l.Type, l.Table, l.Index, l.Gateway, l.Source = "", monitor.RouteUnicast, 254, 2, r.Gateway, s.addr.Local
		}
		s.emit(monitor.Put, l)
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
			link.Flags, link.OperState = link.Flags&^monitor.FlagLowerUp, monitor.OperDown
		}
		link.CarrierChanges = uint32(s.rng.IntN(100))
		s.emit(monitor.Put, &link)
	case n < 88:
		s.routes(s.rng.IntN(2) == 0)
	case n < 91:
		addr := s.addr
		if s.rng.IntN(2) == 0 {
			s.emit(monitor.Delete, &addr)
		} else {
			s.emit(monitor.Put, &addr)
		}
	case n < 97:
		s.emit(monitor.Put, &monitor.Neighbour{Index: 2, Dst: netip.MustParseAddr("192.0.2.1"), LLAddr: "02:00:00:00:00:02", State: monitor.NeighbourState(1 << s.rng.IntN(6))})
	case n < 98:
		s.emit(monitor.Put, &monitor.Clock{Monotonic: s.mono, Synced: true})
	case n < 99:
		s.emit(monitor.Put, &monitor.Mark{Text: "it\nhappened"})
	default:
		s.suspend()
	}
}

func (s *storm) suspend() {
	from := s.mono
	s.mono += time.Duration(s.rng.IntN(90)) * time.Second
	s.emit(monitor.Put, &monitor.Gap{Reason: monitor.GapSuspend, Source: "clock", From: from, To: s.mono, Text: "asleep"})
}

func (s *storm) probe() {
	r := &monitor.ProbeResult{
		Target: fmt.Sprintf("ping:192.0.2.%d", s.rng.IntN(10)), Outcome: monitor.OutcomeOK,
		RTT: time.Duration(1e6 + s.rng.ExpFloat64()*2e7),
	}
	r.Sent = s.mono - r.RTT - time.Duration(s.rng.IntN(100_000))
	switch s.rng.IntN(12) {
	case 0:
		r.Outcome, r.RTT, r.Detail = monitor.OutcomeTimeout, 0, ""
	case 1:
		r.Outcome, r.Detail = monitor.OutcomeRefused, "conn\x07 refused"
	case 2:
		r.Phases = monitor.Phases{Resolve: 1500, Connect: 2_000_400, TLS: 7, FirstByte: 9e6}
	case 3:
		r.Detail = "204"
	}
	s.emit(monitor.Put, r)
}

func (s *storm) run(steps int) []monitor.Observation {
	s.start()
	for range steps {
		s.step()
	}
	return s.out
}

// fold returns the lines of all transitions and episodes that observations
// lead to, and of the end of time.
func foldAll(obs []monitor.Observation, end time.Duration) []string {
	var lines []string
	f := monitor.NewFold(monitor.DefaultSettings(), func(e monitor.Event) {
		lines = append(lines, string(monitor.AppendEvent(nil, &e, "")))
	})
	for _, o := range obs {
		f.Observe(o)
	}
	f.Advance(end)
	return lines
}

func testHeader() Header {
	return Header{Tool: "flapscope", Version: "test", Settings: monitor.DefaultSettings(), Note: "a \x1b[2J note", Host: Host{Name: "h"}}
}

// write writes observations to a new recording, with the events of their fold,
// and closes it.
func write(tb testing.TB, obs []monitor.Observation) string {
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

func writeAll(tb testing.TB, w *Writer, obs []monitor.Observation) {
	tb.Helper()
	f := monitor.NewFold(monitor.DefaultSettings(), func(e monitor.Event) { w.AppendEvent(&e) })
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
func read(tb testing.TB, name string) []monitor.Observation {
	tb.Helper()
	r, err := Open(name)
	if err != nil {
		tb.Fatal(err)
	}
	defer r.Close()
	return collect(tb, r)
}

func collect(tb testing.TB, r *Reader) []monitor.Observation {
	tb.Helper()
	var out []monitor.Observation
	for o, err := range r.All() {
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, o)
	}
	return out
}

// encoded returns observations as lines, the form in which they are compared.
func encoded(obs []monitor.Observation) []string {
	out := make([]string, len(obs))
	for i := range obs {
		out[i] = string(monitor.AppendObservation(nil, &obs[i]))
	}
	return out
}

// testRoute returns the i-th of many routes.
func testRoute(i int) *monitor.Route {
	return &monitor.Route{
		Family: monitor.IPv4, Table: 254, Type: monitor.RouteUnicast, Index: 2, Protocol: 16, Metric: 7,
		Dst: netip.PrefixFrom(netip.AddrFrom4([4]byte{11, byte(i >> 16), byte(i >> 8), byte(i)}), 32),
	}
}
