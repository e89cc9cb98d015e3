package scene

import (
	"hash/fnv"
	"net/netip"
	"slices"
	"time"

	"flapscope/monitor/fact"
)

// linger is how long a target is kept that there is no path to any more.
const linger = 10 * time.Second

// timeout is when a probe without an answer is lost.
const timeout = 2 * time.Second

// A probe is a target, and how fast it answers over each interface.
type probe struct {
	fact.Target
	// over is the interface that the target belongs to, or nil for any.
	over *nic
	rtt  map[*nic]time.Duration
}

// A trouble is what goes wrong with some targets for a while.
type trouble struct {
	from, to time.Duration
	with     func(*fact.Target) bool
	// outcome is what becomes of a share of the probes; the others take so much
	// longer.
	outcome fact.Outcome
	share   float64
	slower  time.Duration
	detail  fact.Untrusted
}

// target adds something that is probed over every interface, with the usual
// round trip over each.
func (m *machine) target(name fact.Untrusted, method fact.Method, role fact.Role, addr string, every time.Duration, rtt map[*nic]time.Duration) *probe {
	p := &probe{Target: fact.Target{
		ID: string(method) + ":" + string(name), Name: name, Method: method, Role: role, Interval: every,
	}, rtt: rtt}
	if a, err := netip.ParseAddr(addr); err == nil {
		p.Addr, p.Family = a, fact.IPv4
		if a.Is6() {
			p.Family = fact.IPv6
		}
	}
	m.probes = append(m.probes, p)
	return p
}

// gateway adds the gateway of an interface to what is probed.
func (m *machine) gateway(n *nic, rtt time.Duration) {
	p := m.target("gateway", fact.MethodPing, fact.RoleGateway, n.gateway.String(), time.Second, map[*nic]time.Duration{n: rtt})
	p.ID, p.Index, p.over = "ping:"+n.gateway.String()+"%"+string(n.link.Name), n.link.Index, n
}

// goesWrong lets a share of the probes of some targets end in another way from
// now on for so long.
func (m *machine) goesWrong(d time.Duration, with func(*fact.Target) bool, outcome fact.Outcome, share float64) *trouble {
	m.trouble = append(m.trouble, trouble{from: m.now, to: m.now + d, with: with, outcome: outcome, share: share})
	return &m.trouble[len(m.trouble)-1]
}

// withRole matches the targets of some roles.
func withRole(roles ...fact.Role) func(*fact.Target) bool {
	return func(t *fact.Target) bool { return slices.Contains(roles, t.Role) }
}

// probe makes all probes of the script's time.
func (m *machine) probe() {
	for _, p := range m.probes {
		known := false
		for i, u := range m.used {
			to := boot
			if i+1 < len(m.used) {
				to = m.used[i+1].from
			}
			rtt, ok := p.rtt[u.nic]
			ok = ok && u.nic != nil && (p.over == nil || p.over == u.nic)
			switch {
			case ok && !known:
				m.now = u.from
				m.put(&p.Target)
				known = true
			case !ok && known && to-u.from > linger:
				m.now = u.from + linger
				m.del(&p.Target)
				known = false
			}
			if ok {
				m.send(p, u.from, to, rtt)
			}
		}
	}
}

// use observes what the probes of the last minute cost, about 100 bytes each.
func (m *machine) use() {
	u := fact.ProbeUsage{MaxPackets: 3000, MaxBytes: 1_000_000}
	for _, o := range m.all {
		if r, ok := o.Fact.(*fact.ProbeResult); ok && r.Sent >= boot-time.Minute {
			u.Packets += 2
			u.Bytes += 104
		}
	}
	if u.Packets > 0 {
		m.now = boot - time.Second
		m.put(&u)
	}
}

// send probes a target from one instant to another. A probe in flight when the
// path goes is no result.
func (m *machine) send(p *probe, from, to, usual time.Duration) {
	first := (from + p.Interval - 1) / p.Interval * p.Interval
	for sent := first + offset(p.ID); sent < to; sent += p.Interval {
		r, known := m.result(p, sent, usual)
		if known < to || to == boot {
			m.now = known
			m.put(r)
		}
	}
}

// result returns what becomes of a probe, and when that is known.
func (m *machine) result(p *probe, sent, usual time.Duration) (*fact.ProbeResult, time.Duration) {
	r := &fact.ProbeResult{Target: p.ID, Outcome: fact.OutcomeOK, Sent: sent, RTT: around(p.ID, sent, usual)}
	for _, t := range m.trouble {
		if sent < t.from || sent >= t.to || !t.with(&p.Target) {
			continue
		}
		r.RTT += time.Duration(float64(t.slower) * (0.7 + 0.6*noise(p.ID+"slow", sent)))
		if noise(p.ID+"lost", sent) < t.share {
			r.Outcome, r.Detail = t.outcome, t.detail
		}
	}
	known := sent + r.RTT
	switch r.Outcome {
	case fact.OutcomeOK:
	case fact.OutcomeTimeout:
		r.RTT, known = 0, sent+timeout
	default:
		r.RTT = 0
	}
	return r, known
}

// offset keeps targets from being probed all at once.
func offset(id string) time.Duration {
	return time.Duration(noise(id, 0) * float64(200*time.Millisecond))
}

// noise returns a number in [0, 1) that depends on its arguments only.
func noise(id string, at time.Duration) float64 {
	h := fnv.New64a()
	var b [8]byte
	for i := range b {
		b[i] = byte(at >> (8 * i))
	}
	_, _ = h.Write([]byte(id))
	_, _ = h.Write(b[:])
	return float64(h.Sum64()>>11) / (1 << 53)
}

// around returns a round trip near the usual one, with a tail.
func around(id string, at, usual time.Duration) time.Duration {
	n, spread := noise(id, at), float64(usual)/4
	v := usual + time.Duration(spread*(n-0.3))
	if n > 0.96 {
		v += time.Duration(3 * spread * noise(id+"tail", at))
	}
	return v
}
