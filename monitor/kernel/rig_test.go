//go:build linux

package kernel

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"flapscope/internal/nlwire"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// A rig is a mirror with a test in the kernel's place.
type rig struct {
	t     *testing.T
	m     *mirror
	state *state.State
	log   []fact.Observation
	now   time.Duration
	// asked are the requests that the mirror made and that were not answered.
	asked []ask
}

// An ask is one request of the mirror.
type ask struct {
	nlwire.Message
}

const rigPort = 77

func newRig(t *testing.T) *rig {
	opt := Options{RouterModeRoutes: 10}.complete()
	r := &rig{t: t, m: newMirror(opt, hardware{}), state: state.NewState(), now: time.Hour}
	r.begin()
	r.m.connect(rigPort, 1<<20)
	r.turn(0)
	return r
}

func (r *rig) begin() {
	r.m.begin(r.state, func(o fact.Observation) {
		r.state.Apply(o)
		r.log = append(r.log, o)
	}, instant{time.Unix(0, 0).Add(r.now), r.now})
}

// turn lets time pass and gives the mirror datagrams.
func (r *rig) turn(pass time.Duration, datagrams ...[]byte) {
	r.t.Helper()
	r.now += pass
	r.begin()
	for _, d := range datagrams {
		r.m.datagram(d)
	}
	r.m.tick()
	for m, err := range nlwire.Messages(r.m.out.Datagram) {
		if err != nil {
			r.t.Fatalf("request: %v", err)
		}
		m.Body = slices.Clone(m.Body)
		r.asked = append(r.asked, ask{m})
	}
	r.m.out.Datagram = r.m.out.Datagram[:0]
}

// take removes and returns the first unanswered dump request.
func (r *rig) take() (ask, bool) {
	for i, a := range r.asked {
		if a.Flags&unix.NLM_F_DUMP == unix.NLM_F_DUMP {
			r.asked = append(r.asked[:i:i], r.asked[i+1:]...)
			return a, true
		}
	}
	return ask{}, false
}

// reply makes an answer to a.
func reply(a ask, typ, flags uint16, body []byte) []byte {
	b := message(typ, flags, body)
	binary.NativeEndian.PutUint32(b[8:], a.Seq)
	binary.NativeEndian.PutUint32(b[12:], rigPort)
	return b
}

// done ends a dump.
func done(a ask, flags uint16) []byte { return reply(a, unix.NLMSG_DONE, flags, make([]byte, 4)) }

// message makes a notification.
func message(typ, flags uint16, body []byte) []byte {
	var q nlwire.Request
	start := q.Begin(typ, flags, 0, body...)
	q.End(start)
	for len(q.Datagram)%4 != 0 {
		q.Datagram = append(q.Datagram, 0)
	}
	binary.NativeEndian.PutUint16(q.Datagram[6:], flags)
	return q.Datagram
}

// sync answers every dump with nothing, and every lookup with "no route".
func (r *rig) sync() {
	r.t.Helper()
	for range 100 {
		a, ok := r.take()
		if ok {
			r.turn(0, done(a, 0))
			continue
		}
		if r.state.Synced[sourceName] {
			return
		}
		var answers [][]byte
		for _, a := range r.asked {
			if a.Type == unix.RTM_GETROUTE {
				answers = append(answers, reply(a, unix.NLMSG_ERROR, 0, errnoBody(unix.ENETUNREACH)))
			}
		}
		r.asked = nil
		r.turn(time.Millisecond, answers...)
	}
	r.t.Fatal("the mirror never synced")
}

func errnoBody(e unix.Errno) []byte {
	return binary.NativeEndian.AppendUint32(nil, uint32(-int32(e)))
}

// await turns time on until the mirror asks for a dump of t.
func (r *rig) await(t table) ask {
	r.t.Helper()
	want := tables[t].rows.base + getType
	for range 100 {
		if a, ok := r.take(); ok {
			if a.Type == want && a.Body[0] == tables[t].family {
				return a
			}
			r.turn(0, done(a, 0))
			continue
		}
		r.turn(2 * time.Millisecond)
	}
	r.t.Fatalf("no dump of %s was asked for", t)
	return ask{}
}

// routeBody makes the body of a message about an IPv4 route of table main.
func routeBody(dst string, flags uint32, attrs ...func(*nlwire.Request)) []byte {
	p := netip.MustParsePrefix(dst)
	body := []byte{unix.AF_INET, byte(p.Bits()), 0, 0, unix.RT_TABLE_MAIN, 4, 0, unix.RTN_UNICAST}
	if p.Addr().Is6() {
		body[0] = unix.AF_INET6
	}
	q := nlwire.Request{Datagram: binary.NativeEndian.AppendUint32(body, flags)}
	if p.Bits() > 0 {
		q.Attr(unix.RTA_DST, p.Addr().AsSlice())
	}
	for _, a := range attrs {
		a(&q)
	}
	return q.Datagram
}

func gateway(a string) func(*nlwire.Request) {
	return func(q *nlwire.Request) { q.Attr(unix.RTA_GATEWAY, netip.MustParseAddr(a).AsSlice()) }
}

// multipathOf makes hops with the given gateways on link 2.
func multipathOf(gateways ...string) func(*nlwire.Request) {
	return func(q *nlwire.Request) {
		var legs nlwire.Request
		for _, g := range gateways {
			var hop nlwire.Request
			hop.Attr(unix.RTA_GATEWAY, netip.MustParseAddr(g).AsSlice())
			legs.Datagram = binary.NativeEndian.AppendUint16(legs.Datagram, uint16(unix.SizeofRtNexthop+len(hop.Datagram)))
			legs.Datagram = append(legs.Datagram, 0, 0, 2, 0, 0, 0)
			legs.Datagram = append(legs.Datagram, hop.Datagram...)
		}
		q.Attr(unix.RTA_MULTIPATH, legs.Datagram)
	}
}

// ruleBody makes the body of a message about an IPv4 rule.
func ruleBody(priority uint32) []byte {
	q := nlwire.Request{Datagram: []byte{unix.AF_INET, 0, 0, 0, 100, 0, 0, 1, 0, 0, 0, 0}}
	q.Attr32(unix.FRA_PRIORITY, priority)
	return q.Datagram
}

func (r *rig) routes() int { return r.state.Routes.Len() }

// netconfBody makes a change of ignore_routes_with_linkdown, which wants a dump
// of the routes.
func netconfBody() []byte {
	q := nlwire.Request{Datagram: []byte{unix.AF_INET, 0, 0, 0}}
	q.Attr32(netconfIfindex, 2)
	q.Attr32(netconfIgnoreLinkdown, 1)
	return q.Datagram
}
