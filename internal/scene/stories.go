package scene

import (
	"net/netip"
	"time"

	"flapscope/history"
	"flapscope/monitor"
)

// The levels, for short.
const (
	idle     = history.LevelIdle
	standby  = history.LevelStandby
	good     = history.LevelGood
	degraded = history.LevelDegraded
	bad      = history.LevelBad
)

// Names returns the names of all scenes, in the order of a tour.
func Names() []string {
	return []string{"failover", "fresh", "waiting", "good", "degraded", "outage", "portal", "flapping", "empty", "noprobes", "hostile"}
}

// New returns the scene of a name, or nil.
func New(name string) *Scene {
	switch name {
	case "failover":
		return failover()
	case "fresh":
		return fresh(4 * time.Second)
	case "waiting":
		return fresh(300 * time.Millisecond)
	case "good":
		return calm(3 * time.Minute)
	case "degraded":
		return trouble()
	case "outage":
		return outage()
	case "portal":
		return portal()
	case "flapping":
		return flapping()
	case "empty":
		return empty()
	case "noprobes":
		return noProbes()
	case "hostile":
		return hostile()
	}
	return nil
}

// failover is a laptop that loses its Wi-Fi, goes on over the modem after 48
// seconds, and returns.
func failover() *Scene {
	s := newScene(3*time.Hour + 12*time.Minute)
	m := func(minute, second int) time.Duration {
		return time.Duration(minute)*time.Minute + time.Duration(second)*time.Second
	}
	s.machine = s.strip(piece{m(11, 26), good, "wlan0", ""}, piece{m(10, 38), degraded, "wlan0", ""},
		piece{m(9, 50), bad, "not_associated", ""}, piece{m(4, 20), good, "wwan0", "metered"},
		piece{m(3, 20), good, "wlan0", ""}, piece{m(3, 6), degraded, "wlan0", ""}, piece{0, good, "wlan0", ""})
	s.lane("wlan0", 3, monitor.TypeWifi, false, piece{m(11, 26), good, "", ""}, piece{m(10, 38), degraded, "", ""},
		piece{m(4, 58), bad, "not_associated", ""}, piece{m(4, 20), standby, "", ""}, piece{m(3, 20), good, "", ""},
		piece{m(3, 6), degraded, "", ""}, piece{0, good, "", ""})
	s.lane("wwan0", 4, monitor.TypeCellular, false, piece{m(10, 0), idle, "", ""}, piece{m(9, 50), standby, "", ""},
		piece{m(4, 20), good, "", ""}, piece{0, standby, "", ""})
	s.lane("wg0", 7, monitor.TypeTunnel, false, piece{m(11, 10), good, "", ""}, piece{m(10, 38), degraded, "", ""},
		piece{m(9, 38), bad, "tunnel_down", ""}, piece{0, good, "", ""})
	s.lane("enp0s31f6", 2, monitor.TypeWired, false, piece{0, idle, "no_carrier", ""})
	s.lane("docker0", 9, monitor.TypeBridge, true, piece{0, idle, "no_carrier", ""})
	failoverItems(s, m)
	failoverTargets(s, m)
	failoverStates(s, m)
	return s
}

