package report

import (
	"encoding/csv"
	"math"
	"strings"
	"testing"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
)

// TestInert: what stands in Markdown is shown as it is, and does nothing.
func TestInert(t *testing.T) {
	for in, want := range map[string]string{
		"eth0 lost its carrier 2 ×": "eth0 lost its carrier 2 ×",
		"192.0.2.1":                 "192.0.2.1",
		"a|b":                       `a\|b`,
		"`x`":                       "\\`x\\`",
		"*b* _i_ ~s~":               `\*b\* \_i\_ \~s\~`,
		"<img src=x>":               `&#60;img src=x&#62;`,
		"@everyone #12":             "＠everyone ＃12",
		"![x](http://e.example/)":   `\!\[x\](http&#58;//e.example/)`,
		"www.e.example WWW.e":       "&#119;ww.e.example &#87;WW.e",
		`a\b`:                       "a&#92;b",
		"&lt;":                      "&#38;lt;",
		"a\x1b[31m\nb":              `a&#92;x1b\[31m&#92;nb`,
		"$x$":                       `\$x\$`,
	} {
		if got := inert(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	if n := len([]rune(inert(strings.Repeat("x", 10_000)))); n > mostText+1 {
		t.Errorf("a text of 10,000 letters has %d", n)
	}
	for _, in := range []string{"<script>", "</summary>", "`x`", "*x*", "@x"} {
		if got := inElement(in); strings.ContainsAny(got, "<>`*@") {
			t.Errorf("%q became %q in an element", in, got)
		}
	}
}

// TestPut: text is escaped wherever it stands, in elements and in attributes.
func TestPut(t *testing.T) {
	var p pageWriter
	p.put(`<b title="{}">{}</b>{}{}`, `"><script>x</script>`, fact.Untrusted("<i>\x1b"), 3, 0.5)
	want := `<b title="&#34;&gt;&lt;script&gt;x&lt;/script&gt;">&lt;i&gt;\x1b</b>30.5`
	if got := p.String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	p.Reset()
	p.put(`{}|{}`, "{}", "x")
	if got := p.String(); got != "{}|x" {
		t.Errorf("an argument that looks like a place for one: %q", got)
	}
}

// TestFormulas: no cell of CSV begins like a formula.
func TestFormulas(t *testing.T) {
	var b strings.Builder
	c := newTable(&b, "a")
	c.row("=cmd()", "+1", "-1", "@x", "plain", "a\x1bb", "a,\"b\"\nc")
	if err := c.end(); err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(strings.NewReader(b.String()))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"'=cmd()", "'+1", "'-1", "'@x", "plain", `a\x1bb`, `a,"b"\nc`}
	for i, s := range rows[1] {
		if s != want[i] {
			t.Errorf("cell %d is %q, want %q", i, s, want[i])
		}
	}
}

// probe returns a result.
func probe(at, rtt time.Duration, lost bool) *fact.ProbeResult {
	r := &fact.ProbeResult{Target: "t", Outcome: fact.OutcomeOK, Sent: at, RTT: rtt}
	if lost {
		r.Outcome, r.RTT = fact.OutcomeTimeout, 0
	}
	return r
}

// TestSamples: figures are those of the samples, bursts are counted, and the
// intervals hold the figures.
func TestSamples(t *testing.T) {
	var s samples
	for i := range 3600 {
		// Every 100 s a burst of five; round trips from 1 to 100 ms.
		lost := i%100 >= 95
		s.add(probe(time.Duration(i)*time.Second, time.Duration(i%100+1)*time.Millisecond, lost), time.Duration(i)*time.Second, false)
	}
	s.add(&fact.ProbeResult{Target: "t", Outcome: fact.OutcomeNoData}, time.Hour, false)
	c := s.summed(Check{})
	if c.N != 3600 || c.Failed != 180 || c.NoData != 1 || c.Bursts != 36 || c.Burst != 5 || math.Abs(c.Share-0.05) > 1e-9 || math.Abs(c.Ratio-4.75) > 1e-9 {
		t.Errorf("%+v", c)
	}
	for name, q := range map[string]struct {
		got  Quantile
		want time.Duration
	}{"p50": {c.P50, 48 * time.Millisecond}, "p95": {c.P95, 91 * time.Millisecond}, "p99": {c.P99, 95 * time.Millisecond}} {
		if q.got.Value != q.want {
			t.Errorf("%s is %v, want %v", name, q.got.Value, q.want)
		}
		if q.got.Low == nil || *q.got.Low > q.want || *q.got.High < q.want {
			t.Errorf("%s: the interval does not hold it: %+v", name, q.got)
		}
	}
	if b := c.ShareLow; b == nil || b.Low > 0.05 || b.High < 0.05 || b.High-b.Low > 0.05 {
		t.Errorf("the interval of the loss is %+v", b)
	}
	var few samples
	for i := range 10 {
		few.add(probe(time.Duration(i)*time.Second, time.Millisecond, false), time.Duration(i)*time.Second, false)
	}
	if c := few.summed(Check{}); c.ShareLow != nil || c.P50.Low != nil {
		t.Errorf("ten seconds have an interval: %+v", c)
	}
	if c := (&samples{}).summed(Check{}); c.N != 0 || c.P50.Value != 0 {
		t.Errorf("nothing has figures: %+v", c)
	}
}

// TestShareIntervals: of made-up days whose true share is known, about 95 of 100
// intervals hold it.
func TestShareIntervals(t *testing.T) {
	const days, want = 200, 0.9
	held := 0
	for day := range days {
		var without []timeline.Span
		seed := uint64(day)*2654435761 + 1
		for minute := range 24 * 60 {
			// One minute of ten is lost, by a fair draw.
			seed = seed*6364136223846793005 + 1442695040888963407
			if seed>>33%10 == 0 {
				at := time.Duration(minute) * time.Minute
				without = append(without, timeline.Span{From: at, To: at + time.Minute})
			}
		}
		s := share([]timeline.Span{{From: 0, To: 24 * time.Hour}}, timeline.Union(without))
		if s.Low == nil {
			t.Fatal("a day has no interval")
		}
		if *s.Low <= want && want <= *s.High {
			held++
		}
	}
	if held < days*88/100 || held > days*995/1000 {
		t.Errorf("%d of %d intervals hold the truth, want about 95 of 100", held, days)
	}
}

// TestSentence: what is at fault ends where more is said of it.
func TestSentence(t *testing.T) {
	for text, want := range map[string]string{
		"eth0 lost its carrier; nothing worked":                              "eth0 lost its carrier",
		"wlan0 was deauthenticated by AP (reason 4: it heard nothing); none": "wlan0 was deauthenticated by AP (reason 4: it heard nothing)",
		"resolver 2001:db8::1 was slow: 1.5 s instead of 13 ms":              "resolver 2001:db8::1 was slow",
		"tunnel tun0 returned nothing":                                       "tunnel tun0 returned nothing",
		"":                                                                   "",
	} {
		i := Incident{Text: text}
		if head, rest := i.sentence(); head != want || head+rest != text {
			t.Errorf("%q is parted into %q and %q", text, head, rest)
		}
	}
}

func TestMinus(t *testing.T) {
	span := func(from, to int) timeline.Span {
		return timeline.Span{From: time.Duration(from), To: time.Duration(to)}
	}
	got := minus([]timeline.Span{span(0, 10), span(20, 30)}, []timeline.Span{span(2, 4), span(8, 22), span(29, 40)})
	want := []timeline.Span{span(0, 2), span(4, 8), span(22, 29)}
	if len(got) != len(want) {
		t.Fatalf("%v, want %v", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("%v, want %v", got, want)
		}
	}
}
