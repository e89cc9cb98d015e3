package verdict_test

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/verdict"
)

// The questions by the words that the rows use.
var asks = map[string]verdict.Ask{
	"ping": verdict.Ping, "large": verdict.Large, "connect": verdict.Connect, "secure": verdict.Secure, "page": verdict.Page,
	"a": verdict.Address, "aaaa": verdict.Address6, "second": verdict.Second, "unchecked": verdict.Unchecked,
	"random": verdict.Random, "version": verdict.Version, "plain": verdict.Plain, "keys": verdict.Keys, "stray": verdict.Stray, "private": verdict.Private, "web": verdict.Web,
	"translated": verdict.Translated, "mapped": verdict.Mapped,
}

// The machine is on 10.50.0.2 behind 10.50.0.1, which is its name server too.
var (
	v4Gateway = netip.MustParseAddr("10.50.0.1")
	v6Gateway = netip.MustParseAddr("2001:db8:50::1")
	nobody    = netip.MustParseAddr("192.0.2.1")
	operators = [2][2]netip.Addr{
		{netip.MustParseAddr("1.1.1.1"), netip.MustParseAddr("2606:4700:4700::1111")},
		{netip.MustParseAddr("8.8.8.8"), netip.MustParseAddr("2001:4860:4860::8888")},
	}
	site = [2]netip.Addr{netip.MustParseAddr("203.0.113.80"), netip.MustParseAddr("2001:db8:51::80")}
)

// well is the evidence of a machine that is well in both families.
func well() *verdict.Evidence {
	e := &verdict.Evidence{
		Ways: [2]verdict.Way{
			{Status: path.Satisfied, Gateway: v4Gateway, Source: netip.MustParsePrefix("10.50.0.2/24")},
			{Status: path.Satisfied, Gateway: v6Gateway, Source: netip.MustParsePrefix("2001:db8:50::2/64")},
		},
		Operators: []string{"Cloudflare", "Google"}, Paged: true,
	}
	add := func(ask verdict.Ask, role fact.Role, f fact.Family, operator int, a netip.Addr) {
		e.Outcomes = append(e.Outcomes, verdict.Outcome{
			Ask: ask, Role: role, Family: f, Operator: uint8(operator), Addr: a,
			Result: fact.OutcomeOK, Sent: 1, Answered: 1, RTT: 2 * time.Millisecond, Size: 1500,
		})
	}
	for i, f := range fact.Families {
		w := &e.Ways[i]
		w.Interface, w.Index, w.MTU, w.Neighbour = "l0", 2, 1500, verdict.NeighbourAlive
		add(verdict.Ping, fact.RoleGateway, f, 0, w.Gateway)
		for o := range operators {
			a := operators[o][i]
			add(verdict.Ping, fact.RoleInternet, f, o, a)
			add(verdict.Connect, fact.RoleInternet, f, o, a)
			if f == fact.IPv4 {
				add(verdict.Secure, fact.RoleInternet, f, o, a)
				add(verdict.Private, fact.RoleInternet, f, o, a)
			}
		}
		add(verdict.Large, fact.RoleInternet, f, 0, operators[0][i])
		add(verdict.Page, fact.RolePortal, f, 0, site[i])
	}
	for _, ask := range []verdict.Ask{verdict.Address, verdict.Address6} {
		add(ask, fact.RoleResolver, fact.IPv4, 0, v4Gateway)
	}
	add(verdict.Random, fact.RoleResolver, fact.IPv4, 0, v4Gateway)
	e.Outcomes[len(e.Outcomes)-1].Why = verdict.WhyNXDomain
	return e
}

// change changes evidence as a line of a row says: what is meant, a colon, and
// what becomes of it. What is not there yet is added.
//
//	"way 4: reason=no_route"
//	"connect internet 4 1.1.1.1: refused by=gateway from=10.50.0.1"
func change(t testing.TB, e *verdict.Evidence, line string) {
	t.Helper()
	which, what, ok := strings.Cut(line, ": ")
	if !ok {
		t.Fatalf("no colon in %q", line)
	}
	words, values := strings.Fields(which), strings.Fields(what)
	switch words[0] {
	case "way":
		for i, f := range "46" {
			if len(words) == 1 || words[1] == string(f) {
				wayChange(t, &e.Ways[i], values)
			}
		}
		return
	case "queue":
		e.Queue = duration(t, what)
		return
	case "no":
		e.Outcomes = slices.DeleteFunc(e.Outcomes, func(o verdict.Outcome) bool { return meant(t, &o, strings.Fields(what)) })
		return
	}
	n := 0
	for i := range e.Outcomes {
		if o := &e.Outcomes[i]; meant(t, o, words) {
			outcomeChange(t, o, values)
			n++
		}
	}
	if n == 0 {
		e.Outcomes = append(e.Outcomes, added(t, words, values))
	}
}