func failoverItems(s *Scene, m func(minute, second int) time.Duration) {
	s.item(m(192, 0), history.MarkUp, "path", good, "path satisfied over wlan0", "wlan0 carrier up", "192.168.1.42/24 added  +1.2 s")
	s.item(m(11, 26), history.MarkProbe, "probe", degraded, "1.1.1.1 p50 14 → 71 ms, loss 12 %   health degraded")
	s.item(m(10, 38), history.MarkDown, "path", bad, "path lost: not associated   wlan0 deauthenticated by AP (reason 4)",
		"radio      wlan0  deauthenticated by AP (reason 4: inactivity)", "carrier    wlan0  carrier lost                      +3 ms",
		"address    wlan0  192.168.1.42/24 removed           +11 ms", "route      wlan0  default via 192.168.1.1 withdrawn  +11 ms",
		"path       unsatisfied: not associated")
	s.item(m(10, 0), history.MarkUp, "link", good, "wwan0 carrier up   10.64.3.17/30")
	s.item(m(9, 50), history.MarkRoute, "route", good, "default route — → wwan0   path satisfied (metered) after 48.2 s")
	s.item(m(9, 38), history.MarkUp, "tunnel", good, "wg0 over wwan0   peer 203.0.113.9")
	s.item(m(4, 58), history.MarkUp, "link", good, "wlan0 associated   home-5G")
	s.item(m(4, 54), history.MarkAddress, "addr", good, "wlan0 +192.168.1.42/24   +2001:db8:4::41/64")
	s.item(m(4, 20), history.MarkRoute, "route", good, "default route wwan0 → wlan0   metric 600 < 700")
	s.item(m(3, 20), history.MarkProbe, "dns", degraded, "192.168.1.1 SERVFAIL ×6   path degraded")
	s.item(m(3, 6), history.MarkRecovery, "dns", good, "192.168.1.1 answers again (2.1 ms)")
}

func failoverTargets(s *Scene, m func(minute, second int) time.Duration) {
	// phase returns the mean round trip over what carries the path, or -1.
	phase := func(at time.Duration, wifi, modem time.Duration) time.Duration {
		before := s.End - at
		switch {
		case before > m(11, 26):
			return wifi
		case before > m(10, 38):
			if noise("loss", at) < 0.12 {
				return -1
			}
			return wifi * (m(12, 0) - before) / m(0, 20)
		case before > m(9, 50):
			return -1
		case before > m(4, 20):
			if noise("stray", at) < 0.004 {
				return -1
			}
			return modem
		}
		return wifi
	}
	rtt := func(id string, wifi, modem time.Duration) func(time.Duration) time.Duration {
		return func(at time.Duration) time.Duration {
			base := phase(at, wifi, modem)
			if base < 0 {
				return base
			}
			return around(id, at, base, base/4)
		}
	}
	const ms = time.Millisecond
	s.target("gateway", monitor.MethodPing, monitor.RoleGateway, "192.168.1.1", time.Second, rtt("gw", 1600*time.Microsecond, 38*ms))
	s.target("192.168.1.1", monitor.MethodDNS, monitor.RoleResolver, "192.168.1.1", 2*time.Second, rtt("dns", 4*ms, 52*ms))
	s.target("1.1.1.1", monitor.MethodPing, monitor.RoleInternet, "1.1.1.1", time.Second, rtt("one", 14*ms, 55*ms))
	s.target("2606:4700::1111", monitor.MethodPing, monitor.RoleInternet, "2606:4700::1111", time.Second, rtt("six", 13*ms, 0))
	s.target("hq.example.net", monitor.MethodHTTP, monitor.RoleCustom, "", 5*time.Second, rtt("hq", 29*ms, 90*ms))
	s.target("connectivity check", monitor.MethodHTTP, monitor.RolePortal, "", 30*time.Second, rtt("portal", 33*ms, 95*ms))
}

