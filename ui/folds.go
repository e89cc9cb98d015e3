package ui

import (
	"cmp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"flapscope/history/timeline"
	"flapscope/internal/text"
	"flapscope/ui/grid"
)

const (
	// foldWithin is how soon a line must come again to be one that repeats: for as
	// long as that an incident waits whether its root fails again.
	foldWithin = time.Minute
	// foldFrom is how often a line must come again to make a group, and foldAlso how
	// often one must be within its time to be part of it.
	foldFrom, foldAlso = 3, 2
	// foldAfter is how long after the last line of a group what follows from it may
	// come: a path is settled only when it held for a while.
	foldAfter = 2 * time.Second
	// mostFolded is how many lines are looked at for the groups of one list.
	mostFolded = 4000
)

// A foldGroup is lines that come again and again, and the time from the first to the
// last.
type foldGroup struct {
	span  timeline.Span
	items []timeline.Item
	keys  []string
}

// foldItems puts lines that come again and again, newest first, into groups: of each
// group one line remains, where it began, or stands above its lines when it is
// unfolded. The line has the number of the oldest in its group, negated: it stays
// the same one while the group grows. What else happened meanwhile has its own lines.
// It returns also the newest instant of a group: what comes within foldWithin of it
// may belong there.
func foldItems(items []timeline.Item, unfolded map[int]bool) (lines []timeline.Item, until time.Duration) {
	keys := make([]string, len(items))
	for i := range items {
		keys[i] = foldKey(&items[i])
	}
	member := make([]*foldGroup, len(items))
	// A link explains what else comes and goes with it.
	foldThose(items, keys, member, func(i *timeline.Item) bool { return i.Kind == "link" })
	foldThose(items, keys, member, func(*timeline.Item) bool { return true })
	seen := map[*foldGroup]int{}
	heads := map[*foldGroup]timeline.Item{}
	for i, item := range items {
		g := member[i]
		if g == nil {
			lines = append(lines, item)
			continue
		}
		if seen[g]++; seen[g] == 1 {
			heads[g] = g.head()
		}
		head := heads[g]
		until = max(until, g.span.To)
		switch open := unfolded[head.Seq]; {
		case open && seen[g] == 1:
			head.Time, head.Mono, head.Text = item.Time, item.Mono, "▾ "+head.Text
			lines = append(lines, head, item)
		case open:
			lines = append(lines, item)
		case seen[g] == len(g.items):
			head.Text = "▸ " + head.Text
			lines = append(lines, head)
		}
	}
	return lines, until
}

// foldThose makes groups of the wanted lines that repeat and are in none, each with
// all that repeats while it lasts, and notes of each line in which it is.
func foldThose(items []timeline.Item, keys []string, member []*foldGroup, wanted func(*timeline.Item) bool) {
	// A chain is how often one line came again, and when.
	type chain struct {
		n    int
		span timeline.Span
	}
	var long []timeline.Span
	chains := map[string]*chain{}
	end := func(c *chain) {
		if c != nil && c.n >= foldFrom {
			long = append(long, c.span)
		}
	}
	for i := range items {
		if keys[i] == "" || member[i] != nil || !wanted(&items[i]) {
			continue
		}
		at, c := items[i].Mono, chains[keys[i]]
		if c == nil || c.span.From-at > foldWithin {
			end(c)
			c = &chain{span: timeline.Span{To: at}}
			chains[keys[i]] = c
		}
		c.n++
		c.span.From = at
	}
	for _, c := range chains {
		end(c)
	}
	for _, g := range joinSpans(long) {
		first := sort.Search(len(items), func(i int) bool { return items[i].Mono <= g.span.To+foldAfter })
		past := sort.Search(len(items), func(i int) bool { return items[i].Mono < g.span.From })
		counts := map[string]int{}
		for i := first; i < past; i++ {
			if member[i] == nil {
				counts[keys[i]]++
			}
		}
		for i := first; i < past; i++ {
			if keys[i] != "" && member[i] == nil && counts[keys[i]] >= foldAlso {
				g.items, g.keys, member[i] = append(g.items, items[i]), append(g.keys, keys[i]), g
			}
		}
	}
}

// joinSpans makes a group of spans that overlap.
func joinSpans(spans []timeline.Span) (out []*foldGroup) {
	slices.SortFunc(spans, func(a, b timeline.Span) int { return cmp.Compare(a.From, b.From) })
	for _, s := range spans {
		if n := len(out); n > 0 && s.From <= out[n-1].span.To {
			out[n-1].span.To = max(out[n-1].span.To, s.To)
			continue
		}
		out = append(out, &foldGroup{span: s})
	}
	return out
}

