package config

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"flapscope/monitor/path"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

func TestLoad(t *testing.T) {
	t.Run("missing", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "config.toml")
		got, err := Load(path, false)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(Default(), got); diff != "" {
			t.Errorf("configuration (-want +got):\n%s", diff)
		}
		if _, err := Load(path, true); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), path) {
			t.Errorf("required: %v, want that %s does not exist", err, path)
		}
	})
	t.Run("too-big", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "config.toml")
		if err := os.WriteFile(path, bytes.Repeat([]byte{'\n'}, maxFile+1), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path, true); err == nil || !strings.Contains(err.Error(), "more than 65536 bytes") {
			t.Errorf("Load: %v, want that it is too big", err)
		}
	})
	t.Run("directory", func(t *testing.T) {
		if _, err := Load(t.TempDir(), false); err == nil {
			t.Error("a directory was read")
		}
	})
	t.Run("every-form", func(t *testing.T) {
		got, err := Load(filepath.Join("testdata", "good.toml"), true)
		if err != nil {
			t.Fatal(err)
		}
		want := Default()
		want.Theme, want.Glyphs, want.NoColor, want.Interface = "light", "cp437", true, "wlan0"
		want.SettleDown, want.SettleUp = 0, 1500*time.Millisecond
		want.Flapping.Raise, want.Flapping.Clear = 2500.5, 100
		want.Probes.GatewayInterval = 100 * time.Millisecond
		want.Probes.Internet = []string{"192.0.2.1", "2001:db8::1"}
		want.Probes.Custom = []string{
			"ping:192.0.2.1", "ping:fe80::1%eth0", "tcp:example.net:22", "tls:[2001:db8::1]:443", "udp:192.0.2.1",
			"dns:example.net.", "http://example.net/health", "https://[2001:db8::1]/",
		}
		want.Probes.PortalURL = ""
		want.Kernel.RouterModeRoutes = 100000
		want.History.MaxSize, want.History.Dir = 2<<30, "/var/lib/flapscope"
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("configuration (-want +got):\n%s", diff)
		}
	})
}

// Each bad file has one fault, and one line that says where and what is
// allowed.
func TestLoadErrors(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.toml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".toml"), func(t *testing.T) {
			_, err := Load(f, true)
			if err == nil {
				t.Fatal("no error")
			}
			got := strings.ReplaceAll(err.Error(), f, "FILE") + "\n"
			golden := strings.TrimSuffix(f, ".toml") + ".err"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			checkLines(t, got)
		})
	}
}

// checkLines requires printable lines that begin with the place.
func checkLines(t *testing.T, s string) {
	t.Helper()
	for line := range strings.SplitSeq(strings.TrimSuffix(s, "\n"), "\n") {
		if !strings.HasPrefix(line, "FILE:") || !isPrintable(line) {
			t.Errorf("error %q is not one printable line with its place", line)
		}
	}
}

// Whoever mends one mistake should not have to look for the next.
func TestAllMistakes(t *testing.T) {
	_, err := parse("f", []byte("theme = \"Pink!\"\nfly = 1\nsettle_up = \"1s\"\n\n[history]\nmax_age = \"7x\"\nenabled = 3\n"))
	var all Mistakes
	if !errors.As(err, &all) || len(all) != 4 {
		t.Fatalf("got %v, want four mistakes", err)
	}
	for i, want := range []string{"f:1: theme: ", "f:2: unknown key fly: ", "f:6: history.max_age: ", "f:7: history.enabled: "} {
		if got := all[i].Error(); !strings.HasPrefix(got, want) || strings.Contains(got, "\n") {
			t.Errorf("got %q, want one line that begins with %q", got, want)
		}
	}
}

