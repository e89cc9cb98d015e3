package policy

import (
	"path"
	"slices"
	"strings"
	"testing"
)

// module is the path of the module.
const module = "flapscope"

// below reports whether dir is the directory of one of the packages, or lies
// below it.
func below(dir string, packages ...string) bool {
	return slices.ContainsFunc(packages, func(p string) bool {
		return dir == p || strings.HasPrefix(dir, p+"/")
	})
}

// Arrows run one way: main → ui → history → monitor, main → probes → monitor.
// Commands in internal may use everything but main; what else is internal may
// be used by everybody and uses at most monitor.
func TestLayers(t *testing.T) {
	forbidden := []struct {
		from string
		to   []string
	}{
		{"monitor", []string{"ui", "history", "probes", "themes", "internal/cli", "internal/config"}},
		{"history", []string{"ui", "probes", "themes", "internal/cli", "internal/config"}},
		{"probes", []string{"ui", "history", "themes", "internal/cli", "internal/config"}},
		{"themes", []string{"ui", "history", "probes", "monitor", "internal"}},
		{"ui", []string{"probes", "internal/cli", "internal/config"}},
		{"internal/config", []string{"ui", "history", "internal/cli"}},
		{"internal/text", []string{"ui", "history", "probes", "monitor", "internal"}},
	}
	for _, s := range code(t) {
		for _, i := range s.imports() {
			to, ours := strings.CutPrefix(i, module+"/")
			if i == module {
				t.Errorf("%s imports the main package", s.path)
			}
			if !ours {
				continue
			}
			for _, f := range forbidden {
				if below(s.dir, f.from) && below(to, f.to...) {
					t.Errorf("%s imports %s: %s must not depend on it", s.path, i, f.from)
				}
			}
		}
	}
}

// The layers of the core know only those before them, and the words; who
// observes knows facts and the state, and nothing that judges.
func TestLayersOfTheCore(t *testing.T) {
	const fact, state, path, text = "monitor/fact", "monitor/state", "monitor/path", "internal/text"
	core := []string{fact, state, path, "monitor/fold", text}
	source := []string{fact, state, text, "internal/crash", "internal/boottime", "internal/nlwire"}
	allowed := map[string][]string{
		"monitor":          nil,
		fact:               {text, "internal/jsonscan"},
		state:              {fact, text},
		path:               {fact, state, text},
		"monitor/fold":     {fact, state, path, text},
		"monitor/verdict":  {fact, state, path, text},
		"monitor/kernel":   source,
		"monitor/resolver": source,
		"monitor/clock":    source,
		"monitor/wireless": source,
		"probes":           append(source, "probes/target"),
		"themes":           nil,
		// The past: what is counted knows the timeline, and not the files.
		"history":          nil,
		"history/timeline": append(core, "internal/jsonscan"),
		"history/stats":    append(core, "history/timeline"),
		"history/pattern":  append(core, "history/timeline", "history/stats"),
		"history/compare":  append(core, "history/timeline", "history/stats"),
		"history/redact":   {fact, path, text, "history/session"},
		"history/report":   append(core, "history/timeline", "history/stats", "history/pattern", "history/session"),
	}
	for _, s := range code(t) {
		may, ok := allowed[s.dir]
		if !ok {
			continue
		}
		for _, i := range s.imports() {
			if to, ours := strings.CutPrefix(i, module+"/"); ours && !slices.Contains(may, to) && !below(to, s.dir) {
				t.Errorf("%s imports %s", s.path, i)
			}
		}
	}
}

// Only one package talks to the kernel's routing tables, so that only one has
// to be exact, and only one to the radio.
func TestOneBoundary(t *testing.T) {
	only := []struct{ prefix, dir string }{
		{"github.com/jsimonetti/rtnetlink", "monitor/kernel"},
		{"github.com/mdlayher/netlink", "monitor/kernel monitor/wireless"},
		{"github.com/godbus/dbus", "monitor/resolver"},
		{"github.com/fsnotify/fsnotify", "monitor/resolver"},
		{"github.com/miekg/dns", "probes"},
		{"github.com/prometheus-community/pro-bing", "probes"},
		{"charm.land/bubbletea", "ui themes"},
		{"github.com/spf13/cobra", "internal/cli"},
	}
	for _, s := range code(t) {
		if below(s.dir, "internal") && s.dir != "internal/cli" {
			continue // test labs use what they need
		}
		for _, i := range s.imports() {
			for _, o := range only {
				if strings.HasPrefix(i, o.prefix) && !below(s.dir, strings.Fields(o.dir)...) {
					t.Errorf("%s imports %s, which only %s may", s.path, i, o.dir)
				}
			}
		}
	}
}

// The core and the views are functions of their arguments: they read no
// clock, open nothing and start nothing.
func TestPurity(t *testing.T) {
	impure := []string{
		"os", "os/exec", "os/signal", "io/fs", "io/ioutil", "path/filepath", "net", "net/http", "crypto/tls", "syscall",
		"golang.org/x/sys/unix", "github.com/charmbracelet/x/term", "log", "math/rand", "math/rand/v2",
	}
	for _, s := range code(t) {
		core := below(s.dir, "monitor/fact", "monitor/state", "monitor/path", "monitor/fold", "monitor/verdict")
		view := below(s.dir, "ui") && !terminal(s.path)
		if !core && !view {
			continue
		}
		for _, i := range s.imports() {
			if slices.Contains(impure, i) {
				t.Errorf("%s imports %s", s.path, i)
			}
		}
		for _, use := range uses(s, "time", "Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker") {
			t.Errorf("%s: time.%s", s.where(use), use.Sel.Name)
		}
		for _, g := range goroutines(s) {
			t.Errorf("%s: starts a goroutine", s.where(g))
		}
	}
}

// terminal reports whether a file of the screen is one of those that deal with
// the terminal and the process, and not with what is drawn.
func terminal(name string) bool {
	base := path.Base(name)
	for _, p := range []string{"run", "terminal", "guard", "options"} {
		if base == p+".go" || strings.HasPrefix(base, p+"_") {
			return true
		}
	}
	return false
}

// Tests use the standard library and go-cmp: an assertion library is a second
// language to read.
func TestNoAssertionLibrary(t *testing.T) {
	for _, s := range sources(t) {
		for _, i := range s.imports() {
			if strings.HasPrefix(i, "github.com/stretchr/testify") || strings.HasPrefix(i, "gotest.tools") {
				t.Errorf("%s imports %s", s.path, i)
			}
		}
	}
}
