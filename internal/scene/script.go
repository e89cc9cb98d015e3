package scene

import (
	"net/netip"
	"strings"
	"time"

	"flapscope/history"
	"flapscope/monitor"
)

// boot is how long the machine has been up at the end of every scene.
const boot = 5 * time.Hour

// wall is the wall clock at the end of every scene.
func wall() time.Time { return time.Date(2026, 11, 20, 14, 32, 7, 0, time.UTC) }

// newScene returns a scene of a length in which nothing happened yet.
func newScene(length time.Duration) *Scene {
	return &Scene{Start: boot - length, End: boot, Wall: wall()}
}

// A piece is a stretch of a strip: how long before the end it ends, its level,
// label and note.
type piece struct {
	until time.Duration
	level history.Level
	label monitor.Untrusted
	note  string
}

// strip turns pieces into segments from the start of the scene to its end.
func (s *Scene) strip(pieces ...piece) []history.Segment {
	var out []history.Segment
	from := s.Start
	for _, p := range pieces {
		to := s.End - p.until
		if to <= from {
			continue
		}
		out = append(out, history.Segment{Span: history.Span{From: from, To: to}, Level: p.level, Label: p.label, Note: p.note})
		from = to
	}
	return out
}

func (s *Scene) lane(name monitor.Untrusted, index int, kind monitor.LinkType, hidden bool, pieces ...piece) {
	s.lanes = append(s.lanes, lane{
		history.Lane{Name: name, Index: index, Type: kind, Scope: monitor.InterfaceScope(name), Hidden: hidden},
		s.strip(pieces...),
	})
}

// item adds a line to the log, so long before the end.
func (s *Scene) item(before time.Duration, mark history.Mark, kind string, severity history.Level, text string, detail ...string) {
	s.items = append(s.items, history.Item{
		Seq: len(s.items) + 1, Time: s.Clock(s.End - before), Mono: s.End - before,
		Mark: mark, Kind: kind, Text: text, Severity: severity, Detail: detail,
	})
}

func (s *Scene) target(name monitor.Untrusted, m monitor.Method, r monitor.Role, addr string, every time.Duration, rtt func(at time.Duration) time.Duration) {
	t := &monitor.Target{ID: string(m) + ":" + string(name), Name: name, Method: m, Role: r, Interval: every}
	if a, err := netip.ParseAddr(addr); err == nil {
		t.Addr, t.Family = a, monitor.IPv4
		if a.Is6() {
			t.Family = monitor.IPv6
		}
	}
	s.probes = append(s.probes, probe{t, rtt})
}

// state adds a snapshot that holds from so long before the end.
func (s *Scene) state(before time.Duration, snap *monitor.Snapshot) {
	at := s.End - before
	snap.Synced = true
	snap.Since, snap.SinceTime = at, s.Clock(at)
	s.states = append(s.states, state{at, snap})
}

// steady returns a target that answers always.
func steady(id string, base, spread time.Duration) func(time.Duration) time.Duration {
	return func(at time.Duration) time.Duration { return around(id, at, base, spread) }
}

// snapshot returns a state with a path over an interface.
func snapshot(p *monitor.Path, h monitor.Health, addrs ...string) *monitor.Snapshot {
	s := &monitor.Snapshot{Raw: p, SettledPath: p, Settled: p.Status, Health: h, Addresses: map[monitor.AddressKey]*monitor.Address{}}
	for _, a := range addrs {
		prefix := netip.MustParsePrefix(a)
		row := &monitor.Address{Index: p.Index, Local: prefix.Addr(), PrefixLen: uint8(prefix.Bits())}
		s.Addresses[row.Key()] = row
	}
	return s
}

// path returns a satisfied path over an interface: "v4source/bits v6source".
func path(name monitor.Untrusted, index int, kind monitor.LinkType, gateway, sources string) *monitor.Path {
	p := &monitor.Path{
		Status: monitor.Satisfied, Interface: name, Index: index, Type: kind, Table: 254, Metric: 600,
		DNS: true, Resolvers: []netip.Addr{netip.MustParseAddr(gateway)}, MTU: 1500,
		IPv6: monitor.FamilyPath{Status: monitor.Unsatisfied, Reason: monitor.ReasonNoAddress},
	}
	for src := range strings.FieldsSeq(sources) {
		addr := netip.MustParseAddr(src)
		f := monitor.FamilyPath{Status: monitor.Satisfied, Interface: name, Index: index, Source: addr, MTU: 1500}
		if addr.Is4() {
			f.Gateway = netip.MustParseAddr(gateway)
			p.IPv4 = f
		} else {
			f.Gateway = netip.MustParseAddr("fe80::1")
			p.IPv6 = f
		}
	}
	return p
}

// lost returns a path that is not there.
func lost(r monitor.Reason) *monitor.Path {
	f := monitor.FamilyPath{Status: monitor.Unsatisfied, Reason: r}
	return &monitor.Path{Status: monitor.Unsatisfied, Reason: r, IPv4: f, IPv6: f}
}

// ifi returns an interface of a path.
func ifi(name monitor.Untrusted, kind monitor.LinkType, status monitor.Status, reason monitor.Reason, inUse bool, source string) monitor.InterfacePath {
	p := monitor.InterfacePath{Name: name, Type: kind, Status: status, Reason: reason, Candidate: true, InUse: inUse}
	if a, err := netip.ParseAddr(source); err == nil {
		p.IPv4 = monitor.FamilyPath{Status: status, Source: a}
	}
	return p
}

// online is health without trouble.
func online() monitor.Health {
	const ok = monitor.VerdictOK
	return monitor.Health{State: monitor.HealthOnline, Gateway: ok, DNS: ok, Internet: ok, Portal: ok, IPv4: ok, IPv6: ok}
}
