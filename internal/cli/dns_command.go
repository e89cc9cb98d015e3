package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"flapscope/internal/config"
	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"
	"flapscope/monitor/verdict"
	"flapscope/probes/checkup"
	"flapscope/probes/target"
)

// dnsOptions are the flags of the dns command.
type dnsOptions struct {
	json    bool
	servers []string
}

func (a *App) dnsCommand() *cobra.Command {
	var o dnsOptions
	c := &cobra.Command{
		Use:   "dns NAME",
		Short: "Ask every name server for a name, and compare the answers",
		Long: `Asks every name server of this machine for the addresses of a name, in both
families, and shows the answers side by side: those of resolv.conf, and those of
systemd-resolved, each by the interface that it belongs to. Of the latter only those
count that systemd-resolved asks for the name, by their domains; which these are is
said. Others can be asked too, to compare.

The exit code is 0 when all answer and the name has an address, and 1 when not.`,
		Example: "  flapscope dns www.example.net\n  flapscope dns www.example.net --server 9.9.9.9\n  flapscope dns example.net --json | jq '.answers[].addresses'",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("%s needs one name; see %s --help", c.CommandPath(), c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			a.endAtOnce()
			return a.dns(c, o, args[0])
		},
	}
	c.Flags().BoolVar(&o.json, "json", false, "print one JSON object")
	c.Flags().StringArrayVar(&o.servers, "server", nil, "ask the name server at this `address` too")
	return c
}

// A compared name is what all servers said of it.
type compared struct {
	name    fact.Untrusted
	began   time.Time
	answers []checkup.Lookup
}

func (a *App) dns(c *cobra.Command, o dnsOptions, name string) error {
	set, err := a.settings()
	if err != nil {
		return err
	}
	if err := hostName(name); err != nil {
		return err
	}
	servers, err := a.nameServers(c.Context(), set, o, name)
	if err != nil {
		return err
	}
	x := &compared{name: fact.Untrusted(name), began: time.Now(), answers: checkup.LookUp(c.Context(), name, servers)}
	if o.json {
		err = writeJSON(out(c), x.describe())
	} else {
		err = a.printNames(out(c), set, x)
	}
	if _, well := x.verdict(); err == nil && !well {
		return errNegative
	}
	return err
}

// hostName refuses what is no name of a host.
func hostName(name string) error {
	var t fact.Target
	if _, err := target.SetHost(&t, strings.TrimSuffix(name, ".")); err != nil {
		return usageError{err}
	}
	if t.Addr.IsValid() {
		return usagef("%s is an address; want a name", t.Addr)
	}
	return nil
}

// nameServers returns those of this machine, and those that were named.
func (a *App) nameServers(ctx context.Context, set config.Config, o dnsOptions, name string) (all []checkup.Server, err error) {
	m, stop, err := a.observed(ctx, set)
	if err != nil {
		return nil, err
	}
	m.Read(func(s *state.State) { all = checkup.Servers(s, name) })
	if err := stop(); err != nil {
		return nil, err
	}
	for _, s := range o.servers {
		addr, err := netip.ParseAddr(strings.Trim(s, "[]"))
		if err != nil {
			return nil, usagef("--server %q: want an address", fact.Untrusted(s).Display())
		}
		all = append(all, checkup.Server{Server: fact.Server{Addr: addr.Unmap(), Port: 53}})
	}
	if len(all) == 0 {
		return nil, errors.New("no name server is configured; name one with --server")
	}
	return all, nil
}

