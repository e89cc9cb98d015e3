package scene

import (
	"net/netip"
	"sync"
	"time"

	"flapscope/monitor/fact"
)

// A story is a scene's name and script.
type story struct {
	name string
	make func() *Scene
}

// stories lists all scenes, in the order of a tour. Each is folded once.
var stories = sync.OnceValue(func() []story {
	all := []story{
		{"failover", failover},
		{"fresh", fresh},
		{"waiting", waiting},
		{"good", good},
		{"dns", dnsDown},
		{"outage", outage},
		{"silent", silent},
		{"portal", portal},
		{"flapping", flapping},
		{"wifi", wifi},
		{"noroute", noRoute},
		{"empty", empty},
		{"noprobes", noProbes},
		{"hostile", hostile},
	}
	for i := range all {
		all[i].make = sync.OnceValue(all[i].make)
	}
	return all
})

// Names returns the names of all scenes, in the order of a tour.
func Names() []string {
	var names []string
	for _, s := range stories() {
		names = append(names, s.name)
	}
	return names
}

// New returns the scene of a name, or nil.
func New(name string) *Scene {
	for _, s := range stories() {
		if s.name == name {
			return s.make()
		}
	}
	return nil
}

const ms = time.Millisecond

// failover is a laptop that loses its Wi-Fi, goes on over the modem after 48
// seconds, and returns. Its docked port has never had a cable.
func failover() *Scene {
	m := newMachine(32 * time.Minute)
	m.plug(2, "enp0s31f6", fact.TypeWired)
	wlan := m.plug(3, "wlan0", fact.TypeWifi).network("192.168.1.1", "192.168.1.42/24", "2001:db8:4::41/64")
	wwan := m.plug(4, "wwan0", fact.TypeCellular).network("10.64.3.18", "10.64.3.17/30")
	wlan.metric, wwan.metric = 600, 700
	wlan.resolvers = []netip.Addr{wlan.gateway}
	wwan.link.Expensive = true
	docker := m.plug(9, "docker0", fact.TypeBridge)
	docker.link.LinkKind = "bridge"
	m.show(docker)
	laptopTargets(m, wlan, wwan)
	associate := func() {
		m.put(&fact.Wifi{Index: 3, Event: "associated", SSID: "home-5G", BSSID: "02:1a:5e:11:9c:04"})
	}
	associate()
	m.connect(wlan)
	m.boot()

	m.until(11*time.Minute + 26*time.Second)
	weak := m.goesWrong(48*time.Second, func(*fact.Target) bool { return true }, fact.OutcomeTimeout, 0.3)
	weak.slower = 60 * ms
	m.until(10*time.Minute + 38*time.Second)
	m.put(&fact.Wifi{Index: 3, Event: "deauthenticated", Reason: 4, ByAP: true})
	m.pass(3 * ms)
	m.disconnect(wlan)
	m.until(10 * time.Minute)
	wwan.up = true
	m.show(wwan)
	m.until(9*time.Minute + 50*time.Second)
	m.configure(wwan)
	m.until(4*time.Minute + 58*time.Second)
	wlan.up = true
	associate()
	m.show(wlan)
	m.until(4*time.Minute + 20*time.Second)
	m.configure(wlan)
	m.until(3*time.Minute + 20*time.Second)
	m.goesWrong(14*time.Second, withRole(fact.RoleResolver), fact.OutcomeBadAnswer, 1).detail = "SERVFAIL"
	return m.end()
}

func laptopTargets(m *machine, wlan, wwan *nic) {
	over := func(wifi, modem time.Duration) map[*nic]time.Duration {
		all := map[*nic]time.Duration{wlan: wifi}
		if modem > 0 {
			all[wwan] = modem
		}
		return all
	}
	m.gateway(wlan, 1600*time.Microsecond)
	m.gateway(wwan, 38*ms)
	m.target("192.168.1.1", fact.MethodDNS, fact.RoleResolver, "192.168.1.1", 5*time.Second, over(4*ms, 0))
	m.target("1.1.1.1", fact.MethodPing, fact.RoleInternet, "1.1.1.1", time.Second, over(14*ms, 55*ms))
	m.target("9.9.9.9", fact.MethodPing, fact.RoleInternet, "9.9.9.9", time.Second, over(17*ms, 61*ms))
	m.target("2606:4700:4700::1111", fact.MethodPing, fact.RoleInternet, "2606:4700:4700::1111", time.Second, over(13*ms, 0))
	m.target("hq.example.net", fact.MethodHTTP, fact.RoleCustom, "", 5*time.Second, over(29*ms, 90*ms))
	m.target("connectivity check", fact.MethodHTTP, fact.RolePortal, "", 30*time.Second, over(33*ms, 95*ms))
}

