package cli_test

import (
	"encoding/json"
	"math"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// peer skips a test where a program is missing that it compares with.
func peer(t *testing.T, program string) {
	t.Helper()
	if testing.Short() {
		t.Skip("SKIPPED: makes network namespaces")
	}
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("SKIPPED: needs %s to compare with", program)
	}
}

// TestBesideDig compares the answers to names with those that dig prints.
func TestBesideDig(t *testing.T) {
	peer(t, "dig")
	t.Parallel()
	l := newFaultLab(t)
	zone := map[string][]string{
		"one.example.":   {"A 203.0.113.5"},
		"many.example.":  {"A 203.0.113.9", "A 203.0.113.7", "A 203.0.113.8", "AAAA 2001:db8::8", "AAAA 2001:db8::7"},
		"six.example.":   {"AAAA 2001:db8::6"},
		"alias.example.": {"CNAME other.example."},
		"other.example.": {"CNAME many.example."},
		"mail.example.":  {"MX 10 one.example."},
	}
	l.resolver.Answer(dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) { w.WriteMsg(answer(zone, q)) }))
	for _, name := range []string{"one.example", "many.example", "six.example", "alias.example", "mail.example", "nobody.example"} {
		_, answers, _ := l.names(t, name)
		for i, kind := range []string{"A", "AAAA"} {
			out, err := l.h.Command("dig", "+short", "@10.50.0.1", name, kind).Output()
			if err != nil {
				t.Fatal(err)
			}
			want := strings.Fields(string(out))
			slices.Sort(want)
			fields := strings.Fields(strings.ReplaceAll(answers[i], ",", " "))[3:]
			slices.Sort(fields)
			if slices.Contains(strings.Fields(answers[i]), "bad_answernxdomain") {
				fields = nil
			}
			if !slices.Equal(fields, want) {
				t.Errorf("%s %s: %q, dig says %q", name, kind, answers[i], want)
			}
		}
	}
}

// answer answers a question from a zone, and follows aliases as a name server does.
func answer(zone map[string][]string, q *dns.Msg) *dns.Msg {
	m := new(dns.Msg).SetReply(q)
	name, kind := q.Question[0].Name, dns.TypeToString[q.Question[0].Qtype]
	if zone[name] == nil {
		m.Rcode = dns.RcodeNameError
	}
	for name != "" {
		next := ""
		for _, r := range zone[name] {
			if what, to, _ := strings.Cut(r, " "); what == kind || what == "CNAME" {
				rr, err := dns.NewRR(name + " 60 IN " + r)
				if err != nil {
					panic(err)
				}
				if m.Answer = append(m.Answer, rr); what == "CNAME" {
					next = to
				}
			}
		}
		name = next
	}
	return m
}

// An mtrReport is what "mtr --json" says.
type mtrReport struct {
	Report struct {
		Hubs []struct {
			Host string
			Loss float64 `json:"Loss%"`
		}
	}
}

// besideRounds is how often mtr and we ask all routers, once a second.
const besideRounds = 12

// TestBesideMTR compares hops and loss with those that mtr reports: behind a router
// that drops every fourth packet, and behind one that says seldom that packets have
// expired, which mtr counts as loss and we don't.
func TestBesideMTR(t *testing.T) {
	peer(t, "mtr")
	t.Run("loss", func(t *testing.T) {
		t.Parallel()
		l := newHopLab(t)
		// Each is counted by itself: mtr sends 64 bytes.
		filter(t, l.all[3], "forward", "icmp type echo-request ip length 64 numgen inc mod 4 0 drop; icmp type echo-request ip length != 64 numgen inc mod 4 0 drop")
		ours, theirs := l.besideMTR(t, "10.0.4.2")
		end := len(ours.Hops) - 1
		for i, h := range ours.Hops {
			lost := 0.0
			if h.Lost != nil {
				lost = *h.Lost * 100
			}
			want := theirs.Report.Hubs[i].Loss
			// One packet more or less of those that mtr and we sent.
			if math.Abs(lost-want) > 100.0/besideRounds+0.1 || i == end && lost == 0 {
				t.Errorf("hop %d: %.1f %% lost, mtr says %.1f %%", i+1, lost, want)
			}
		}
	})
	t.Run("limit", func(t *testing.T) {
		t.Parallel()
		l := newHopLab(t)
		l.all[1].Sysctl(t, "ipv4/icmp_ratelimit", "5000")
		ours, theirs := l.besideMTR(t, "10.0.4.2")
		if h := ours.Hops[0]; h.Lost != nil && *h.Lost != 0 || theirs.Report.Hubs[0].Loss == 0 {
			t.Errorf("hop 1, behind which all is answered: %+v; mtr says that %.1f %% are lost", h, theirs.Report.Hubs[0].Loss)
		}
	})
	t.Run("ipv6", func(t *testing.T) {
		t.Parallel()
		newHopLab(t).besideMTR(t, "2001:db8:4::2")
	})
}

