package ui

import (
	"strings"

	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// said splits the sentence of an incident into what is wrong and what still
// works, which may be "".
func said(i *fold.Incident) (what, works string) {
	what, works, _ = clauses(i)
	return what, works
}

// clauses splits the sentence of an incident into what is wrong, what still works, and
// what could have stood in; the latter two may be "".
func clauses(i *fold.Incident) (what, works, spare string) {
	stood := i.StoodBy()
	sentence, found := strings.CutSuffix(string(i.Text), stood)
	if found {
		spare = fact.Untrusted(strings.TrimPrefix(stood, "; ")).Display()
	}
	what = fact.Untrusted(sentence).Display()
	if at := strings.LastIndex(what, "; "); at >= 0 && workEnd(what) < len(what) {
		what, works = what[:at], what[at+2:]
	}
	return what, works, spare
}

// workEnd returns how much of what still works comes before the verb.
func workEnd(works string) int {
	for _, verb := range []string{" worked", " works", " work"} {
		if bare, ok := strings.CutSuffix(works, verb); ok {
			return len(bare)
		}
	}
	return len(works)
}

// headlines returns what is wrong in fewer and fewer words, for a line that
// must hold it at any width.
func headlines(i *fold.Incident) []string {
	what, _ := said(i)
	out := []string{what}
	if head, _, ok := strings.Cut(what, " ×, "); ok {
		out = append(out, head+" ×")
	}
	if first, _, ok := strings.Cut(what, ", then "); ok {
		out = append(out, first)
	}
	brief := i.Brief().Display()
	head, _, _ := strings.Cut(brief, ": ")
	least := text.Words(i.Root.What)
	if f := i.Root.Family; f != 0 {
		least = f.Title() + " " + least
	}
	if n := i.Root.Interface; n != "" {
		least += " on " + n.Display()
	}
	return append(out, brief, head, least)
}

// longest returns the first of some choices that fits, or what of the last one
// does.
func longest(choices []string, width int) string {
	for _, c := range choices {
		if grid.Width(c) <= width {
			return c
		}
	}
	return cutWords(choices[len(choices)-1], width)
}

// nameEnd returns how much of a sentence is the name of what it is about: up to
// the first address or interface that it names.
func nameEnd(what string, i *fold.Incident) int {
	end := 0
	for _, name := range []string{i.Root.Entity.Display(), i.Root.Interface.Display()} {
		if at := strings.Index(what, name); name != "" && at >= 0 && (end == 0 || at+len(name) < end) {
			end = at + len(name)
		}
	}
	return end
}

// rootWord names the root of an incident in one word, for a bar.
func rootWord(i *fold.Incident) string {
	r := &i.Root
	switch r.What {
	case path.Loss:
		return "loss"
	case path.Latency:
		return "slow"
	}
	switch r.Leg {
	case path.LegLink, path.LegRadio, path.LegTunnel:
		if r.Interface != "" {
			return r.Interface.Display()
		}
	case path.LegInternet:
		if r.Family != 0 {
			return r.Family.Title()
		}
		return "upstream"
	}
	return string(r.Leg)
}

// going returns the incidents that go on, those that are worse first; of two
// that are alike the older one.
func going(all []*fold.Incident) (out []*fold.Incident) {
	for _, severity := range []fold.Severity{fold.SeverityOutage, fold.SeverityDegraded} {
		for _, i := range all {
			if i.Phase != fold.PhaseClosed && i.Severity == severity {
				out = append(out, i)
			}
		}
	}
	return out
}

// severityMark says by shape and colour how bad an incident is.
func (k look) severityMark(i *fold.Incident) (rune, themes.Style) {
	switch i.Severity {
	case fold.SeverityOutage:
		return '×', k.Bad
	case fold.SeverityDegraded:
		return '!', k.Warn
	}
	return '·', k.Muted
}
