package cli

import (
	"fmt"
	"io"
	"net/netip"
	"strings"
	"text/tabwriter"
	"time"

	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/probes/lan"
)

// printLan prints what was found for people.
func (a *App) printLan(out io.Writer, x *scanned) error {
	var b strings.Builder
	if x.target.IsValid() {
		x.writePorts(&b)
	} else {
		x.writeHosts(&b)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// writeHosts writes a line for each host, and below it what does not fit there.
func (x *scanned) writeHosts(b *strings.Builder) {
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ADDRESS\tHARDWARE\tMAKER\tPING\tWHAT")
	for _, h := range x.Hosts {
		ping := ""
		if h.RTT > 0 {
			ping = text.Duration(h.RTT)
		}
		what := hostWords(h)
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", h.Addrs[0], h.Hardware.Display(), makerOf(h), ping, what[0])
		for i := 1; i < max(len(h.Addrs), len(what)); i++ {
			addr, more := "", ""
			if i < len(h.Addrs) {
				addr = h.Addrs[i].String()
			}
			if i < len(what) {
				more = what[i]
			}
			fmt.Fprintf(t, "%s\t\t\t\t%s\n", addr, more)
		}
	}
	t.Flush()
	fmt.Fprintf(b, "\n%s on %s, %s", text.Count(len(x.Hosts), "host"), x.iface.Display(), prefixList(x.Prefixes))
	if x.Asked > 0 {
		fmt.Fprintf(b, "; %s pinged", addresses(x.Asked))
	}
	fmt.Fprintf(b, "; %s\n", text.Duration(x.Took))
	for _, n := range x.notes() {
		fmt.Fprintf(b, "%s\n", n.Display())
	}
}

// notes say what is missing, and why.
func (x *scanned) notes() (out []fact.Untrusted) {
	if !x.All && x.Asked > 0 {
		out = append(out, fact.Untrusted(fmt.Sprintf("%s is larger than what is asked: the %s addresses around this machine's", x.Prefixes[0], text.Number(lan.MaxAsked))))
	}
	if !x.Makers {
		out = append(out, "makers are not known: install hwdata or ieee-data")
	}
	return append(out, x.Notes...)
}

// makerOf is who made a host's interface.
func makerOf(h *lan.Host) string {
	if h.MadeUp() {
		return "made up"
	}
	return clip(h.Maker.Display(), 24)
}

// hostWords are the lines that say what a host is: at least one.
func hostWords(h *lan.Host) (out []string) {
	var words []string
	if h.Self {
		words = append(words, "this machine")
	}
	if h.Router {
		words = append(words, "router")
	}
	if h.Name != "" {
		words = append(words, h.Name.Display())
	}
	out = append(out, strings.Join(words, ", "))
	for _, s := range h.Services {
		out = append(out, fmt.Sprintf("%s: %s (port %d)", serviceWord(s.Type), s.Instance.Display(), s.Port))
	}
	if out[0] == "" && len(out) > 1 {
		out = out[1:]
	}
	return out
}

// serviceWords are what the types of services are called, as far as people meet
// them (IANA, Service Name and Transport Protocol Port Number Registry).
var serviceWords = map[fact.Untrusted]string{
	"_ipp._tcp": "printer", "_ipps._tcp": "printer", "_printer._tcp": "printer", "_pdl-datastream._tcp": "printer", "_uscan._tcp": "scanner", "_scanner._tcp": "scanner",
	"_http._tcp": "web page", "_https._tcp": "web page", "_ssh._tcp": "ssh", "_sftp-ssh._tcp": "ssh files", "_smb._tcp": "files", "_afpovertcp._tcp": "files", "_nfs._tcp": "files",
	"_webdav._tcp": "files", "_airplay._tcp": "AirPlay", "_raop._tcp": "AirPlay sound", "_googlecast._tcp": "Chromecast", "_spotify-connect._tcp": "Spotify", "_hap._tcp": "HomeKit",
	"_matter._tcp": "Matter", "_rfb._tcp": "screen sharing", "_workstation._tcp": "workstation", "_device-info._tcp": "device", "_mqtt._tcp": "MQTT", "_rtsp._tcp": "camera",
}

func serviceWord(t fact.Untrusted) string {
	if w := serviceWords[t]; w != "" {
		return w
	}
	return t.Display()
}

func prefixList(all []netip.Prefix) string {
	var words []string
	for _, p := range all {
		words = append(words, p.String())
	}
	if len(words) == 0 {
		return "without an address"
	}
	return strings.Join(words, ", ")
}

// writePorts writes what became of the ports.
func (x *scanned) writePorts(b *strings.Builder) {
	counts := map[string]int{}
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for i := range x.ports {
		p := &x.ports[i]
		counts[portWord(p)]++
		if p.Open {
			fmt.Fprintf(t, "%d\t%s\topen\t%s\n", p.Number, p.Name, text.Duration(p.RTT))
		}
	}
	t.Flush()
	var words []string
	for _, w := range []string{"open", "refused", "silent", "failed"} {
		if n := counts[w]; n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, w))
		}
	}
	fmt.Fprintf(b, "%s on %s: %s of %s; %s, %d a second\n", x.target, x.iface.Display(), strings.Join(words, ", "), text.Count(len(x.ports), "port"), text.Duration(x.Took), lan.PortRate)
}