func failoverStates(s *Scene, m func(minute, second int) time.Duration) {
	all := func(p *monitor.Path, wlan, wwan, wg int) *monitor.Path {
		status := []monitor.Status{monitor.Unsatisfied, monitor.Satisfied, monitor.Satisfied}
		why := func(n int, r monitor.Reason) monitor.Reason {
			if n > 0 {
				return monitor.ReasonNone
			}
			return r
		}
		p.Interfaces = []monitor.InterfacePath{
			ifi("wlan0", monitor.TypeWifi, status[wlan], why(wlan, monitor.ReasonNotAssociated), wlan == 2, "192.168.1.42"),
			ifi("wg0", monitor.TypeTunnel, status[wg], why(wg, monitor.ReasonTunnelDown), wg == 2, "10.9.0.2"),
			ifi("wwan0", monitor.TypeCellular, status[wwan], why(wwan, monitor.ReasonNoCarrier), wwan == 2, "10.64.3.17"),
			ifi("enp0s31f6", monitor.TypeWired, monitor.Unsatisfied, monitor.ReasonNoCarrier, false, ""),
			{Name: "docker0", Type: monitor.TypeBridge, Status: monitor.Unsatisfied, Reason: monitor.ReasonNoCarrier},
		}
		return p
	}
	home := func() *monitor.Path {
		p := path("wlan0", 3, monitor.TypeWifi, "192.168.1.1", "192.168.1.42 2001:db8:4::41")
		p.Tunnel = &monitor.Tunnel{Interface: "wg0", Mode: monitor.TunnelSplit, Underlay: "wlan0"}
		return all(p, 2, 0, 2)
	}
	weak := online()
	weak.State, weak.Text, weak.Internet, weak.Gateway = monitor.HealthDegraded, "1.1.1.1 loses 12 %", monitor.VerdictDegraded, monitor.VerdictDegraded
	mobile := path("wwan0", 4, monitor.TypeCellular, "10.64.3.18", "10.64.3.17")
	mobile.Expensive, mobile.Metric = true, 700
	down := monitor.Health{State: monitor.HealthUnknown}
	s.state(m(192, 0), snapshot(home(), online(), "192.168.1.42/24", "2001:db8:4::41/64"))
	s.state(m(11, 26), snapshot(home(), weak, "192.168.1.42/24", "2001:db8:4::41/64"))
	s.state(m(10, 38), snapshot(all(lost(monitor.ReasonNotAssociated), 0, 0, 0), down))
	s.state(m(9, 50), snapshot(all(mobile, 0, 2, 2), online(), "10.64.3.17/30"))
	back := home()
	back.Interfaces[2].Status, back.Interfaces[2].Reason = monitor.Satisfied, ""
	s.state(m(4, 20), snapshot(back, online(), "192.168.1.42/24", "2001:db8:4::41/64"))
	for i := range s.states {
		if p := s.states[i].snap.Raw; p.Interface == "wlan0" {
			s.states[i].snap.Wifi = map[int]*monitor.Wifi{3: {Index: 3, SSID: "home-5G", BSSID: "02:1a:5e:11:9c:04"}}
		}
	}
}

// ethernet adds a wired path and its targets to a scene.
func ethernet(s *Scene, health monitor.Health) *monitor.Snapshot {
	s.machine = s.strip(piece{0, good, "eth0", ""})
	s.lane("eth0", 2, monitor.TypeWired, false, piece{0, good, "", ""})
	const ms = time.Millisecond
	s.target("gateway", monitor.MethodPing, monitor.RoleGateway, "192.0.2.1", time.Second, steady("gw", ms/2, ms/5))
	s.target("192.0.2.53", monitor.MethodDNS, monitor.RoleResolver, "192.0.2.53", 2*time.Second, steady("dns", 2*ms, ms))
	s.target("1.1.1.1", monitor.MethodPing, monitor.RoleInternet, "1.1.1.1", time.Second, steady("one", 11*ms, 2*ms))
	s.target("9.9.9.9", monitor.MethodPing, monitor.RoleInternet, "9.9.9.9", time.Second, steady("nine", 17*ms, 3*ms))
	p := path("eth0", 2, monitor.TypeWired, "192.0.2.1", "192.0.2.7")
	p.Resolvers = []netip.Addr{netip.MustParseAddr("192.0.2.53"), netip.MustParseAddr("192.0.2.54")}
	p.Metric = 100
	p.Interfaces = []monitor.InterfacePath{ifi("eth0", monitor.TypeWired, monitor.Satisfied, "", true, "192.0.2.7")}
	health.IPv6 = monitor.VerdictUnknown
	snap := snapshot(p, health, "192.0.2.7/24")
	s.state(s.End-s.Start, snap)
	return snap
}