// verdict says in one sentence what all answers mean, and whether all is well.
func (x *compared) verdict() (sentence string, well bool) {
	answers := x.asked()
	silent, half, refusing, found := count(answers)
	name := x.name.Display()
	switch {
	case len(answers) == 0:
		return "No name server is asked for " + name + ".", false
	case len(silent)*2 == len(answers):
		return "No name server answers for " + name + ".", false
	case len(silent) > 0:
		return "Not all answer for " + name + ": " + text.And(silent) + " did not.", false
	case len(half) > 0:
		return "Not all is answered for " + name + ": " + text.And(half) + " was not.", false
	case found && len(refusing) > 0:
		// A policy, which costs programs nothing.
		return name + " has an address; questions for IPv6 are refused by " + text.And(refusing) + ".", true
	case !found:
		return name + " has no address.", false
	}
	for i := range answers {
		first, l := &answers[i%2], &answers[i]
		if !first.Agree(l) && !first.Overlap(l) {
			return fmt.Sprintf("%s and %s differ about the %s addresses of %s.", serverName(&first.Server), serverName(&l.Server), l.Family.Title(), name), true
		}
	}
	if len(answers) == 2 {
		return name + " has an address.", true
	}
	return "All servers agree about " + name + ".", true
}

// asked are the answers of those servers that programs ask for the name.
func (x *compared) asked() []checkup.Lookup {
	return slices.DeleteFunc(slices.Clone(x.answers), func(l checkup.Lookup) bool { return l.Server.Aside })
}

// serverName names a server, with the interface that it belongs to.
func serverName(s *checkup.Server) string {
	switch name := s.Addr.String(); {
	case s.Tunnel:
		return name + " of the VPN " + s.Interface.Display()
	case s.Interface != "":
		return name + " of " + s.Interface.Display()
	default:
		return name
	}
}

// count returns the servers that failed in both families, those that did in one, with
// that, and those that refuse questions for IPv6 alone; and whether any address was
// found.
func count(answers []checkup.Lookup) (silent, half, refusing []string, found bool) {
	failed := func(l *checkup.Lookup) bool { return l.Result != fact.OutcomeOK && l.Why != verdict.WhyNXDomain }
	for i := 0; i+1 < len(answers); i += 2 {
		four, six := &answers[i], &answers[i+1]
		found = found || len(four.Addrs)+len(six.Addrs) > 0
		addr := serverName(&four.Server)
		switch {
		case failed(four) && failed(six):
			silent = append(silent, addr)
		case failed(four):
			half = append(half, addr+" for IPv4")
		case failed(six) && six.Why == verdict.WhyRefusal:
			refusing = append(refusing, addr)
		case failed(six):
			half = append(half, addr+" for IPv6")
		}
	}
	return silent, half, refusing, found
}

// printNames prints the answers side by side, a line for each address.
func (a *App) printNames(out io.Writer, set config.Config, x *compared) error {
	p := &checkPage{paint: a.paint(), glyphs: a.glyphs(set), width: checkMost}
	if w, _, err := term.GetSize(a.Out.Fd()); err == nil && w > 0 {
		p.width = min(w, checkMost)
	}
	sentence, well := x.verdict()
	mark := p.mark(verdict.LegBad)
	if well {
		mark = p.mark(verdict.LegOK)
	}
	p.wrapped(" "+mark+"  ", 4, p.dye(sgrBold, sentence))
	p.b.WriteByte('\n')
	var rows []checkRow
	for i := 0; i+1 < len(x.answers); i += 2 {
		rows = append(rows, answerRows(&x.answers[i], &x.answers[i+1])...)
	}
	p.table(rows)
	asked := x.asked()
	if len(asked) < len(x.answers) {
		var all []string
		for i := 0; i < len(asked); i += 2 {
			all = append(all, serverName(&asked[i].Server))
		}
		p.labelled("asked of", first(text.And(all), "none")+"; "+others(x), true)
	}
	if len(asked) > 0 && len(asked[0].Aliases) > 0 {
		var all []string
		for _, n := range asked[0].Aliases {
			all = append(all, n.Display())
		}
		p.labelled("alias of", strings.Join(all, p.fold(" → ")), true)
	}
	_, err := io.WriteString(out, p.b.String())
	return err
}

// others says what those servers are asked for that are not asked for the name.
func others(x *compared) string {
	var all []string
	for i := 0; i < len(x.answers); i += 2 {
		switch s := &x.answers[i].Server; {
		case s.Aside && s.Domain != "":
			all = append(all, serverName(s)+" for "+s.Domain.Display())
		case s.Aside:
			all = append(all, serverName(s)+" for other names")
		}
	}
	return text.And(all)
}