// portWord says in a word what became of a port.
func portWord(p *lan.Port) string {
	switch {
	case p.Open:
		return "open"
	case p.Refused:
		return "refused"
	case p.Words != "":
		return "failed"
	}
	return "silent"
}

// A lanDocument is the output of "lan --json". Its form is a stable contract:
// additions only.
type lanDocument struct {
	Time      string           `json:"time"`
	Interface fact.Untrusted   `json:"interface"`
	Index     int              `json:"ifindex"`
	Prefixes  []netip.Prefix   `json:"prefixes,omitempty"`
	Asked     int              `json:"asked"`
	Complete  bool             `json:"complete"`
	Ms        float64          `json:"ms"`
	Notes     []fact.Untrusted `json:"notes,omitempty"`
	Hosts     []hostDocument   `json:"hosts"`
	Target    netip.Addr       `json:"target,omitzero"`
	Ports     []portDocument   `json:"ports,omitempty"`
}

type hostDocument struct {
	Addresses []netip.Addr      `json:"addresses"`
	Hardware  fact.Untrusted    `json:"hardware,omitempty"`
	Maker     fact.Untrusted    `json:"maker,omitempty"`
	MadeUp    bool              `json:"made_up,omitempty"`
	Name      fact.Untrusted    `json:"name,omitempty"`
	Self      bool              `json:"self,omitempty"`
	Router    bool              `json:"router,omitempty"`
	Ms        float64           `json:"ms,omitempty"`
	Services  []serviceDocument `json:"services,omitempty"`
}

type serviceDocument struct {
	Instance fact.Untrusted `json:"instance"`
	Type     fact.Untrusted `json:"type"`
	Port     uint16         `json:"port,omitempty"`
}

type portDocument struct {
	Port  uint16         `json:"port"`
	Name  string         `json:"name,omitempty"`
	State string         `json:"state"`
	Text  fact.Untrusted `json:"text,omitempty"`
	Ms    float64        `json:"ms,omitempty"`
}

func (x *scanned) describe() lanDocument {
	d := lanDocument{
		Time: fact.FormatTime(x.began), Interface: x.iface, Index: x.index, Prefixes: x.Prefixes, Asked: x.Asked, Complete: x.All,
		Ms: inMillis(x.Took), Hosts: []hostDocument{}, Target: x.target,
	}
	if !x.target.IsValid() {
		d.Notes = x.notes()
	}
	for _, h := range x.Hosts {
		doc := hostDocument{
			Addresses: h.Addrs, Hardware: h.Hardware, Maker: h.Maker, MadeUp: h.MadeUp(), Name: h.Name, Self: h.Self, Router: h.Router, Ms: inMillis(h.RTT),
		}
		for _, s := range h.Services {
			doc.Services = append(doc.Services, serviceDocument(s))
		}
		d.Hosts = append(d.Hosts, doc)
	}
	for i := range x.ports {
		p := &x.ports[i]
		doc := portDocument{Port: p.Number, Name: p.Name, State: portWord(p), Text: p.Words}
		if p.Open || p.Refused {
			doc.Ms = float64(p.RTT) / float64(time.Millisecond)
		}
		d.Ports = append(d.Ports, doc)
	}
	return d
}

func addresses(n int) string {
	if n == 1 {
		return "1 address"
	}
	return text.Number(n) + " addresses"
}
