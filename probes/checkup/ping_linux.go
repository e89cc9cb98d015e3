package checkup

import (
	"errors"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
	"flapscope/monitor/verdict"
	"flapscope/probes"
	"flapscope/probes/burst"
)

// A train is pings with a distance, to count what is lost.
const (
	trainLen   = 20
	trainEvery = 20 * time.Millisecond
)

// pings are all pings of a diagnosis. They belong to one goroutine.
type pings struct {
	run *run
	// sockets are one for each family and interface.
	sockets map[socketKey]*burst.Socket
	targets []*pinged
	// lossy is whether some were lost and others not.
	lossy bool
	// sent counts all packets, traced those of traces.
	sent, traced int
	idle         chan struct{}
}

type socketKey struct {
	is6   bool
	index int
}

// A pinged is one address that is pinged with one size.
type pinged struct {
	verdict.Outcome
	index  int
	socket *burst.Socket
	// numbers are those of its packets.
	numbers []int
	// left is how many of a train are still to be sent, due when the next is.
	left int
	due  time.Time
	err  error
}

func (p *pings) begin(r *run) {
	p.run, p.sockets, p.idle = r, map[socketKey]*burst.Socket{}, make(chan struct{})
}

func (p *pings) close() {
	for _, s := range p.sockets {
		s.Close()
	}
}

// news has a value when something came for a family.
func (p *pings) news(family int) <-chan struct{} {
	for k, s := range p.sockets {
		if k.is6 == (family == 1) && k.index == p.run.scope.Index {
			return s.News()
		}
	}
	return p.idle
}

// socket returns the socket of a kind.
func (p *pings) socket(is6 bool, index int) (*burst.Socket, error) {
	k := socketKey{is6, index}
	if s := p.sockets[k]; s != nil {
		return s, nil
	}
	kind := burst.Echo
	if p.run.Raw {
		kind = burst.RawEcho
	}
	s, err := burst.Open(kind, is6, index)
	if err == nil {
		p.sockets[k] = s
	}
	return s, err
}

// add pings an address n times, with packets of a size.
func (p *pings) add(o verdict.Outcome, index, size, n int) {
	t := &pinged{Outcome: o, index: index}
	if !o.Addr.IsLinkLocalUnicast() && o.Role != fact.RoleStandby {
		index = p.run.scope.Index
	}
	t.socket, t.err = p.socket(o.Addr.Is6(), index)
	t.Size = size
	p.targets = append(p.targets, t)
	p.send(t, n)
}

func (p *pings) send(t *pinged, n int) {
	if t.err != nil {
		return
	}
	for range n {
		t.numbers = append(t.numbers, t.socket.Send(burst.Packet{To: t.Addr, Size: t.Size}))
		p.sent++
	}
}

// cost is how many bytes all pings and their answers took.
func (p *pings) cost() (bytes int) {
	const small = 62 // about, of both families
	for _, t := range p.targets {
		for _, n := range t.numbers {
			bytes += max(t.Size, small)
			if t.socket.Answer(n).Replied {
				bytes += max(t.Size, small)
			}
		}
	}
	return bytes + p.traced*2*small
}

// tick sends what is due of trains.
func (p *pings) tick() {
	now := time.Now()
	for _, t := range p.targets {
		for t.left > 0 && !now.Before(t.due) {
			p.send(t, 1)
			t.left--
			t.due = t.due.Add(trainEvery)
		}
	}
}

// train begins a train to a target.
func (t *pinged) train() { t.left, t.due = trainLen-len(t.numbers), time.Now() }

// trained reports whether all trains have arrived.
func (p *pings) trained() bool {
	for _, t := range p.targets {
		if t.left > 0 {
			return false
		}
	}
	waiting, _ := p.open()
	return waiting == 0
}

// open counts the targets of which nothing is known yet, and reports whether one
// did not answer as it should.
func (p *pings) open() (n int, failed bool) {
	for _, t := range p.targets {
		o := p.outcome(t)
		switch {
		case o.Result == "" || t.left > 0 || t.flying():
			n++
		case o.Result == fact.OutcomeNoData:
		case o.Result != fact.OutcomeOK || o.Answered < o.Sent || o.Duplicates > 0:
			failed = true
		}
	}
	return n, failed
}