// added is an outcome of a question that a machine which is well need not ask.
func added(t testing.TB, words, values []string) verdict.Outcome {
	o := verdict.Outcome{Ask: asks[words[0]], Role: fact.RoleResolver, Family: fact.IPv4, Addr: v4Gateway, Sent: 1, Answered: 1, Size: 1400}
	switch {
	case o.Ask == verdict.Stray:
		o.Addr = nobody
	case len(words) > 2 && words[1] == "internet":
		o.Role, o.Addr = fact.RoleInternet, operators[0][0]
		if words[2] == "6" {
			o.Family, o.Addr = fact.IPv6, operators[0][1]
		}
	}
	outcomeChange(t, &o, values)
	return o
}

// meant reports whether all words are about an outcome.
func meant(t testing.TB, o *verdict.Outcome, words []string) bool {
	t.Helper()
	for _, w := range words {
		ok := false
		switch {
		case w == "*":
			ok = true
		case w == "4" || w == "6":
			ok = o.Family.Title() == "IPv"+w
		case w == string(o.Role):
			ok = true
		case strings.HasPrefix(w, "size="):
			ok = strconv.Itoa(o.Size) == w[5:]
		default:
			if ask, known := asks[w]; known {
				ok = o.Ask == ask
			} else {
				ok = o.Addr.String() == w
			}
		}
		if !ok {
			return false
		}
	}
	return true
}

func wayChange(t testing.TB, w *verdict.Way, values []string) {
	t.Helper()
	for _, v := range values {
		key, value, _ := strings.Cut(v, "=")
		switch key {
		case "reason":
			w.Status, w.Reason = path.Unsatisfied, path.Reason(value)
			if w.Reason.Rank() < path.ReasonNoRoute.Rank() {
				w.Source = netip.Prefix{}
			}
			w.Gateway, w.Neighbour = netip.Addr{}, verdict.NeighbourUnknown
		case "neighbour":
			w.Neighbour = map[string]verdict.Neighbour{
				"failed": verdict.NeighbourFailed, "unknown": verdict.NeighbourUnknown, "changed": verdict.NeighbourChanged,
			}[value]
		case "others":
			w.Others = true
		case "linklocal":
			w.LinkLocal = true
		case "gateway":
			w.Gateway, _ = netip.ParseAddr(value)
		case "source":
			w.Source = netip.MustParsePrefix(value)
		case "interface":
			w.Interface, w.Index = fact.Untrusted(value), 9
		default:
			t.Fatalf("way: %q", v)
		}
	}
}

func outcomeChange(t testing.TB, o *verdict.Outcome, values []string) {
	t.Helper()
	for _, v := range values {
		key, value, pair := strings.Cut(v, "=")
		switch {
		case v == "optional":
			o.Optional = true
		case !pair:
			o.Result = fact.Outcome(key)
			o.Answered = 0
			if o.Result == fact.OutcomeOK || o.Result == fact.OutcomePortal || o.Result == fact.OutcomeBadAnswer {
				o.Answered = 1
			}
			if key == "unasked" {
				o.Result = ""
			}
		case key == "why":
			o.Why = verdict.Why(value)
		case key == "said":
			o.Said = fact.Untrusted(value)
		case key == "rtt":
			o.RTT = duration(t, value)
		case key == "by":
			o.By = fact.Refuser(value)
		case key == "from":
			o.From = netip.MustParseAddr(value)
		case key == "skew":
			o.Skew, o.Dated = duration(t, value), true
		default:
			number(t, o, key, value)
		}
	}
}

func number(t testing.TB, o *verdict.Outcome, key, value string) {
	t.Helper()
	n, err := strconv.Atoi(value)
	if err != nil {
		t.Fatal(err)
	}
	switch key {
	case "sent":
		o.Sent = n
	case "answered":
		o.Answered = n
	case "mtu":
		o.MTU = n
	case "size":
		o.Size = n
	case "twice":
		o.Duplicates = n
	default:
		t.Fatalf("outcome: %q", key)
	}
}

func duration(t testing.TB, s string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