// foldKey is what is the same in lines that say the same again: their words without
// the figures. It is "" for lines that are never folded.
func foldKey(i *timeline.Item) string {
	switch i.Kind {
	case "incident", "episode", "gap", "mark", "note", "check":
		return ""
	}
	var b strings.Builder
	b.WriteString(i.Kind)
	for word := range strings.FieldsSeq(i.Text) {
		if !isFigure(strings.Trim(word, "(),+×±")) {
			b.WriteByte(' ')
			b.WriteString(word)
		}
	}
	return b.String()
}

// isFigure reports whether a word is a number: most are not, and what begins
// otherwise is not parsed for it.
func isFigure(word string) bool {
	if word == "" || !strings.ContainsRune("-.0123456789", rune(word[0])) {
		return false
	}
	_, err := strconv.ParseFloat(word, 64)
	return err == nil
}

// head is the line of the group.
func (g *foldGroup) head() timeline.Item {
	group, keys := g.items, g.keys
	counts := map[string]int{}
	most := 0
	for _, k := range keys {
		counts[k]++
		most = max(most, counts[k])
	}
	oldest := group[len(group)-1]
	head := timeline.Item{
		Seq: -oldest.Seq, Time: oldest.Time, Mono: oldest.Mono, Mark: timeline.MarkProbe, Severity: timeline.LevelDegraded,
	}
	var what []string
	lost := map[string]int{}
	for i, item := range slices.Backward(group) {
		n := counts[keys[i]]
		if n == 0 {
			continue // said already
		}
		counts[keys[i]] = 0
		head.Detail = append(head.Detail, num(int64(n))+" × "+item.Kind+"  "+item.Text)
		if item.Mark != timeline.MarkDown && item.Mark != timeline.MarkProbe || item.Kind == "raw" {
			continue
		}
		if head.Kind == "" || item.Kind == "link" && head.Kind != "link" {
			head.Kind, what = item.Kind, nil // a link explains what else is lost
		}
		if words := foldWords(&item); item.Kind == head.Kind {
			if lost[words] == 0 {
				what = append(what, words)
			}
			lost[words] += n
		}
	}
	if len(what) == 0 {
		head.Kind, what = oldest.Kind, []string{oldest.Text}
		lost[oldest.Text] = most
	}
	down := ""
	if len(what) == 1 {
		down = lostFor(group)
	}
	for i, words := range what {
		what[i] = words + " " + num(int64(lost[words])) + " ×"
	}
	head.Text = strings.Join(what, ", ") + " in " + text.Elapsed(group[0].Mono-oldest.Mono) + down
	return head
}

// cutGroup shortens the line of a group to at most width columns: how long gives way,
// then what came again by whole words, never how often.
func cutGroup(line string, width int) string {
	what, rest, ok := strings.Cut(line, " × in ")
	if n := strings.LastIndexByte(what, ' '); ok && n >= 0 && grid.Width(line) > width {
		over, _, _ := strings.Cut(rest, ",")
		often := what[n:] + " × in " + over
		return cutWords(what[:n], width-grid.Width(often)) + often
	}
	return cutWords(line, width)
}

// foldWords says what happened again and again.
func foldWords(i *timeline.Item) string {
	if i.Kind != "link" {
		return i.Text
	}
	name, _, _ := strings.Cut(i.Text, " ")
	return name + " flapped"
}

// lostFor says for how long a link was lost each time, as ", down 400 ms to 1.2 s".
func lostFor(group []timeline.Item) string {
	var least, most, since time.Duration
	for _, item := range slices.Backward(group) {
		switch {
		case item.Kind != "link":
		case item.Mark == timeline.MarkDown:
			since = item.Mono
		case since > 0 && item.Mark == timeline.MarkUp:
			d := item.Mono - since
			if least == 0 || d < least {
				least = d
			}
			most, since = max(most, d), 0
		}
	}
	from, to := text.Duration(least), text.Duration(most)
	switch {
	case most == 0:
		return ""
	case from == to:
		return ", down " + to
	}
	return ", down " + from + " to " + to
}

// toggleFold unfolds the group whose line is selected, or folds it again.
func (c *choice) toggleFold() {
	if c.unfolded == nil {
		c.unfolded = map[int]bool{}
	}
	seq := c.selected.item.Seq
	c.unfolded[seq] = !c.unfolded[seq]
	c.toggles++
}

// isFold reports whether an item is the line of a group.
func isFold(i timeline.Item) bool { return i.Seq < 0 }