func TestDays(t *testing.T) {
	for text, want := range map[string]time.Duration{"7d": 7 * day, "1d12h": 36 * time.Hour, "90m": 90 * time.Minute, "0d": 0} {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("%s: got %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"d", "7dd", "-1d", "1d-2h", "1.5d", "99999999999d", "7 d"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%s: got %v, want an error", text, got)
		}
	}
	c, err := parse("f", []byte("[history]\nmax_age = \"7d\"\n"))
	if err != nil || c.History.MaxAge != 7*day {
		t.Errorf("max_age: got %v, %v, want seven days", c.History.MaxAge, err)
	}
}

func TestWriteTOML(t *testing.T) {
	var out bytes.Buffer
	if err := Default().WriteTOML(&out); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "default.toml")
	if *update {
		if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Errorf("file (-want +got):\n%s", diff)
	}
	for line := range strings.Lines(out.String()) {
		if len(line) > 81 && strings.HasPrefix(line, "#") {
			t.Errorf("comment of %d columns: %s", len(line), line)
		}
	}
	if err := Default().WriteTOML(failing{}); err == nil {
		t.Error("no error from a writer that fails")
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// Every setting survives being written and read, also with a value that is not
// the default, and none is in the struct that is not in the table.
func TestRoundTrip(t *testing.T) {
	want := Config{
		Theme: "mono", Glyphs: "ascii", NoColor: true, Interface: `w"l\n0`,
		SettleDown: 1, SettleUp: time.Minute, MaxUnrest: 61 * time.Second / 2,
		Flapping: Flapping{Penalty: 1.25, HalfLife: time.Hour, Raise: 1e6, Clear: 2, MaxHold: 90 * time.Minute / 2},
		Grace:    Grace{Resume: 1, Associate: 2, Configure: 3},
		Probes: Probes{
			Enabled: true, Diagnose: true, GatewayInterval: time.Second + 1, DiagnoseInterval: 17 * time.Minute, InternetInterval: 7 * time.Minute,
			ResolverInterval: time.Hour, PortalInterval: 59 * time.Minute, CustomInterval: 10 * time.Second,
			CalmAfter: time.Hour, CalmInterval: time.Second, CalmResolverInterval: 2 * time.Second,
			CalmPortalInterval: 3 * time.Second, CalmMeteredInterval: 4 * time.Second,
			Timeout: 333 * time.Millisecond, Internet: []string{"192.0.2.1"},
			PortalURL: "http://192.0.2.1/é?a=\"b\"", PortalExpect: `\"ok"`, DNSName: "example.net",
			Custom: []string{"ping:192.0.2.1", "dns:a.example"}, PacketsPerMinute: 1,
			BytesPerMinute: 1025, MeteredPercent: 99,
		},
		Kernel: Kernel{
			RouterModeRoutes: 101, AuditInterval: time.Hour, LinkAuditInterval: time.Second,
			ReceiveBuffer: 1 << 30,
		},
		History: History{
			Enabled: true, Dir: "/tmp/a b", MaxAge: 36 * time.Hour, MaxSize: 1_000_000_000_000,
			Memory: time.Minute,
		},
		UI: UI{Span: 90 * time.Second, Mouse: true, Bell: true, Lite: true},
	}
	requireNonZero(t, reflect.ValueOf(want), "Config")
	for _, c := range []Config{want, Default()} {
		if err := c.Validate(); err != nil {
			t.Fatalf("Validate: %v", err)
		}
		var out bytes.Buffer
		if err := c.WriteTOML(&out); err != nil {
			t.Fatal(err)
		}
		got, err := parse("FILE", out.Bytes())
		if err != nil {
			t.Fatalf("%v in\n%s", err, out.String())
		}
		if diff := cmp.Diff(c, got); diff != "" {
			t.Errorf("configuration (-written +read):\n%s", diff)
		}
	}
}

// requireNonZero fails for a field that the round trip would not notice: a new
// one must get a value in the test, and then a key.
func requireNonZero(t *testing.T, v reflect.Value, name string) {
	t.Helper()
	if v.Kind() == reflect.Struct {
		for i := range v.NumField() {
			requireNonZero(t, v.Field(i), name+"."+v.Type().Field(i).Name)
		}
		return
	}
	if v.IsZero() {
		t.Errorf("%s is zero in this test", name)
	}
}

func TestValidate(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"default", func(*Config) {}, ""},
		{"theme", func(c *Config) { c.Theme = "" }, `theme: "": want the name of a theme: at most 40 of a-z, 0-9, - and _`},
		{"duration", func(c *Config) { c.SettleUp = time.Hour }, `settle_up: "1h": want a duration from "0s" to "1m"`},
		{"infinite", func(c *Config) { c.Flapping.Raise = math.Inf(1) }, `flapping.raise: +Inf: want a number from 1 to 1000000`},
		{"together", func(c *Config) { c.Flapping.Clear = c.Flapping.Raise }, `flapping.clear: 3000: want less than flapping.raise, which is 3000`},
		{"control", func(c *Config) { c.Interface = "\x1b" }, `interface: "\x1b": want the name of an interface, at most 15 bytes`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := Default()
			tt.change(&c)
			got := ""
			if err := c.Validate(); err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("Validate: %q, want %q", got, tt.want)
			}
		})
	}
}

