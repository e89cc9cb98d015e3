package verdict

import (
	"fmt"
	"strconv"
	"time"

	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// Text is the verdict in one sentence.
func (r *Report) Text() string {
	switch {
	case r.Root.What != "":
		return sentence(r.Root.Text())
	case r.State == path.HealthUnknown:
		return "Nothing can be told: no question could be asked."
	}
	w := r.ways[0]
	if w.Reason != path.ReasonNone {
		w = r.ways[1]
	}
	where := "All is well over " + w.Interface.Display()
	switch {
	case r.alive[0] && r.alive[1]:
		return where + ", in both families."
	case r.alive[1]:
		return where + ", over IPv6."
	}
	return where + ", over IPv4."
}

// Reach says how far all is well, where the trouble is beyond this network, or
// "".
func (r *Report) Reach() string {
	switch r.Root.What {
	case path.UpstreamSilent, path.UpstreamUnreachable, path.UpstreamRefused:
	default:
		return ""
	}
	if !r.ways[0].Gateway.IsValid() && !r.ways[1].Gateway.IsValid() {
		return ""
	}
	if r.Root.Family != 0 {
		return "All is well up to the gateway. It is the network beyond, not you."
	}
	return "All is well up to the gateway, in both families. It is the provider, not you."
}

// sentence ends s as a sentence, and begins it so.
func sentence(s string) string {
	if s == "" {
		return s
	}
	if c := s[0]; c >= 'a' && c <= 'z' && !startsWithName(s) {
		s = string(c-'a'+'A') + s[1:]
	}
	return s + "."
}

// startsWithName reports whether the first word of s is the name of an
// interface, which stays as it is.
func startsWithName(s string) bool {
	for i := range len(s) {
		if s[i] == ' ' {
			return false
		}
		if s[i] >= '0' && s[i] <= '9' {
			return true
		}
	}
	return false
}

// Text says what is wrong, without an end.
func (f *Finding) Text() string {
	for _, say := range []func(*Finding) string{(*Finding).near, (*Finding).far, (*Finding).names, (*Finding).web, (*Finding).remark} {
		if s := say(f); s != "" {
			return s
		}
	}
	return text.Words(f.What)
}

// family says of which family a finding is, as an adjective.
func (f *Finding) family() string {
	if f.Family == 0 {
		return ""
	}
	return f.Family.Title() + " "
}

func (f *Finding) where() string {
	if f.Interface == "" {
		return ""
	}
	return " on " + f.Interface.Display()
}

// lost says how many of how many packets, or nothing where none were counted.
func (f *Finding) lost() string {
	if f.Sent == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d", f.Lost, f.Sent)
}

// near says what is wrong with this machine and its link.
func (f *Finding) near() string {
	name := f.Interface.Display()
	switch f.What {
	case path.InterfaceGone:
		return "there is no interface that could carry a path"
	case path.RadioOff:
		return "the radio of " + name + " is switched off"
	case path.AdminDown:
		return name + " is set down"
	case path.CarrierLost:
		return name + " has no carrier: nothing is plugged in, or the other end is off"
	case path.NotAssociated:
		return name + " is not connected to an access point"
	case path.DADFailed:
		return "another machine has the address of " + name + " already"
	case path.NoAddress:
		return name + " has no " + f.family() + "address"
	case path.NoRoute:
		return "there is no " + f.family() + "default route" + f.where()
	case path.RouteBlocked:
		return "a route of this machine refuses all " + f.family() + "traffic"
	case path.TunnelDown:
		if f.Why == WhyPeer {
			return "no peer of the tunnel " + name + " has that address"
		}
		return "the tunnel " + name + " has no endpoint to send to"
	case LocalFirewall:
		return "the firewall of this machine drops " + f.firewalled()
	case PortExhaustion:
		return "this machine is out of local ports towards " + f.Addr.String()
	case FilesExhausted:
		return "this process may open no more files"
	case OwnQueue:
		return fmt.Sprintf("packets wait %s in this machine's own queue%s before they leave", text.Duration(f.Took.Round(10*time.Millisecond)), f.where())
	}
	return ""
}

// firewalled names what a local packet filter drops.
func (f *Finding) firewalled() string {
	if f.Leg == path.LegDNS {
		return "what goes to name server " + f.Addr.String()
	}
	if f.Leg == LegLocal {
		return "pings"
	}
	return "packets to " + f.Addr.String()
}

// far says what is wrong from the gateway on.
func (f *Finding) far() string {
	gateway := "gateway " + f.Addr.String() + f.where()
	switch f.What {
	case path.GatewayUnresolved:
		if f.Why == "others_answer" {
			return gateway + " does not exist: others on the link answer, it does not"
		}
		return gateway + " does not answer on the link"
	case path.GatewaySilent:
		return gateway + " is there and passes nothing on"
	case WrongNetwork:
		return "the address of " + f.Interface.Display() + " is of another network: " + gateway + " knows it on the link, and answers nothing"
	case GatewayConflict:
		return "two machines claim to be " + gateway
	case path.TunnelSilent:
		return "all " + f.family() + "traffic goes into " + f.Interface.Display() + ", and nothing returns"
	case path.UpstreamSilent:
		if f.Addr.IsValid() {
			return "no " + f.family() + "answer comes from beyond " + gateway
		}
		return "no " + f.family() + "answer comes from the internet"
	case path.UpstreamUnreachable:
		return "the " + f.family() + "internet can't be reached, says " + f.sayer() + f.reason()
	case path.UpstreamRefused:
		return "beyond " + gateway + " every connection is reset, and nothing else answers"
	case MTUBlackHole:
		return fmt.Sprintf("%spackets above %d bytes vanish, and nobody says so", f.family(), f.MTU)
	case TranslatorSilent:
		return "hosts that have IPv4 alone can't be reached: NAT64 " + f.Said.Display() + " gives no answer"
	case path.Loss:
		if f.Leg == path.LegGateway {
			return gateway + " loses " + f.lost() + " packets"
		}
		return f.family() + "packets get lost beyond " + gateway + ": " + f.lost()
	}
	return ""
}

// sayer names who refused.
func (f *Finding) sayer() string {
	switch f.By {
	case fact.RefuserKernel:
		return "this kernel"
	case fact.RefuserGateway:
		return "the gateway " + f.From.String()
	case fact.RefuserRouter:
		return "router " + f.From.String()
	}
	return f.From.String()
}

// reason adds what was said in so many words.
func (f *Finding) reason() string {
	switch f.Why {
	case WhyNoRoute:
		return ": no route"
	case WhyProhibited:
		return ": prohibited"
	}
	return ""
}

// server names a name server, with the interface that it belongs to.
func (f *Finding) server() string {
	s := "name server " + f.Addr.String()
	switch {
	case f.Tunnel:
		s += " of the VPN " + f.Interface.Display()
	case f.Own:
		s += " of " + f.Interface.Display()
	}
	if f.Domain != "" {
		s += " (for " + f.Domain.Display() + ")"
	}
	return s
}

// web says what is wrong with what is on top.
func (f *Finding) web() string {
	switch f.What {
	case path.CaptivePortal:
		if f.Why == WhyRedirect && f.Said != "" {
			return "a captive portal wants a login first: " + f.Said.Display()
		}
		return "a captive portal wants a login first"
	case WalledGarden:
		return "the portal check passes and nothing else does: this network lets only chosen sites through"
	case HTTPSBlocked:
		return f.blocked()
	case TLSIntercepted:
		return "TLS is intercepted: the certificates of several operators are not their own (" + f.Why.String() + ")"
	case CertificateInvalid:
		if f.Why == WhyNotYet {
			return "the certificate of " + f.Addr.String() + " is not valid yet"
		}
		return "the certificate of " + f.Addr.String() + " has expired"
	case ClockWrong:
		if f.Took > 0 {
			return "the clock of this machine is " + text.Duration(f.Took.Round(time.Second)) + " slow"
		}
		return "the clock of this machine is " + text.Duration((-f.Took).Round(time.Second)) + " fast"
	}
	return ""
}

func (f *Finding) blocked() string {
	switch f.Why {
	case WhyProhibited:
		return f.family() + "connections to port 443 are prohibited, says " + f.sayer()
	case WhyReset:
		return f.family() + "connections to port 443 are reset at every operator: something between does that"
	case WhyCut:
		return f.family() + "port 443 answers at every operator, and TLS is cut off: something between does that"
	case WhyNotTLS:
		return f.family() + "port 443 answers at every operator, and not with TLS: something between does that"
	}
	return f.family() + "connections to port 443 vanish at every operator, while pings are answered"
}

// remark says what is worth knowing and no trouble.
func (f *Finding) remark() string {
	switch f.What {
	case path.ICMPFiltered:
		return f.family() + "pings to the internet are filtered; connections work"
	case path.FamilyAbsent:
		return "there is no " + f.Family.Title() + f.where()
	case PingsForbidden:
		return "this user may not ping: see net.ipv4.ping_group_range"
	case GatewayFiltered:
		return "gateway " + f.Addr.String() + " ignores pings; it is there"
	case OneOperator:
		if f.Why != "" {
			return f.Operator + " fails with " + f.Why.String() + "; others don't"
		}
		return f.Operator + " does not answer" + over(f.Family) + "; others do"
	case UpstreamAbsent:
		return "IPv6 goes no further than " + f.sayer() + ", which says so; IPv4 is taken instead"
	case LinkLocalOnly:
		return "IPv6 has only a link-local address" + f.where()
	case PathMTU:
		return fmt.Sprintf("%spackets may have %d bytes, says %s", f.family(), f.MTU, f.sayer())
	case DoTBlocked:
		return "DNS over TLS is blocked: port 853 of public name servers " + f.shut()
	case DoHBlocked:
		return "DNS over HTTPS is blocked: port 443 works, and not that of public name servers"
	case TranslatedIPv4:
		return "IPv4 by NAT64 " + f.Said.Display() + ", without an IPv4 address" + f.where()
	case HTTPBlocked:
		return "plain HTTP is blocked" + over(f.Family) + "; HTTPS works"
	case CheckServer:
		return "the check's own server or name does not do as expected: " + f.Said.Display()
	case HTTPProxy:
		return "something rewrites plain HTTP; TLS is untouched: " + f.Said.Display()
	case Duplicates:
		return "answers of " + f.Addr.String() + " come twice"
	case Stranger:
		return "pings to " + f.Addr.String() + " are answered by " + f.From.String()
	case StrictFilter:
		return "answers" + f.where() + " can't be heard: rp_filter is strict, and the best route is another"
	}
	return f.nameRemark()
}

// nameRemark says a note about name servers.
func (f *Finding) nameRemark() string {
	switch f.What {
	case DoTOffered:
		return f.server() + " answers over TLS, too (port 853)"
	case DNSIntercepted:
		return "something answers DNS in the name of others: an address without a server answered"
	case DNSRewritten:
		return f.server() + " gives names that do not exist an address"
	case DNSStale:
		return f.server() + " gives stale answers"
	case DNSFiltered:
		return f.server() + " filters names"
	case DNSUnsigned:
		return f.server() + " leaves out the signatures of DNSSEC: nobody who asks it can check what it says"
	case DNSLarge:
		if f.Why == WhyTruncated {
			return fmt.Sprintf("answers of %s above %d bytes get lost or are cut short over UDP, and none come over TCP", f.server(), f.MTU)
		}
		return fmt.Sprintf("answers of %s above %d bytes get lost over UDP, and come over TCP: \"options use-vc\" in resolv.conf asks so", f.server(), f.MTU)
	case DNSRefusesIPv6:
		return f.server() + " refuses questions for IPv6 addresses, so that names are reached over IPv4"
	}
	return ""
}

// shut says how a port is closed.
func (f *Finding) shut() string {
	switch {
	case f.By != "" && f.From.IsValid():
		return "can't be reached, says " + f.sayer()
	case f.Why == WhyReset || f.By == fact.RefuserTarget:
		return "is reset"
	}
	return "does not answer"
}

func over(f fact.Family) string {
	if f == 0 {
		return ""
	}
	return " over " + f.Title()
}

// Short says what is wrong with a leg in a few words: "silent, 3 of 3".
func (l *Leg) Short() string {
	f := &l.Finding
	switch l.State {
	case LegOK:
		return ""
	case LegSkipped:
		switch f.What {
		case path.UpstreamSilent:
			return "not asked: no internet"
		case otherFamily:
			return "not asked: " + fact.Families[1-index(l.Family)].Title() + "'s is known"
		}
		return "not asked: " + shortWhat(f)
	case LegUnknown:
		if f.Said != "" {
			return "unknown: " + f.Said.Display()
		}
		if f.Why != "" {
			return "unknown: " + f.Why.String()
		}
		return "unknown"
	}
	s := shortWhat(f)
	if n := f.lost(); n != "" && f.Lost > 0 {
		s += ", " + n
	}
	return s
}

// shortWhat is the word for a finding beside its leg.
func shortWhat(f *Finding) string {
	switch f.What {
	case path.UpstreamSilent, path.GatewaySilent, path.ResolverSilent, path.TunnelSilent:
		if f.Why == WhyPort53 {
			return "port 53 is blocked"
		}
		if f.Why == WhyNoRoute {
			return "no route"
		}
		return "silent"
	case path.UpstreamUnreachable:
		return "unreachable, says " + f.From.String()
	case path.UpstreamRefused, path.ResolverRefused:
		return "refused"
	case path.GatewayUnresolved:
		return "not on the link"
	case path.ResolverFailed, ResolverLies:
		switch f.Why {
		case WhyUpstream:
			return "gets no answer itself"
		case WhyAAAA:
			return "IPv6 names: " + f.Said.Display()
		case WhyServfail, WhyRefusal, WhyRcode:
			return f.Said.Display()
		}
		return f.Why.String()
	case path.Latency:
		return "takes " + f.Detail()
	case MTUBlackHole:
		return "lost above " + strconv.Itoa(f.MTU)
	case HTTPSBlocked:
		if f.Why != "" {
			return f.Why.String()
		}
		return "port 443 silent"
	case CertificateInvalid:
		return f.Why.String()
	case ClockWrong:
		return "clock " + text.Duration(abs(f.Took).Round(time.Second)) + " off"
	}
	return text.Words(f.What)
}
