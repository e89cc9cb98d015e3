package cli

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/net/html"

	"flapscope/history/report"
	"flapscope/history/session"
	"flapscope/internal/hostile"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// hostileMarkup is what would do something to a page or an issue.
var hostileMarkup = []string{
	`</style><script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `<iframe src=//e.invalid>`, `</title></head><body onload=x>`, `]]><svg/onload=x>`,
	"|a|b|", "`x`\n```", "@everyone", "#12", "![x](http://e.invalid/x.png)", "[x](javascript:alert(1))", "<!-- ", "--> ", "</details>", "**x**", "$$x$$", "url(http://e.invalid)",
}

// TestReportIsHarmless plants markup into every field, all at once, and parses
// what comes out: no element and no attribute but those that reports have, and a
// table whose rows have as many cells as its head.
func TestReportIsHarmless(t *testing.T) {
	t.Parallel()
	lines, err := hostile.Lines(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	fields, err := hostile.Fields(lines, hostile.Text)
	if err != nil {
		t.Fatal(err)
	}
	fields = slices.DeleteFunc(fields, hostile.Structural)
	for i, text := range append(hostileMarkup, hostile.Together.Text) {
		planted, err := hostile.Plant(lines, hostile.Payload{Text: hostile.Token + text}, fields...)
		name := filepath.Join(t.TempDir(), fmt.Sprintf("%d%s", i, session.Suffix))
		if err == nil {
			err = hostile.Write(name, planted)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, level := range []string{"none", "public"} {
			code, page, errs := runIn(t, t.TempDir(), "report", name, "--format", "html", "--redact", level)
			if code != 0 {
				t.Errorf("%q, %s: exit code %d: %s", text, level, code, errs)
				continue
			}
			if level == "none" && !strings.Contains(page, hostile.Token) {
				t.Errorf("%q is not shown: this shows nothing", text)
			}
			harmlessPage(t, text, page)
			code, md, errs := runIn(t, t.TempDir(), "report", name, "--redact", level)
			if code != 0 {
				t.Errorf("%q, %s: exit code %d: %s", text, level, code, errs)
				continue
			}
			harmlessMarkdown(t, text, md)
			renderedMarkdown(t, text, md)
		}
	}
}

// elements are those that a report has, with their attributes.
var elements = map[string]string{
	"html": "lang", "head": "", "meta": "charset http-equiv content name", "title": "", "style": "", "body": "", "main": "", "header": "", "footer": "", "section": "aria-labelledby class id",
	"svg": "width height aria-hidden class role aria-label viewbox preserveaspectratio", "defs": "", "pattern": "id width height patternunits patterntransform", "rect": "class x y width height fill", "path": "class d",
	"p": "class", "b": "", "i": "style", "em": "", "span": "class title style", "small": "", "br": "", "h1": "", "h2": "id class", "h3": "class", "h4": "", "ol": "class aria-label", "ul": "class", "li": "class",
	"div": "class aria-hidden", "a": "class href title style", "time": "", "code": "", "pre": "", "dl": "", "dt": "", "dd": "", "table": "", "caption": "", "thead": "", "tbody": "", "tr": "", "th": "scope", "td": "",
}

func harmlessPage(t *testing.T, what, page string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatalf("%q: %v", what, err)
	}
	for n := range root.Descendants() {
		if n.Type == html.CommentNode {
			t.Errorf("%q: a comment: %q", what, n.Data)
		}
		if n.Type != html.ElementNode {
			continue
		}
		allowed, ok := elements[n.Data]
		if !ok {
			t.Errorf("%q: an element %s", what, n.Data)
		}
		for _, a := range n.Attr {
			key := strings.ToLower(a.Key)
			switch {
			case !slices.Contains(strings.Fields(allowed), key):
				t.Errorf("%q: %s has %s=%q", what, n.Data, a.Key, a.Val)
			case key == "href" && !strings.HasPrefix(a.Val, "#i"):
				t.Errorf("%q: a link to %q", what, a.Val)
			case key == "style" && strings.Trim(a.Val, "leftwidhop:;%.0123456789") != "":
				t.Errorf("%q: a style %q", what, a.Val)
			case key == "fill" && a.Val != "url(#hatch)":
				t.Errorf("%q: filled with %q", what, a.Val)
			}
		}
	}
	if !strings.Contains(page, `content="default-src 'none'; style-src 'unsafe-inline'"`) {
		t.Errorf("%q: no policy", what)
	}
	if trouble := hostile.Trouble(page); trouble != "" {
		t.Errorf("%q: %s", what, trouble)
	}
}

// harmlessMarkdown looks at what a renderer would take for markup.
func harmlessMarkdown(t *testing.T, what, md string) {
	t.Helper()
	if n := utf8.RuneCountInString(md); n >= report.MarkdownLimit {
		t.Errorf("%q: %d characters", what, n)
	}
	fence, cells := false, 0
	for line := range strings.Lines(md) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "```"):
			fence = !fence
			continue
		case fence:
			continue
		case strings.HasPrefix(line, "|"):
			n := strings.Count(line, "|") - strings.Count(line, `\|`)
			if cells > 0 && n != cells {
				t.Errorf("%q: a row of %d cells in a table of %d: %s", what, n-1, cells-1, line)
			}
			cells = n
		default:
			cells = 0
		}
		bare := strings.NewReplacer("<details>", "", "</details>", "", "<summary>", "", "</summary>", "", "<b>", "", "</b>", "", "<!-- flapscope report, ", "", " -->", "").Replace(line)
		if strings.ContainsAny(bare, "<>@#") && !strings.HasPrefix(bare, "##") && !strings.Contains(bare, "&#") {
			t.Errorf("%q: markup in %s", what, line)
		}
		if strings.Contains(bare, "://") || link.MatchString(bare) {
			t.Errorf("%q: a link in %s", what, line)
		}
	}
	if fence {
		t.Errorf("%q: a fence that is not closed", what)
	}
}