// besideMTR lets both ask at the same time, and compares the hops.
func (l *hopLab) besideMTR(t *testing.T, to string) (ours traced, theirs mtrReport) {
	t.Helper()
	var both sync.WaitGroup
	var out []byte
	var err error
	both.Go(func() {
		out, err = l.all[0].Command("mtr", "-r", "-n", "--json", "-s", "64", "-c", strconv.Itoa(besideRounds), to).Output()
	})
	c := l.all[0].Command(binary(t), "trace", "-n", "--json", "--watch", to)
	time.AfterFunc(besideRounds*time.Second-500*time.Millisecond, func() { c.Process.Signal(syscall.SIGINT) })
	b, cerr := c.Output()
	both.Wait()
	if err != nil {
		t.Fatalf("mtr: %v", err)
	}
	if err := json.Unmarshal(b, &ours); err != nil {
		t.Fatalf("%v, %v: %s", cerr, err, b)
	}
	if err := json.Unmarshal(out, &theirs); err != nil {
		t.Fatalf("mtr: %v: %s", err, out)
	}
	var want []string
	for _, h := range theirs.Report.Hubs {
		want = append(want, h.Host)
	}
	if got := ours.way(); got != strings.Join(want, " ") {
		t.Fatalf("the way is %s, mtr says %s", got, want)
	}
	return ours, theirs
}

// TestBesideTracepath compares the way and its width with what tracepath finds, in
// both families.
func TestBesideTracepath(t *testing.T) {
	peer(t, "tracepath")
	t.Parallel()
	for _, mtu := range []int{1500, 1452} {
		l := newHopLab(t)
		l.all[2].Batch(t, "link set d0 mtu "+strconv.Itoa(mtu))
		l.all[3].Batch(t, "link set u0 mtu "+strconv.Itoa(mtu))
		for _, to := range []string{"10.0.4.2", "2001:db8:4::2"} {
			ours, _ := l.trace(t, to)
			out, err := l.all[0].Command("tracepath", "-n", to).Output()
			if err != nil {
				t.Fatalf("tracepath: %v: %s", err, out)
			}
			way, width := readTracepath(string(out))
			if ours.MTU != width || ours.way() != way {
				t.Errorf("%s with %d bytes: %s, %d bytes; tracepath says %s, %d", to, mtu, ours.way(), ours.MTU, way, width)
			}
		}
	}
}

// readTracepath returns the hops and the path MTU in an output of tracepath.
func readTracepath(out string) (way string, mtu int) {
	var hops []string
	for line := range strings.Lines(out) {
		f := strings.Fields(line)
		switch {
		case len(f) > 2 && f[0] == "Resume:":
			mtu, _ = strconv.Atoi(f[2])
		case len(f) > 1 && strings.HasSuffix(f[0], ":") && strings.ContainsAny(f[1], ".:") && !strings.HasPrefix(f[1], "["):
			if !slices.Contains(hops, f[1]) {
				hops = append(hops, f[1])
			}
		}
	}
	return strings.Join(hops, " "), mtu
}
