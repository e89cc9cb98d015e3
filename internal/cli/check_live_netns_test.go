package cli_test

import (
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"flapscope/monitor/fold"
)

// records starts to record on the machine, as settings say, and returns where to.
func (l *faultLab) records(t *testing.T, settings string) (*started, string) {
	t.Helper()
	// Who records has no privileges, and can write there.
	dir := filepath.Join(l.dir, "recordings")
	if err := errors.Join(os.Mkdir(dir, 0o777), os.Chmod(dir, 0o777)); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "x.flap.gz")
	config := filepath.Join(l.dir, "settings.toml")
	if err := os.WriteFile(config, []byte(settings), 0o644); err != nil {
		t.Fatal(err)
	}
	c := l.command(t)
	c.Args = append(c.Args[:len(c.Args)-1], "--config", config, "record", name)
	r := &started{t: t, process: c}
	c.Stderr = r
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill() })
	r.says("recording to " + name)
	return r, name
}

// upload makes the machine send a little more than its queue lets out, until it hears
// that nobody listens there, which is behind the queue, too.
func (l *faultLab) upload(t *testing.T) {
	began := time.Now()
	fillQueue(t, l)
	go l.h.Do(func() error {
		c, err := net.Dial("udp", "8.8.8.8:9")
		for sent := 0; err == nil && t.Context().Err() == nil; time.Sleep(20 * time.Millisecond) {
			// As many as it takes, also where the machine is busy.
			for ; err == nil && sent < int(time.Since(began)/(80*time.Millisecond)); sent++ {
				_, err = c.Write(make([]byte, 1400))
			}
		}
		return err
	})
}

// discards lets somebody listen there, so that an upload goes on until the test ends.
func (l *faultLab) discards(t *testing.T) {
	t.Helper()
	var c net.PacketConn
	if err := l.i.Do(func() (err error) {
		c, err = net.ListenPacket("udp", "8.8.8.8:9")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
}

// A liveFault is one that only a diagnosis finds.
type liveFault struct {
	name  string
	make  func(t *testing.T, l *faultLab)
	undo  func(t *testing.T, l *faultLab)
	text  string
	after string
	// alone is whether nothing else may be told.
	alone bool
}

// TestChecksLive: what only a diagnosis finds is an incident of what is recorded,
// from the start of the network on until another diagnosis does not find it.
func TestChecksLive(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: takes a minute of real trouble")
	}
	faults := []liveFault{
		{
			name: "clock", make: func(_ *testing.T, l *faultLab) { l.secure.Ahead(3 * time.Hour) },
			undo: func(_ *testing.T, l *faultLab) { l.secure.Ahead(0) },
			text: "the clock of this machine is 3 h slow", after: "the clock of this machine was 3 h slow",
		},
		{
			name: "tls", make: func(t *testing.T, l *faultLab) {
				l.secure.Show(l.otherCertificate(t, -time.Hour, time.Hour, "198.51.100.99"))
			},
			text: "TLS on l0 is intercepted: no certificate is that of who was asked (wrong name)",
		},
		{
			// A note: it was so from the start.
			name: "https", make: func(_ *testing.T, l *faultLab) { l.secure.Cut() },
			text: "HTTPS on l0 is blocked: port 443 answers, and not with TLS",
		},
		{
			name: "certificate", make: func(t *testing.T, l *faultLab) {
				l.secure.Show(l.otherCertificate(t, -48*time.Hour, -24*time.Hour, publics...))
			},
			text: "the certificate of 1.1.1.1 has expired",
		},
		{
			// It begins while the network is watched already.
			name: "later", make: func(t *testing.T, l *faultLab) {
				time.AfterFunc(5*time.Second, func() { filter(t, l.g, "forward", "tcp dport 443 reject with tcp reset") })
			},
			text: "HTTPS on l0 is blocked: resets from every operator",
		},
		{
			name: "queue", make: func(t *testing.T, l *faultLab) {
				l.discards(t)
				time.AfterFunc(5*time.Second, func() { l.upload(t) })
			},
			text: "this machine's own queue on l0 keeps packets",
		},
		{
			name: "resolver", make: fixed("203.0.113.80", false),
			text: "resolver 10.50.0.1 lies: the same address for every name, 203.0.113.80",
		},
		{
			name: "dns", make: func(t *testing.T, l *faultLab) {
				l.g.Filter(t, "table ip nat {\nchain pre {\ntype nat hook prerouting priority dstnat\niifname l1 udp dport 53 redirect\n}\n}\n")
			},
			text: "DNS on l0 is answered on the way: an address without a server answered",
		},
		{
			name: "nat64", make: translated("64:ff9b::101:101", "64:ff9b::808:808"),
			text: "IPv4 on l0 goes by NAT64 64:ff9b::/96", alone: true,
		},
		{
			name: "nat64-silent", make: translated(),
			text: "IPv4 on l0 gets no answer by NAT64 64:ff9b::/96; DNS and IPv6 work",
		},
	}
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			l := newFaultLab(t)
			f.make(t, l)
			r, name := l.records(t, "")
			length := 16 * time.Second
			time.Sleep(length)
			want := f.text
			if f.undo != nil {
				f.undo(t, l)
				awaitIncident(t, name, f.after)
				want = f.after
			}
			if code := r.ends(syscall.SIGTERM); code != 0 {
				t.Fatalf("record ended with %d: %s", code, r.text())
			}
			var texts []string
			found := false
			for _, i := range readIncidents(t, name) {
				texts = append(texts, string(i.Text))
				found = found || strings.HasPrefix(string(i.Text), want)
			}
			if !found || f.alone && len(texts) > 1 {
				t.Errorf("got  %s\nwant %s", strings.Join(texts, "\n"), want)
			}
		})
	}
}

