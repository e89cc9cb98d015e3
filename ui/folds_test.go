package ui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"flapscope/history/timeline"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// logOf makes a log, newest first, of lines "seconds kind text"; a text that ends in
// "lost" or "timeout" is a loss.
func logOf(lines ...string) []timeline.Item {
	var out []timeline.Item
	for n, line := range lines {
		at, rest, _ := strings.Cut(line, " ")
		kind, said, _ := strings.Cut(rest, " ")
		d, _ := time.ParseDuration(at + "s")
		mark := timeline.MarkUp
		if strings.HasSuffix(said, "lost") || strings.HasSuffix(said, "timeout") {
			mark = timeline.MarkDown
		}
		out = append([]timeline.Item{{Seq: n + 1, Mono: d, Time: time.Unix(0, 0).Add(d), Mark: mark, Kind: kind, Text: said}}, out...)
	}
	return out
}

// TestFoldItems folds what repeats into one line, and nothing else.
func TestFoldItems(t *testing.T) {
	flaps := []string{
		"1 link eth0 carrier lost", "1.2 raw path lost", "1.9 link eth0 carrier back", "2 path satisfied via eth0 after 1.1 s",
		"5 link eth0 carrier lost", "5.2 raw path lost", "7 link eth0 carrier back", "7.1 path satisfied via eth0 after 2.1 s",
		"9 link eth0 carrier lost", "9.2 raw path lost", "10 link eth0 carrier back", "10.1 path satisfied via eth0 after 1 s",
	}
	for _, c := range []struct {
		name  string
		items []timeline.Item
		want  []string
	}{
		{"nothing", nil, nil},
		{"a-flapping-link", logOf(flaps...), []string{"▸ eth0 flapped 3 × in 9 s, down 900 ms to 2.0 s"}},
		{"what-else-happens-stands-by-itself", logOf(append([]string{"0.5 addr eth0 192.0.2.7/24 added"}, append(flaps, "11 mark hello")...)...), []string{
			"hello", "▸ eth0 flapped 3 × in 9 s, down 900 ms to 2.0 s", "eth0 192.0.2.7/24 added",
		}},
		{"even-in-the-middle-of-it", logOf(append(append(flaps[:6:6], "6 mark hello"), flaps[6:]...)...), []string{
			"hello", "▸ eth0 flapped 3 × in 9 s, down 900 ms to 2.0 s",
		}},
		{"marks-and-incidents-never", logOf("1 mark a", "2 mark a", "3 mark a", "4 incident b", "5 incident b", "6 incident b"), []string{"b", "b", "b", "a", "a", "a"}},
		{"twice-is-not-often", logOf("1 dns 192.0.2.1 timeout", "2 dns 192.0.2.1 timeout"), []string{"192.0.2.1 timeout", "192.0.2.1 timeout"}},
		{"too-far-apart", logOf("1 dns x timeout", "70 dns x timeout", "140 dns x timeout"), []string{"x timeout", "x timeout", "x timeout"}},
		{"others-are-not-the-same", logOf("1 dns 192.0.2.1 timeout", "2 dns 192.0.2.2 timeout", "3 dns 192.0.2.3 timeout"), []string{
			"192.0.2.3 timeout", "192.0.2.2 timeout", "192.0.2.1 timeout",
		}},
		{"two-at-once-are-both-named", logOf("1 link a lost", "2 link b lost", "3 link a lost", "4 link b lost", "5 link a lost"), []string{"▸ a flapped 3 ×, b flapped 2 × in 4 s"}},
		{"only-what-is-good-again", logOf("1 wifi roamed", "2 wifi roamed", "3 wifi roamed"), []string{"▸ roamed 3 × in 2 s"}},
	} {
		var got []string
		lines, _ := foldItems(c.items, nil)
		for _, i := range lines {
			got = append(got, i.Text)
		}
		if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
	// The line of a group stays the same one while the group grows.
	short, _ := foldItems(logOf(flaps[:10]...), nil)
	long, until := foldItems(logOf(flaps...), nil)
	if until != 10*time.Second {
		t.Errorf("a group until %v", until)
	}
	if short[0].Seq != long[0].Seq || short[0].Text == long[0].Text {
		t.Errorf("a group that grew: %d %q, then %d %q", short[0].Seq, short[0].Text, long[0].Seq, long[0].Text)
	}
	if open, _ := foldItems(logOf(flaps...), map[int]bool{long[0].Seq: true}); len(open) != len(flaps)+1 || !strings.HasPrefix(open[0].Text, "▾ eth0") {
		t.Errorf("unfolded: %d lines, the first is %q", len(open), open[0].Text)
	}
}

// TestFoldedEvents: a flapping link is one line of the page of events, wherever the
// cursor is; enter and a second click unfold and fold it.
func TestFoldedEvents(t *testing.T) {
	const folded, open = "▸ eth0 flapped 15 × in", "▾ eth0 flapped 15 × in"
	m := start(sceneOf(t, "flapping"), Options{}, 120, 40)
	press(t, m, "7")
	for range 8 {
		expect(t, m, folded)
		press(t, m, "left")
	}
	press(t, m, "end", "down")
	for m.scope.selected.item.Seq > 0 {
		press(t, m, "down")
	}
	press(t, m, "enter")
	expect(t, m, open)
	expect(t, m, "eth0 carrier back")
	press(t, m, "enter")
	expect(t, m, folded)
	expect(t, m, "15 × link  eth0 carrier lost") // all about the selected line
	press(t, m, "end", "3")
	expect(t, m, folded)
}

// TestFoldedLogIsKept checks that what was folded is used again while the cursor stays
// near, that the line at the cursor is always among the rows, and that a group which
// is unfolded is seen at once.
func TestFoldedLogIsKept(t *testing.T) {
	const n = 12
	p := startScope(sceneOf(t, "flapping"), Options{Width: time.Minute}, 120, 40)
	p.raw = true
	kept, pictures := 0, 0
	for _, k := range slices.Concat(slices.Repeat([]string{"left"}, 400), slices.Repeat([]string{"right"}, 100), []string{"home", "end"}) {
		tap(t, p, k)
		f := p.frame()
		was := f.folded.edge
		rows := f.log(n)
		if pictures++; f.folded.edge == was {
			kept++
		}
		if at := f.currentIndex(rows); !f.live && at < 0 && rows[len(rows)-1].Mono <= f.at || len(rows) < min(n, len(f.folded.lines)) {
			t.Fatalf("after %s at %v the cursor is at line %d of %d", k, f.at, at, len(rows))
		}
	}
	if kept < pictures/2 {
		t.Errorf("%d of %d pictures used what was folded before", kept, pictures)
	}
	for range n {
		tap(t, p, "down")
		if p.selected.on && isFold(p.selected.item) {
			tap(t, p, "enter")
			f := p.frame()
			rows := f.log(n)
			if line := rows[f.selectedIndex(rows)]; !strings.HasPrefix(line.Text, "▾") {
				t.Errorf("unfolded, the line is %+v", line)
			}
			return
		}
	}
	t.Error("there is no group")
}

// TestGroupsKeepTheirCount checks what gives way where a line is short of room.
func TestGroupsKeepTheirCount(t *testing.T) {
	const line = "▸ eth0 default via 192.0.2.1 metric 100 withdrawn 15 × in 1 min 55 s, down 400 ms to 1.2 s"
	for width, want := range map[int]string{
		90: line,
		70: "▸ eth0 default via 192.0.2.1 metric 100 withdrawn 15 × in 1 min 55 s",
		44: "▸ eth0 default via … 15 × in 1 min 55 s",
	} {
		if got := cutGroup(line, width); got != want {
			t.Errorf("in %d columns: %q, want %q", width, got, want)
		}
	}
	if got := cutGroup("▸ no count here at all", 12); got != "▸ no count …" {
		t.Errorf("without a count: %q", got)
	}
}

// TestNoticesKeepTheirClauses checks that a notice says something whole, and where the
// rest is.
func TestNoticesKeepTheirClauses(t *testing.T) {
	const notice = "no ICMP permission (permission denied): nothing can be pinged; run `sysctl -w net.ipv4.ping_group_range=\"0 2147483647\"`"
	for width, want := range map[int]string{
		78: "! no ICMP permission: nothing can be pinged · 8 says more (+1)",
		58: "! no ICMP permission · 8 says more (+1)",
	} {
		g := grid.New(width, 4, themes.Unicode)
		drawNotice(g.Area(), look{Styles: new(themes.Styles)}, []string{notice, "another"})
		if got := strings.TrimRight(g.Plain()[3], " "); got != want {
			t.Errorf("in %d columns: %q, want %q", width, got, want)
		}
	}
}
