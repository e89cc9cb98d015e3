package vmlab

import (
	"strings"
	"testing"
)

// internet are the addresses that stand for the internet behind the router.
const internet = "1.1.1.1 9.9.9.9 8.8.8.8 2606:4700:4700::1111 2620:fe::fe 2001:4860:4860::8888"

// TestNetem disturbs the way behind the router: health says, and the path
// stays satisfied all the time.
func TestNetem(t *testing.T) {
	m := lab(t, Options{
		Modules: []string{"dummy", "sch_netem"}, Programs: []string{"tc"},
		Files: map[string][]byte{"/etc/flapscope.toml": []byte(`[probes]
internet_interval = "200ms"
gateway_interval = "500ms"
timeout = "1s"
portal_url = ""
diagnose = false # It has no name server, which is trouble of another kind.
packets_per_minute = 100000
bytes_per_minute = "100MB"
`)},
	})
	wire(t, m, "a")
	m.Run(t, `ip netns add a-i; ip -n a-i link set lo up
		ip link add w0 netns a-r type veth peer name w1 netns a-i
		ip -n a-r link set w0 up; ip -n a-i link set w1 up
		ip -n a-r addr add 198.51.100.1/24 dev w0; ip -n a-i addr add 198.51.100.2/24 dev w1
		ip -n a-r addr add 2001:db8:1::1/64 dev w0 nodad; ip -n a-i addr add 2001:db8:1::2/64 dev w1 nodad
		ip netns exec a-r sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
		ip -n a-r route add default via 198.51.100.2; ip -n a-r -6 route add default via 2001:db8:1::2
		ip -n a-i route add default via 198.51.100.1; ip -n a-i -6 route add default via 2001:db8:1::1
		ip -n a-i link add inet type dummy; ip -n a-i link set inet up
		for a in `+internet+`; do ip -n a-i addr add $a dev inet nodad; done
		ip netns exec a ping -c 1 -W 5 1.1.1.1; ip netns exec a ping -6 -c 1 -W 5 2620:fe::fe`)
	w := follow(t, m, "a", "--config", "/etc/flapscope.toml")
	disturb := func(how string) {
		w.step("for i in a-r:w0 a-i:w1; do tc -n ${i%:*} qdisc replace dev ${i#*:} root netem " + how + "; done")
	}
	episode := func(what string) event {
		return w.await("an episode: "+what, func(e event) bool { return e.Kind == "episode" && e.Episode.What == what })
	}
	w.part("delay", func() {
		w.step("sleep 4")
		disturb("delay 200ms 10ms")
		episode("degraded")
	})
	w.part("calm", func() {
		disturb("delay 0ms")
		w.await("the end of the episode", func(e event) bool { return e.Kind == "episode" && e.Episode.What == "degraded" && !e.Episode.Open })
	})
	w.part("loss", func() {
		disturb("loss 20%")
		episode("degraded")
	})
	w.part("silence", func() {
		disturb("loss 100%")
		e := episode("no_internet")
		if got := e.Path.String(); got != "" && !strings.HasPrefix(got, "satisfied") {
			w.Errorf("path: got %s, want satisfied", got)
		}
	})
	w.take()
	for _, e := range w.seen {
		if e.Kind == "path" && e.To != "satisfied" {
			t.Errorf("the path changed: %s", e)
		}
	}
}