// fresh is the first moments of a program on a wired machine.
func fresh(age time.Duration) *Scene {
	s := newScene(age)
	h := online()
	if age < time.Second {
		h = monitor.Health{State: monitor.HealthUnknown}
	}
	ethernet(s, h)
	s.item(age-100*time.Millisecond, history.MarkUp, "path", good, "path satisfied over eth0, via 192.0.2.1")
	return s
}

// calm is a wired machine where nothing happens.
func calm(age time.Duration) *Scene {
	s := fresh(age)
	s.item(age/2, history.MarkNote, "mark", good, "before the meeting")
	return s
}

// trouble is a wired machine whose resolver fails.
func trouble() *Scene {
	s := newScene(8 * time.Minute)
	h := online()
	h.State, h.DNS, h.Text = monitor.HealthDegraded, monitor.VerdictDown, "192.0.2.53 gives no answer"
	calm := ethernet(s, online())
	now := *calm
	now.Health = h
	s.state(90*time.Second, &now)
	s.states[1].snap.Since = s.Start
	s.machine = s.strip(piece{90 * time.Second, good, "eth0", ""}, piece{0, degraded, "eth0", ""})
	s.lanes[0].segments = s.strip(piece{90 * time.Second, good, "", ""}, piece{0, degraded, "", ""})
	s.probes[1].rtt = func(at time.Duration) time.Duration {
		if at > s.End-90*time.Second {
			return -1
		}
		return around("dns", at, 2*time.Millisecond, time.Millisecond)
	}
	s.item(8*time.Minute, history.MarkUp, "path", good, "path satisfied over eth0, via 192.0.2.1")
	s.item(90*time.Second, history.MarkProbe, "dns", degraded, "192.0.2.53 gives no answer   health degraded")
	return s
}

// outage is a machine whose cable was pulled 48 seconds ago.
func outage() *Scene {
	s := newScene(10 * time.Minute)
	ethernet(s, online())
	at := 48 * time.Second
	p := lost(monitor.ReasonNoCarrier)
	p.Interfaces = []monitor.InterfacePath{ifi("eth0", monitor.TypeWired, monitor.Unsatisfied, monitor.ReasonNoCarrier, false, "")}
	snap := snapshot(p, monitor.Health{State: monitor.HealthUnknown})
	s.state(at, snap)
	s.machine = s.strip(piece{at, good, "eth0", ""}, piece{0, bad, "no_carrier", ""})
	s.lanes[0].segments = s.strip(piece{at, good, "", ""}, piece{0, bad, "no_carrier", ""})
	for i := range s.probes {
		answer := s.probes[i].rtt
		s.probes[i].rtt = func(t time.Duration) time.Duration {
			if t > s.End-at {
				return -1
			}
			return answer(t)
		}
	}
	s.item(10*time.Minute, history.MarkUp, "path", good, "path satisfied over eth0, via 192.0.2.1")
	s.item(at, history.MarkDown, "path", bad, "path lost: no carrier   eth0 carrier lost",
		"carrier    eth0  carrier lost", "address    eth0  192.0.2.7/24 unusable  +0 ms", "route      eth0  default via 192.0.2.1 withdrawn  +2 ms")
	return s
}

// portal is a machine behind a captive portal.
func portal() *Scene {
	s := newScene(40 * time.Second)
	h := online()
	h.State, h.Portal, h.Internet, h.IPv4, h.Text = monitor.HealthPortal, monitor.VerdictDown, monitor.VerdictDown, monitor.VerdictDown, "sign in at http://portal.example/"
	ethernet(s, h)
	s.machine = s.strip(piece{38 * time.Second, good, "eth0", ""}, piece{0, degraded, "eth0", ""})
	for _, i := range []int{2, 3} {
		s.probes[i].rtt = func(time.Duration) time.Duration { return -1 }
	}
	s.item(39*time.Second, history.MarkUp, "path", good, "path satisfied over eth0, via 192.0.2.1")
	s.item(38*time.Second, history.MarkProbe, "portal", degraded, "a captive portal answers: 302 to http://portal.example/")
	return s
}