// silent reports whether a target never answered.
func (p *pings) silent() bool {
	for _, t := range p.targets {
		if p.outcome(t).Result == fact.OutcomeTimeout {
			return true
		}
	}
	return false
}

// repeat pings once more what never answered.
func (p *pings) repeat() {
	for _, t := range p.targets {
		switch o := p.outcome(t); {
		case o.Result != fact.OutcomeTimeout:
		case o.Ask == verdict.Ping && p.lossy && o.Role != fact.RoleStandby:
			t.train()
		case o.Ask == verdict.Ping:
			p.send(t, 2)
		case o.Ask == verdict.Large && o.Sent == 1:
			p.send(t, 1)
		}
	}
}

// outcome is what became of the pings of a target.
func (p *pings) outcome(t *pinged) verdict.Outcome {
	o := t.Outcome
	o.Sent, o.Answered = 0, 0
	if t.err != nil {
		o.Result = fact.OutcomeNoData
		if errors.Is(t.err, unix.EACCES) || errors.Is(t.err, unix.EPERM) {
			o.Why = verdict.WhyPermission
		}
		return o
	}
	flying := false
	for _, n := range t.numbers {
		a := t.socket.Answer(n)
		switch {
		case a.Replied:
			o.Sent++
			o.Answered++
			o.Duplicates += a.Again
			if o.RTT == 0 || a.RTT < o.RTT {
				o.RTT = a.RTT
			}
			continue
		case a.Stranger.IsValid():
			o.Why, o.From = verdict.WhyStranger, a.Stranger
		case a.Err != nil:
			fail(&o, p.run.gateway, a.Err)
		case a.Refusal != nil:
			refused(&o, p.run.gateway, a.Refusal)
		case time.Since(a.Sent) < lostAfter:
			flying = true
			continue
		}
		o.Sent++
	}
	p.sum(t, &o, flying)
	return o
}

// sum says what the answers to several pings mean together.
func (p *pings) sum(t *pinged, o *verdict.Outcome, flying bool) {
	switch {
	case o.Answered > 0:
		o.Result = fact.OutcomeOK
		if o.Why != verdict.WhyStranger {
			o.Why = ""
		}
	case o.MTU != 0 && o.Size != 0:
		o.Result = fact.OutcomeUnreachable
	case o.Result == "" && !flying && o.Sent > 0:
		o.Result = fact.OutcomeTimeout
		if probes.FilteredStrictly(o.Addr, t.index) {
			o.Result, o.Why = fact.OutcomeNoData, verdict.WhyStrict
		}
	}
}

// outcomes are those of all targets.
func (p *pings) outcomes() (out []verdict.Outcome) {
	for _, t := range p.targets {
		out = append(out, p.outcome(t))
	}
	return out
}

// standBy believes the kernel of gateways that stand by and ignore pings: they are
// there.
func (p *pings) standBy(s *state.State, all []verdict.Outcome) {
	for i, t := range p.targets {
		if o := &all[i]; o.Role == fact.RoleStandby && o.Result == fact.OutcomeTimeout && Confirmed(s, t.index, o.Addr) {
			o.Result = fact.OutcomeOK
		}
	}
}

// unanswered reports whether an address was pinged in vain.
func (p *pings) unanswered(a netip.Addr) bool {
	for _, t := range p.targets {
		if t.Addr == a && t.Role == fact.RoleGateway {
			o := p.outcome(t)
			return o.Answered == 0
		}
	}
	return false
}

// missing reports whether a ping of an address has no answer yet, which is late
// if the rest have theirs.
func (p *pings) missing(a netip.Addr) bool {
	for _, t := range p.targets {
		if t.Addr != a || t.Ask != verdict.Ping || t.err != nil {
			continue
		}
		for _, n := range t.numbers {
			if x := t.socket.Answer(n); !x.Done() && !x.Stranger.IsValid() {
				return true
			}
		}
	}
	return false
}

// flying reports whether a packet may still be answered.
func (t *pinged) flying() bool {
	for _, n := range t.numbers {
		if a := t.socket.Answer(n); !a.Done() && !a.Stranger.IsValid() && time.Since(a.Sent) < lostAfter {
			return true
		}
	}
	return false
}