// awaitIncident waits until what is being recorded says so: a diagnosis is made again
// some 20 seconds after the one before, on a busy machine later.
func awaitIncident(t *testing.T, name, text string) {
	t.Helper()
	for range 60 {
		time.Sleep(time.Second)
		out, _ := exec.Command(binary(t), "incidents", name).Output()
		if strings.Contains(string(out), text) {
			return
		}
	}
	t.Errorf("no incident %q in a minute", text)
}

// TestEvidenceAtTheOnset: what was found out at the beginning of an incident is kept
// with it: the verdict, the way, and which connections of the user wait.
func TestEvidenceAtTheOnset(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: takes half a minute of real trouble")
	}
	t.Parallel()
	l := newFaultLab(t)
	// A connection of the user that records, which will wait for an answer once something
	// is sent.
	c := l.h.Command("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "sh", "-c",
		`exec 3<>/dev/tcp/1.1.1.1/443; read go; for i in 1 2 3; do echo x >&3; sleep 1; done; sleep 60`)
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("SKIPPED: needs bash")
	}
	for i, a := range c.Args {
		if a == "sh" {
			c.Args[i] = "bash"
		}
	}
	send, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill() })
	r, name := l.records(t, "")
	time.Sleep(14 * time.Second)
	filter(t, l.g, "forward", "drop")
	if _, err := send.Write([]byte("go\n")); err != nil {
		t.Fatal(err)
	}
	time.Sleep(18 * time.Second)
	if code := r.ends(syscall.SIGTERM); code != 0 {
		t.Fatalf("record ended with %d: %s", code, r.text())
	}
	out, err := exec.Command(binary(t), "events", name, "--json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for line := range strings.Lines(string(out)) {
		var kind struct{ Kind string }
		if json.Unmarshal([]byte(line), &kind); kind.Kind != string(fold.KindIncident) {
			continue
		}
		_, evidence, err := fold.ParseIncident([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, evidence...)
	}
	got := strings.Join(all, "\n")
	verbose, err := exec.Command(binary(t), "incidents", "--verbose", name).Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 1 || !strings.Contains(string(verbose), "way over IPv4: 10.50.0.1 ") {
		t.Errorf("incidents: %v\n%s", err, verbose)
	}
	// The diagnosis of then is found again, and the one before it.
	said, err := exec.Command(binary(t), "check", name).Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 1 || !strings.HasPrefix(string(said), "no_internet  No answer comes from beyond gateway 10.50.0.1") {
		t.Errorf("check of the recording: %v\n%s", err, said)
	}
	said, err = exec.Command(binary(t), "check", name, "--at", "+10s").Output()
	if err != nil || !strings.HasPrefix(string(said), "online  ") || !strings.Contains(string(said), "on a network that was new") {
		t.Errorf("check of its beginning: %v\n%s", err, said)
	}
	for _, want := range []string{"check: No answer comes from beyond gateway 10.50.0.1", "way over IPv4: 10.50.0.1 ", "route default via 10.50.0.1", "connections: 1 to 1.1.1.1:443 by l0"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// TestStatusBehindPortal: a redirect is a portal's where TLS does not work either, and
// else a proxy's.
func TestStatusBehindPortal(t *testing.T) {
	t.Parallel()
	l := newFaultLab(t)
	l.page.Answer(302, "http://203.0.113.80/login", "")
	if got, _ := l.status(t); got.Health.State != "online" || got.notes() != "proxy" {
		t.Errorf("%+v; want online, and a note of a proxy", got)
	}
	l.secure.Cut()
	if got, _ := l.status(t); got.Health.State != "portal" || got.Health.Portal != "down" {
		t.Errorf("%+v; want portal", got)
	}
}

// TestCheckWithoutCarrier: a name server to which there is no way is not asked, and
// is not said to be silent.
func TestCheckWithoutCarrier(t *testing.T) {
	t.Parallel()
	l := newFaultLab(t)
	unplug(t, l)
	s, code := l.check(t)
	if code != 1 || s.root() != "carrier_lost" {
		t.Errorf("exit code %d, root %s; want 1, carrier_lost", code, s.root())
	}
	n := 0
	for _, leg := range s.Legs {
		if leg.Leg != "dns" {
			continue
		}
		if n++; leg.Entity != "10.50.0.1" || leg.State != "skipped" || leg.Text != "not asked: carrier lost" {
			t.Errorf("name server: got %+v, want not asked", leg)
		}
	}
	if n != 1 {
		t.Errorf("%d name servers, want 1", n)
	}
	var page strings.Builder
	c := l.command(t)
	c.Stdout = &page
	if c.Run() == nil {
		t.Error("the page is printed with exit code 0")
	}
	if strings.Contains(page.String(), "silent") || strings.Count(page.String(), "not asked: carrier lost") < 12 {
		t.Errorf("not each leg says why it was not asked:\n%s", page.String())
	}
}
