package cli

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"flapscope/history/session"
	"flapscope/internal/hostile"
)

// A browser that reads a page of hostile names makes no element and no attribute of
// them, and runs nothing: scripts would leave a trace on the root.
func TestReportInABrowser(t *testing.T) {
	t.Parallel()
	browser := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil && browser == "" {
			browser = path
		}
	}
	if browser == "" {
		t.Skip("there is no Chromium")
	}
	lines, err := hostile.Lines(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	fields, err := hostile.Fields(lines, hostile.Text)
	if err != nil {
		t.Fatal(err)
	}
	fields = slices.DeleteFunc(fields, hostile.Structural)
	const trace = `document.documentElement.id='ran'`
	for i, text := range []string{
		`<script>` + trace + `</script>`, `"><img src=x onerror="` + trace + `">`, `</style></title><svg/onload=` + trace + `>`, `' autofocus onfocus=` + trace + ` x='`,
		`<iframe srcdoc="<script>parent.` + trace + `</script>">`, strings.Join(hostileMarkup, " "),
	} {
		planted, err := hostile.Plant(lines, hostile.Payload{Text: hostile.Token + text}, fields...)
		dir := t.TempDir()
		name, page := filepath.Join(dir, "a"+session.Suffix), filepath.Join(dir, "a.html")
		if err == nil {
			err = hostile.Write(name, planted)
		}
		if err != nil {
			t.Fatal(err)
		}
		if code, _, errs := runIn(t, dir, "report", name, "--format", "html", "--redact", "none", "-o", page); code != 0 {
			t.Fatalf("%q: exit code %d: %s", text, code, errs)
		}
		cmd := exec.CommandContext(t.Context(), browser, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+filepath.Join(dir, "profile"), "--virtual-time-budget=2000", "--dump-dom", "file://"+page)
		cmd.WaitDelay = time.Minute
		out, err := cmd.Output()
		if err != nil {
			t.Skipf("%s: %v", browser, err)
		}
		if i == 0 && !strings.Contains(string(out), hostile.Token) {
			t.Errorf("the browser shows nothing of %q", text)
		}
		harmlessPage(t, text, string(out))
	}
}