func TestFold(t *testing.T) {
	if diff := cmp.Diff(path.DefaultSettings(), Default().Fold()); diff != "" {
		t.Errorf("settings of the default (-want +got):\n%s", diff)
	}
	c := Default()
	c.Interface, c.Flapping.MaxHold, c.Grace.Configure = "eth0", time.Second, 2*time.Second
	s := c.Fold()
	if s.Interface != "eth0" || s.Damping.MaxHold != time.Second || s.Configure != 2*time.Second {
		t.Errorf("settings %+v do not follow the configuration", s)
	}
}

func TestPaths(t *testing.T) {
	tests := []struct {
		name          string
		env           map[string]string
		config, state string
	}{
		{
			"home",
			map[string]string{"HOME": "/home/e"},
			"/home/e/.config/flapscope/config.toml", "/home/e/.local/state/flapscope",
		},
		{
			"xdg",
			map[string]string{"HOME": "/home/e", "XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s"},
			"/c/flapscope/config.toml", "/s/flapscope",
		},
		{
			"relative-is-ignored",
			map[string]string{"HOME": "/home/e", "XDG_CONFIG_HOME": "c", "XDG_STATE_HOME": "s"},
			"/home/e/.config/flapscope/config.toml", "/home/e/.local/state/flapscope",
		},
		{"nothing", nil, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			env := func(k string) string { return tt.env[k] }
			got, err := Path(env)
			if got != tt.config || (err == nil) != (tt.config != "") {
				t.Errorf("Path = %q, %v, want %q", got, err, tt.config)
			}
			got, err = Default().HistoryDir(env)
			if got != tt.state || (err == nil) != (tt.state != "") {
				t.Errorf("HistoryDir = %q, %v, want %q", got, err, tt.state)
			}
		})
	}
	c := Default()
	c.History.Dir = "/srv/flap"
	if got, err := c.HistoryDir(func(string) string { return "" }); got != "/srv/flap" || err != nil {
		t.Errorf("HistoryDir = %q, %v, want the setting", got, err)
	}
}

// FuzzLoad checks that every file is either refused in a line for each mistake or gives a
// valid configuration that is the same when written and read again.
func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*.toml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range append(files, "testdata/good.toml", "testdata/default.toml") {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := parse("FILE", b)
		if err != nil {
			checkLines(t, err.Error())
			return
		}
		if err := c.Validate(); err != nil {
			t.Fatalf("Validate: %v", err)
		}
		var out bytes.Buffer
		if err := c.WriteTOML(&out); err != nil {
			t.Fatal(err)
		}
		again, err := parse("AGAIN", out.Bytes())
		if err != nil {
			t.Fatalf("%v in\n%s", err, out.String())
		}
		if diff := cmp.Diff(c, again); diff != "" {
			t.Errorf("configuration (-written +read):\n%s", diff)
		}
	})
}
