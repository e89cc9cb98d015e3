package cli_test

import (
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"
)

// TestCheckTargets: targets are asked once, whoever observes this machine.
func TestCheckTargets(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: makes network namespaces")
	}
	l := newFaultLab(t)
	names := netlab.Names{"example.com.": {"1.1.1.1"}}
	l.i.ServeAnswers(t, "9.9.9.9", dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		if q.Question[0].Qtype != dns.TypeAAAA {
			names.ServeDNS(w, q)
		}
	}))
	l.ask(t, "9.9.9.9")
	run := func(args ...string) (string, int) {
		b, err := l.command(t, args...).CombinedOutput()
		exit, ok := errors.AsType[*exec.ExitError](err)
		switch {
		case ok:
			return string(b), exit.ExitCode()
		case err != nil:
			t.Fatal(err)
		}
		return string(b), 0
	}
	if got, code := run("1.1.1.1", "[2606:4700:4700::1111]", "dns:9.9.9.9/example.com"); code != 0 || strings.Count(got, "✓ ") != 5 || strings.Count(got, "\n") != 5 {
		t.Errorf("exit code %d:\n%s", code, got)
	}
	got, code := run("--json", "ping:1.1.1.1", "tcp:1.1.1.1:4711", "udp:1.1.1.1")
	var d struct{ Results []fact.ProbeResult }
	if err := json.Unmarshal([]byte(got), &d); err != nil || code != 1 || len(d.Results) != 3 {
		t.Fatalf("exit code %d, %v:\n%s", code, err, got)
	}
	for i, want := range []fact.Outcome{fact.OutcomeOK, fact.OutcomeRefused, fact.OutcomeOK} {
		if r := d.Results[i]; r.Outcome != want || want == fact.OutcomeOK && r.RTT <= 0 {
			t.Errorf("%s: %+v, want %s", r.Target, r, want)
		}
	}
	// A name whose IPv6 addresses nobody tells: only the fastest of several shows for how
	// long they are waited for.
	soon := false
	for range 10 {
		got, _ = run("--json", "tcp:example.com:443")
		if err := json.Unmarshal([]byte(got), &d); err != nil || len(d.Results) != 1 || d.Results[0].Outcome != fact.OutcomeOK {
			t.Fatalf("%v:\n%s", err, got)
		}
		if soon = d.Results[0].Phases.Resolve < 600*time.Millisecond; soon {
			break
		}
	}
	if !soon {
		t.Errorf("the address was waited for:\n%s", got)
	}
	for args, want := range map[string]string{
		"ftp:192.0.2.1":              "unknown method \"ftp\"",
		"--each-interface 192.0.2.1": "--each-interface asks about this machine",
		"--interface nosuch 1.1.1.1": "there is no interface \"nosuch\"",
	} {
		if got, code := run(strings.Fields(args)...); code != 2 || !strings.Contains(got, want) {
			t.Errorf("%s: exit code %d: %s", args, code, got)
		}
	}
}