// flapping is a machine whose carrier comes and goes every eight seconds.
func flapping() *Scene {
	s := newScene(5 * time.Minute)
	snap := ethernet(s, online())
	snap.Flapping = true
	snap.Quality = monitor.Quality{Overruns: 1, Resyncs: 1}
	var pieces []piece
	for t := 2 * time.Minute; t > 0; t -= 8 * time.Second {
		pieces = append(pieces, piece{t, good, "eth0", ""}, piece{t - 2*time.Second, bad, "no_carrier", ""})
		s.item(t, history.MarkDown, "path", bad, "path lost: no carrier   eth0 carrier lost")
		s.item(t-2*time.Second, history.MarkUp, "path", good, "path satisfied over eth0 after 2.0 s")
	}
	s.machine = s.strip(append(pieces, piece{0, degraded, "eth0", "flapping"})...)
	s.lanes[0].segments = s.strip(append(pieces, piece{0, good, "", ""})...)
	down := func(at time.Duration) bool {
		for _, seg := range s.machine {
			if seg.From <= at && at < seg.To {
				return seg.Level == bad
			}
		}
		return false
	}
	for i := range s.probes {
		answer := s.probes[i].rtt
		s.probes[i].rtt = func(t time.Duration) time.Duration {
			if down(t) {
				return -1
			}
			return answer(t)
		}
	}
	return s
}

// empty is a machine without any interface.
func empty() *Scene {
	s := newScene(20 * time.Second)
	s.machine = s.strip(piece{0, bad, "no_interface", ""})
	s.state(20*time.Second, snapshot(lost(monitor.ReasonNoInterface), monitor.Health{State: monitor.HealthUnknown}))
	s.item(20*time.Second, history.MarkDown, "path", bad, "path unsatisfied: no interface")
	return s
}

// noProbes is a machine where pings are not permitted.
func noProbes() *Scene {
	s := newScene(2 * time.Minute)
	snap := ethernet(s, monitor.Health{State: monitor.HealthUnknown})
	snap.Notices = map[string]*monitor.Notice{
		"ping":     {Key: "ping", Text: "ping is not permitted here: run \"sudo setcap cap_net_raw+ep flapscope\" or widen net.ipv4.ping_group_range"},
		"resolved": {Key: "resolved", Text: "systemd-resolved does not answer: name servers are those of /etc/resolv.conf"},
	}
	for i := range s.probes {
		s.probes[i].rtt = func(time.Duration) time.Duration { return 0 }
	}
	s.item(2*time.Minute, history.MarkUp, "path", good, "path satisfied over eth0, via 192.0.2.1")
	return s
}

// hostile is a network whose names were chosen to break a screen.
func hostile() *Scene {
	s := newScene(3 * time.Minute)
	name := monitor.Untrusted("e\x1b[2J\x07\xffth0")
	snap := ethernet(s, online())
	snap.Raw.Interface, snap.Raw.Interfaces[0].Name = name, name
	snap.Wifi = map[int]*monitor.Wifi{2: {Index: 2, SSID: "\u202e咖啡☕ \x1b]0;x\x07 e\u0301👨‍👩‍👧‍👦"}}
	s.lanes[0].Name = name
	s.machine = s.strip(piece{0, good, "咖啡店的网络咖啡店的网络", ""})
	s.probes[2].Name = "咖啡店的很长很长的网络名字.example"
	for i, text := range []string{"a \x1b[31mred\x1b[0m lie", "bell \x07 and \u202ebidi", "咖啡店 wide", "Cafe\u0301 e\u0301\u0301\u0301"} {
		s.item(time.Duration(60-10*i)*time.Second, history.MarkAddress, "addr", good, text)
	}
	return s
}
