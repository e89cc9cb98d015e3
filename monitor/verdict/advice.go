package verdict

import (
	"strconv"

	"flapscope/monitor/path"
)

// AnotherUplink is the advice to use another interface, to which may be added
// which.
const AnotherUplink = "another uplink"

// Advice says what to try, the likeliest first. It is empty when nothing is
// wrong.
func (r *Report) Advice() []string {
	f := &r.Root
	name := f.Interface.Display()
	switch f.What {
	case "":
		return nil
	case path.AdminDown:
		return []string{"ip link set " + name + " up"}
	case path.RadioOff:
		return []string{"rfkill unblock all, or the switch of the machine"}
	case path.CarrierLost, path.InterfaceGone:
		return []string{"look at the cable and at the other end of it", "another cable, another port"}
	case path.NotAssociated:
		return []string{"connect " + name + " to its network again, nearer to the access point"}
	case path.NoAddress, path.DADFailed, path.AddressLost:
		return []string{"ask for an address again: set " + name + " down and up", "is the DHCP server of this network there?"}
	case path.NoRoute:
		return []string{"ask for an address again: set " + name + " down and up", "ip route add default via GATEWAY dev " + name}
	case path.RouteBlocked:
		return []string{"ip route show type unreachable; ip route show type blackhole; ip rule", "a VPN with a kill switch does this: connect it, or end it"}
	}
	if a := f.inside(name); a != nil {
		return a
	}
	return f.outside()
}

// inside is what can be done on this machine.
func (f *Finding) inside(name string) []string {
	switch f.What {
	case LocalFirewall:
		return []string{"nft list ruleset: a rule for output drops it"}
	case PortExhaustion:
		return []string{"ss -tan dst " + f.Addr.String() + ": which program holds so many connections?", "sysctl net.ipv4.ip_local_port_range"}
	case FilesExhausted:
		return []string{"ulimit -n"}
	case OwnQueue:
		return []string{"which program sends so much? It fills the uplink of " + name, "fq_codel or cake as queueing discipline: tc qdisc replace dev " + name + " root fq_codel"}
	case path.TunnelDown, path.TunnelSilent:
		return []string{"restart the VPN behind " + name, "without it: ip link set " + name + " down"}
	case ClockWrong:
		return []string{"set the clock: timedatectl set-ntp true"}
	case WrongNetwork:
		return []string{"ask for an address again: set " + name + " down and up"}
	case GatewayConflict:
		return []string{"ip neigh show " + f.Addr.String() + ": find the second machine with that address, and take it off the network"}
	case path.GatewayUnresolved:
		if f.Why == "others_answer" {
			return []string{"ip route: is the gateway's address right? Ask for an address again: set " + name + " down and up"}
		}
		return []string{"is the router on, and is this its network?", "restart the router"}
	case path.GatewaySilent:
		return []string{"restart the router"}
	}
	return nil
}

// outside is what can be done about what is beyond.
func (f *Finding) outside() []string {
	switch f.What {
	case path.CaptivePortal:
		return []string{"open http://neverssl.com in a browser, and log in"}
	case WalledGarden:
		return []string{"log in to this network again", "another network"}
	case path.UpstreamSilent, path.UpstreamUnreachable:
		return []string{"it is beyond this network: restart the router's uplink, or wait and call the provider", AnotherUplink}
	case path.UpstreamRefused, HTTPSBlocked:
		return []string{"a firewall on the way forbids it: ask who runs this network", "another network, or a VPN"}
	case ResolverMissing:
		return []string{"put a name server into /etc/resolv.conf, or ask for an address again"}
	case TranslatorSilent:
		return []string{"ask who runs this network: its NAT64 is out of order", AnotherUplink}
	case path.ResolverSilent, path.ResolverRefused, path.ResolverFailed, path.Latency:
		if f.Tunnel {
			return []string{"restart the VPN behind " + f.Interface.Display()}
		}
		if f.Why == WhyEDNS {
			return []string{"use another name server, 9.9.9.9 for example", "a firewall that inspects DNS may drop it: ask who runs this network"}
		}
		return []string{"use another name server, 9.9.9.9 for example", "restart the router, whose name server it may be"}
	case ResolverLies:
		return []string{"use another name server, and don't trust this one"}
	case TLSIntercepted:
		return []string{"trust no login here: use another network or a VPN", "in an office: ask for the certificate of its proxy"}
	case CertificateInvalid:
		return []string{"is the date of this machine right? date"}
	case MTUBlackHole:
		return []string{"ip link set " + f.Interface.Display() + " mtu " + strconv.Itoa(f.MTU), "let the router clamp TCP: nft … tcp option maxseg size set rt mtu"}
	case path.Loss:
		return []string{"flapscope trace shows where it begins", "on Wi-Fi: go nearer; on a cable: another cable"}
	}
	return nil
}