// answerRows are the lines of one server.
func answerRows(a, b *checkup.Lookup) []checkRow {
	left, right := cells(a), cells(b)
	rows := make([]checkRow, max(len(left), len(right)))
	for i := range rows {
		rows[i].cells = [2]checkCell{{state: verdict.LegSkipped}, {state: verdict.LegSkipped}}
		if i < len(left) {
			rows[i].cells[0] = left[i]
		}
		if i < len(right) {
			rows[i].cells[1] = right[i]
		}
	}
	rows[0].label, rows[0].what = "server", strings.TrimSpace(a.Server.Addr.String()+" "+a.Server.Interface.Display())
	return rows
}

// cells are the addresses of an answer, or what came instead.
func cells(l *checkup.Lookup) (out []checkCell) {
	bad := verdict.LegBad
	if l.Server.Aside {
		bad = verdict.LegUnknown // Nobody asks it for that.
	}
	switch {
	case l.Result == fact.OutcomeTimeout:
		return []checkCell{{state: bad, text: "silent"}}
	case l.Result != fact.OutcomeOK:
		words := first(l.Said.Display(), l.Why.String(), text.Words(l.Result))
		return []checkCell{{state: bad, text: words}}
	case len(l.Addrs) == 0:
		return []checkCell{{state: verdict.LegUnknown, text: "none, " + text.Duration(l.RTT)}}
	}
	for i, a := range l.Addrs {
		words := a.String()
		if i == 0 {
			words += ", " + text.Duration(l.RTT)
		}
		out = append(out, checkCell{state: verdict.LegOK, text: words})
	}
	return out
}

// A namesDocument is the output of "dns --json". Its form is a stable contract:
// additions only.
type namesDocument struct {
	Time    string           `json:"time"`
	Name    fact.Untrusted   `json:"name"`
	Text    fact.Untrusted   `json:"text"`
	Answers []lookupDocument `json:"answers"`
}

type lookupDocument struct {
	Server    string           `json:"server"`
	Index     int              `json:"ifindex,omitempty"`
	Interface fact.Untrusted   `json:"interface,omitempty"`
	Tunnel    bool             `json:"tunnel,omitempty"`
	Asked     bool             `json:"asked"`
	Domain    fact.Untrusted   `json:"domain,omitempty"`
	Family    string           `json:"family"`
	Outcome   fact.Outcome     `json:"outcome"`
	What      string           `json:"what,omitempty"`
	Said      fact.Untrusted   `json:"said,omitempty"`
	Ms        float64          `json:"ms,omitempty"`
	TTL       int              `json:"ttl_s,omitempty"`
	TCP       bool             `json:"tcp,omitempty"`
	Aliases   []fact.Untrusted `json:"aliases,omitempty"`
	Addresses []netip.Addr     `json:"addresses"`
}

func (x *compared) describe() namesDocument {
	sentence, _ := x.verdict()
	d := namesDocument{Time: fact.FormatTime(x.began), Name: x.name, Text: fact.Untrusted(sentence), Answers: []lookupDocument{}}
	for i := range x.answers {
		l := &x.answers[i]
		doc := lookupDocument{
			Server: l.Server.Addr.String(), Index: l.Server.Index, Interface: l.Server.Interface, Tunnel: l.Server.Tunnel,
			Asked: !l.Server.Aside, Domain: l.Server.Domain, Family: l.Family.Scope(), Outcome: l.Result, What: string(l.Why),
			Said: l.Said, Ms: inMillis(l.RTT), TTL: int(l.TTL / time.Second), TCP: l.TCP, Aliases: l.Aliases, Addresses: l.Addrs,
		}
		if doc.Addresses == nil {
			doc.Addresses = []netip.Addr{}
		}
		d.Answers = append(d.Answers, doc)
	}
	return d
}