// link matches the end of the text of a link that is not escaped.
var link = regexp.MustCompile(`[^\\]\]\(`)

// An eventKeeper writes what the fold finds, as a recorder does.
type eventKeeper struct{ *session.Writer }

func (eventKeeper) Observed(fact.Observation, *state.State) {}

func (w eventKeeper) Happened(e fold.Event, _ func() *fold.Snapshot) { w.AppendEvent(&e) }

// busy writes a recording of hours in which the cable is out every two minutes,
// under a name as long as any.
func busy(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "busy"+session.Suffix)
	at, mono, set := time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC), 10*time.Hour, path.DefaultSettings()
	w, err := session.Create(name, at, mono, session.Header{Settings: set, Note: fact.Untrusted(strings.Repeat("*", 1000))}, nil)
	if err != nil {
		t.Fatal(err)
	}
	d := fold.NewDriver(set, eventKeeper{w})
	observe := func(facts ...fact.Fact) {
		for _, f := range facts {
			o := fact.Observation{Time: at, Mono: mono, Op: fact.Put, Fact: f}
			if err := w.Append(&o); err != nil {
				t.Fatal(err)
			}
			d.Observe(o)
		}
	}
	for i := range 300 {
		observe(wired(true)...)
		at, mono = at.Add(100*time.Second), mono+100*time.Second
		observe(wired(false)...)
		observe(&fact.Mark{Text: fact.Untrusted(fmt.Sprintf("mark %d ", i) + strings.Repeat("|", 300))})
		at, mono = at.Add(20*time.Second), mono+20*time.Second
	}
	d.Finish(mono)
	if err := w.Close(at, mono, "stop"); err != nil {
		t.Fatal(err)
	}
	return name
}

