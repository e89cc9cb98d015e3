package cli

import (
	"os"
	"strings"
	"testing"
	"time"

	"flapscope/history/session"
)

const (
	sampleFile     = "../../docs/sample.flap.gz"
	sampleWifiFile = "../../docs/sample-wifi.flap.gz"
)

// TestSample reads the recording that comes with the program as anybody would.
func TestSample(t *testing.T) {
	if info, err := os.Stat(sampleFile); err != nil || info.Size() > 150_000 {
		t.Errorf("%v, %v: want at most 150 kB", info, err)
	}
	if out, bad, code := runMain(t, nil, "verify", sampleFile); code != 0 {
		t.Errorf("verify: exit code %d\n%s%s", code, out, bad)
	}
	out, bad, code := runMain(t, nil, "incidents", sampleFile)
	if code != 1 {
		t.Fatalf("incidents: exit code %d, %s", code, bad)
	}
	for _, want := range []string{"eth0 lost its carrier 30 ×", "captive portal", "resolver 192.0.2.1", "tunnel tun0 returned nothing"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// TestSampleOfWifi reads the recording of radios: it begins soon after the other one
// ends, so that they share an axis, and has what a radio can do to a connection.
func TestSampleOfWifi(t *testing.T) {
	if info, err := os.Stat(sampleWifiFile); err != nil || info.Size() > 90_000 {
		t.Errorf("%v, %v: want at most 90 kB", info, err)
	}
	if out, bad, code := runMain(t, nil, "verify", sampleWifiFile); code != 0 {
		t.Errorf("verify: exit code %d\n%s%s", code, out, bad)
	}
	c, err := session.OpenChain([]string{sampleFile, sampleWifiFile})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if len(c.Runs) != 2 || c.Runs[1].From < c.Runs[0].To || c.Runs[1].From > c.Runs[0].To+time.Minute {
		t.Errorf("the recordings are %v and %v", c.Runs[0].Span, c.Runs[len(c.Runs)-1].Span)
	}
	out, bad, code := runMain(t, nil, "incidents", sampleWifiFile)
	if code != 1 {
		t.Fatalf("incidents: exit code %d, %s", code, bad)
	}
	wifi, _, _ := runMain(t, nil, "wifi", sampleWifiFile)
	for _, want := range []string{
		"wlan0 was deauthenticated by AP (reason 4: it heard nothing)", "after it was associated, 6 of 6", "wlan0 lost its AP: no beacons",
		"refused by AP (status 1: no reason given)", "for another AP",
	} {
		if !strings.Contains(out+wifi, want) {
			t.Errorf("no %q in\n%s%s", want, out, wifi)
		}
	}
}

// TestDemoLeavesNothing runs demo where there is no terminal.
func TestDemoLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	b, err := os.ReadFile(sampleFile)
	if err != nil {
		t.Fatal(err)
	}
	wifi, err := os.ReadFile(sampleWifiFile)
	if err != nil {
		t.Fatal(err)
	}
	for name, sample := range map[string][][]byte{"none": nil, "broken": {b[:100]}, "whole": {b}, "two": {b, wifi}} {
		app := &App{Version: "test", In: os.Stdin, Out: devNull(t), Err: devNull(t), Env: func(string) string { return "" }, Samples: sample}
		if code := app.Main([]string{"demo"}); code != 3 {
			t.Errorf("%s: exit code %d, want 3", name, code)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%s: left %v, %v", name, left, err)
		}
	}
}

func devNull(t *testing.T) *os.File {
	t.Helper()
	f, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}