// desk returns a wired machine, and its interface.
func desk(length time.Duration) (*machine, *nic) {
	m := newMachine(length)
	eth := m.plug(2, "eth0", fact.TypeWired).network("192.0.2.1", "192.0.2.7/24")
	eth.resolvers = []netip.Addr{netip.MustParseAddr("192.0.2.53"), netip.MustParseAddr("192.0.2.54")}
	over := func(d time.Duration) map[*nic]time.Duration { return map[*nic]time.Duration{eth: d} }
	m.gateway(eth, ms/2)
	m.target("192.0.2.53", fact.MethodDNS, fact.RoleResolver, "192.0.2.53", 5*time.Second, over(2*ms))
	m.target("192.0.2.54", fact.MethodDNS, fact.RoleResolver, "192.0.2.54", 5*time.Second, over(2*ms))
	m.target("1.1.1.1", fact.MethodPing, fact.RoleInternet, "1.1.1.1", time.Second, over(11*ms))
	m.target("9.9.9.9", fact.MethodPing, fact.RoleInternet, "9.9.9.9", time.Second, over(17*ms))
	m.target("1.1.1.1:443", fact.MethodTCP, fact.RoleInternet, "1.1.1.1", 10*time.Second, over(12*ms))
	m.target("connectivity check", fact.MethodHTTP, fact.RolePortal, "", 30*time.Second, over(33*ms))
	m.connect(eth)
	m.boot()
	return m, eth
}

// fresh is the first moments of a program on a wired machine.
func fresh() *Scene {
	m, _ := desk(4 * time.Second)
	return m.end()
}

// waiting is a moment before the first answer of a probe.
func waiting() *Scene {
	m, _ := desk(time.Millisecond)
	return m.end()
}

// good is a wired machine where nothing happens but a mark.
func good() *Scene {
	m, _ := desk(3 * time.Minute)
	m.until(90 * time.Second)
	m.put(&fact.Mark{Text: "before the meeting"})
	return m.end()
}

// dnsDown is a wired machine whose resolvers fail.
func dnsDown() *Scene {
	m, _ := desk(8 * time.Minute)
	m.until(90 * time.Second)
	m.goesWrong(90*time.Second, withRole(fact.RoleResolver), fact.OutcomeTimeout, 1)
	return m.end()
}

// outage is a machine whose cable was pulled eight seconds ago.
func outage() *Scene {
	m, eth := desk(10 * time.Minute)
	m.until(8 * time.Second)
	m.disconnect(eth)
	return m.end()
}

// silent is a machine whose gateway does not answer since 19 seconds.
func silent() *Scene {
	m, _ := desk(5 * time.Minute)
	m.until(19 * time.Second)
	m.goesWrong(19*time.Second, func(*fact.Target) bool { return true }, fact.OutcomeTimeout, 1)
	return m.end()
}

// portal is a machine behind a captive portal: names are resolved, pages are
// replaced, and everything else is swallowed.
func portal() *Scene {
	m, _ := desk(45 * time.Second)
	m.goesWrong(time.Minute, withRole(fact.RoleInternet), fact.OutcomeTimeout, 1)
	m.goesWrong(time.Minute, withRole(fact.RolePortal), fact.OutcomePortal, 1).detail = "302 to http://portal.example/"
	return m.end()
}

// flapping is a machine whose carrier comes and goes every eight seconds.
func flapping() *Scene {
	m, eth := desk(5 * time.Minute)
	for before := 2 * time.Minute; before > 0; before -= 8 * time.Second {
		m.until(before)
		m.disconnect(eth)
		m.until(before - 2*time.Second)
		m.connect(eth)
	}
	return m.end()
}

// noRoute is a machine that was started without a default route.
func noRoute() *Scene {
	m := newMachine(5 * time.Second)
	eth := m.plug(2, "eth0", fact.TypeWired).network("192.0.2.1", "192.0.2.7/24")
	eth.up = true
	m.show(eth)
	m.put(eth.address(eth.addresses[0]))
	m.boot()
	m.pass(40 * ms)
	m.put(&fact.Neighbour{Index: 2, Dst: eth.gateway})
	return m.end()
}

// empty is a machine without any interface.
func empty() *Scene {
	m := newMachine(20 * time.Second)
	m.boot()
	return m.end()
}

// noProbes is a machine where pings are not permitted.
func noProbes() *Scene {
	m, _ := desk(2 * time.Minute)
	m.put(
		&fact.Notice{Key: "ping", Text: "ping is not permitted here: run \"sudo setcap cap_net_raw+ep flapscope\" or widen net.ipv4.ping_group_range"},
		&fact.Notice{Key: "resolved", Text: "systemd-resolved does not answer: name servers are those of /etc/resolv.conf"},
	)
	m.now = m.start
	m.goesWrong(time.Hour, func(*fact.Target) bool { return true }, fact.OutcomeNoData, 1)
	return m.end()
}

// hostile is a network whose names were chosen to break a screen.
func hostile() *Scene {
	m, eth := desk(3 * time.Minute)
	eth.link.Name = "e\x1b[2J\x07\xffth0"
	m.show(eth)
	m.put(&fact.Wifi{Index: 2, Event: "associated", SSID: "\u202e咖啡☕ \x1b]0;x\x07 e\u0301👨‍👩‍👧‍👦"})
	m.probes[3].Name = "咖啡店的很长很长的网络名字.example"
	for i, text := range []fact.Untrusted{"a \x1b[31mred\x1b[0m lie", "bell \x07 and \u202ebidi", "咖啡店 wide", "Cafe\u0301 e\u0301\u0301\u0301"} {
		m.until(time.Duration(60-10*i) * time.Second)
		m.put(&fact.Mark{Text: text})
	}
	return m.end()
}