// Hours of trouble fit into an issue, and what did not is counted.
func TestReportFitsIntoAnIssue(t *testing.T) {
	t.Parallel()
	name := busy(t)
	for _, level := range []string{"none", "public"} {
		code, md, errs := runIn(t, t.TempDir(), "report", name, "--redact", level)
		if code != 0 {
			t.Fatalf("exit code %d: %s", code, errs)
		}
		harmlessMarkdown(t, "busy", md)
		renderedMarkdown(t, "busy", md)
		if n := utf8.RuneCountInString(md); n < report.MarkdownLimit/2 || !strings.Contains(md, " more: the HTML and JSON reports have them all.") {
			t.Errorf("%d characters: this fills nothing, or what is left out is not counted", n)
		}
	}
	_, page, _ := runIn(t, t.TempDir(), "report", name, "--format", "html")
	if i := strings.Index(page, `\u`); i >= 0 {
		t.Errorf("an escaped character is on the page: %q", page[i:min(i+40, len(page))])
	}
	harmlessPage(t, "busy", page)
	if len(page) > 1<<20 {
		t.Errorf("a page of %d bytes", len(page))
	}
}

// strictSchema reads a schema that allows no key which it does not name.
func strictSchema(t *testing.T, file string) *jsonschema.Schema {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	strict(doc)
	c := jsonschema.NewCompiler()
	if err := c.AddResource("strict.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("strict.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// What is written as JSON is what the schema says, and no more.
func TestReportSchema(t *testing.T) {
	t.Parallel()
	schema := strictSchema(t, "../../docs/report.schema.json")
	for _, name := range []string{recorded(t), busy(t), plantedRecording(t, "x", "mark.mark.text")} {
		for _, args := range [][]string{{}, {"--redact", "none"}, {"--last", "10m"}} {
			code, out, errs := runIn(t, t.TempDir(), append([]string{"report", name, "--format", "json"}, args...)...)
			if code != 0 {
				t.Fatalf("exit code %d: %s", code, errs)
			}
			v, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
			if err == nil {
				err = schema.Validate(v)
			}
			if err != nil {
				t.Errorf("%s %q: %v", filepath.Base(name), args, err)
			}
		}
	}
}

// strict refuses keys that a schema does not name.
func strict(v any) {
	switch v := v.(type) {
	case map[string]any:
		if _, ok := v["properties"]; ok {
			v["additionalProperties"] = false
		}
		for _, e := range v {
			strict(e)
		}
	case []any:
		for _, e := range v {
			strict(e)
		}
	}
}

// The tables of CSV have the same number of cells in each row.
func TestReportTables(t *testing.T) {
	t.Parallel()
	name := busy(t)
	for _, table := range report.Tables {
		code, out, errs := runIn(t, t.TempDir(), "report", name, "--format", "csv", "--table", table)
		if code != 0 {
			t.Fatalf("%s: exit code %d: %s", table, code, errs)
		}
		rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		if err != nil {
			t.Errorf("%s: %v", table, err)
		}
		if table != "samples" && len(rows) < 100 {
			t.Errorf("%s has %d rows", table, len(rows))
		}
	}
}

// A report says what flapscope incidents says, of the part that it is of.
func TestReportCommand(t *testing.T) {
	t.Parallel()
	name, dir := busy(t), t.TempDir()
	_, all, _ := runIn(t, dir, "report", name, "--format", "json")
	_, part, _ := runIn(t, dir, "report", name, "--format", "json", "--from", "+30m", "--to", "+40m")
	var whole, tenMinutes report.Report
	if err := json.Unmarshal([]byte(all), &whole); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(part), &tenMinutes); err != nil {
		t.Fatal(err)
	}
	_, list, _ := runIn(t, dir, "incidents", name, "--json")
	if n := strings.Count(list, "\n"); n != len(whole.Incidents) || n < 50 {
		t.Errorf("%d incidents, and %d in the report", n, len(whole.Incidents))
	}
	if n := len(tenMinutes.Incidents); n < 5 || n > 6 || tenMinutes.Observed > 10*time.Minute {
		t.Errorf("ten minutes have %d incidents and %v", n, tenMinutes.Observed)
	}
	for _, i := range tenMinutes.Incidents {
		if i.Lost > 10*time.Minute {
			t.Errorf("an incident takes %v of ten minutes", i.Lost)
		}
	}
	if !strings.HasPrefix(whole.Headline, "For 1 h 40 min of 10 h") {
		t.Errorf("the headline is %q", whole.Headline)
	}
	out := filepath.Join(dir, "r.html")
	if code, _, errs := runIn(t, dir, "report", name, "--format", "html", "-o", out); code != 0 {
		t.Errorf("exit code %d: %s", code, errs)
	}
	if info, err := os.Stat(out); err != nil || info.Mode().Perm() != 0o600 || info.Size() < 10_000 {
		t.Errorf("the file: %v %v", info, err)
	}
	for _, args := range [][]string{{"-o", out}, {"--format", "pdf"}, {"--format", "csv", "--table", "x"}, {"--redact", "x"}, {"--last", "-1s"}, {"--from", "+3000h"}} {
		if code, _, errs := runIn(t, dir, append([]string{"report", name}, args...)...); code != exitUsage || strings.Count(errs, "\n") != 1 {
			t.Errorf("%q: exit code %d, %q", args, code, errs)
		}
	}
	if code, _, errs := runIn(t, dir, "report"); code == 0 {
		t.Errorf("of no history: %q", errs)
	}
}

// secrets are values of each class; telltales is what nothing but them has.
var (
	secrets = []string{
		"zaphod-laptop", "Zaphods iPhone", "zaphod.corp.megadodo.example", "Heart Of Gold 5G", "3c:22:fb:11:22:33", "3C-22-FB-44-55-66", "192.168.44.17", "81.2.69.160",
		"2a02:2e0:3fe:1001::7777", "fd12:3456:789a:1::42", "fe80::3e22:fbff:fe11:2233%vogon0", "enx3c22fbaabbcc", "http://portal.milliways.example/login?token=s3cr3t-t0k3n",
		"x509: certificate is valid for babelfish.megadodo.example, not slartibartfast.example", "/home/zaphod/x", "wg.frogstar.example:51820", "bad at Trillians desk",
	}
	telltales = []string{
		"zaphod", "megadodo", "heart of gold", "11:22:33", "44-55-66", "192.168.44", "81.2.69", "2a02:2e0", "3456:789a", "vogon", "aabbcc", "milliways", "s3cr3t", "babelfish",
		"slartibartfast", "frogstar", "trillian", "fe11:2233",
	}
)

// No format of a redacted report has anything of what was planted into the
// recording, by a search that is not the product's.
func TestReportsTellNoSecrets(t *testing.T) {
	t.Parallel()
	lines, err := hostile.Lines(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	fields, err := hostile.Fields(lines, hostile.Text)
	if err != nil {
		t.Fatal(err)
	}
	n, looked := 0, 0
	for round := range 3 {
		planted := lines
		for _, f := range slices.DeleteFunc(slices.Clone(fields), hostile.Structural) {
			n++
			if planted, err = hostile.Plant(planted, hostile.Payload{Text: secrets[(n+round)%len(secrets)]}, f); err != nil {
				t.Fatal(err)
			}
		}
		name := filepath.Join(t.TempDir(), "planted"+session.Suffix)
		if err := hostile.Write(name, planted); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"--format", "md"}, {"--format", "html"}, {"--format", "json"}, {"--format", "csv"}, {"--format", "csv", "--table", "transitions"}, {"--format", "csv", "--table", "samples"}} {
			args = append([]string{"report", name}, args...)
			code, out, errs := runIn(t, t.TempDir(), args...)
			if code != 0 {
				t.Errorf("%q: exit code %d: %s", args[2:], code, errs)
			}
			out = strings.ToLower(out)
			for _, s := range telltales {
				if at := strings.Index(out, s); at >= 0 {
					t.Errorf("%q: %q is left: …%s…", args[2:], s, out[max(0, at-80):min(len(out), at+60)])
				}
			}
			_, all, _ := runIn(t, t.TempDir(), append(args, "--redact", "none")...)
			if strings.Contains(strings.ToLower(all), "zaphod") {
				looked++
			}
		}
	}
	if looked < 6 {
		t.Errorf("%d of the reports would have had a secret: this shows nothing", looked)
	}
}
