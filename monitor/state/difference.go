package state

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"flapscope/monitor/fact"
)

// A DifferenceDocument is what changed between two instants in the words of
// "ip -j": the output of the state command with --diff. Its JSON form is a stable
// contract: additions only.
type DifferenceDocument struct {
	From     string        `json:"from"`
	FromMono time.Duration `json:"from_mono_ns"`
	To       string        `json:"to"`
	ToMono   time.Duration `json:"to_mono_ns"`
	Changes  []Change      `json:"changes"`
}

// The words for what happened to a row.
const (
	ChangeAdded   = "added"
	ChangeRemoved = "removed"
	ChangeChanged = "changed"
)

// A Change is a row that is there at only one of two instants, or that says
// something else.
type Change struct {
	Change string    `json:"change"`
	Kind   fact.Kind `json:"kind"`
	// Before and After are the row at both instants, as Document has it.
	Before any `json:"before,omitempty"`
	After  any `json:"after,omitempty"`
	// Fields are the keys that differ, of a row that is there at both.
	Fields []FieldChange `json:"fields,omitempty"`
	// Words say which row it is.
	Words fact.Untrusted `json:"-"`
}

// A FieldChange is a key of a row and its values, as JSON, "" where it is left
// out.
type FieldChange struct {
	Key    string          `json:"key"`
	Before json.RawMessage `json:"before,omitempty"`
	After  json.RawMessage `json:"after,omitempty"`
}

// Difference returns what changed from one state to another. What goes by itself
// is no change: the seconds of a lifetime, and the states of a neighbour that
// answers.
func Difference(from, to *State) *DifferenceDocument {
	d := &DifferenceDocument{
		From: fact.FormatTime(from.Time), FromMono: from.Mono, To: fact.FormatTime(to.Time), ToMono: to.Mono, Changes: []Change{},
	}
	before, after := from.described(), to.described()
	for key, old := range before {
		switch row, ok := after[key]; {
		case !ok:
			d.Changes = append(d.Changes, Change{Change: ChangeRemoved, Kind: old.kind, Before: old.doc, Words: old.words})
		default:
			if fields := differing(old, row); len(fields) > 0 {
				d.Changes = append(d.Changes, Change{Change: ChangeChanged, Kind: row.kind, Before: old.doc, After: row.doc, Fields: fields, Words: row.words})
			}
		}
	}
	for key, row := range after {
		if _, ok := before[key]; !ok {
			d.Changes = append(d.Changes, Change{Change: ChangeAdded, Kind: row.kind, After: row.doc, Words: row.words})
		}
	}
	slices.SortFunc(d.Changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.Kind.Rank(), b.Kind.Rank()), cmp.Compare(b.Change, a.Change), cmp.Compare(a.Words, b.Words))
	})
	return d
}

// A describedRow is a row of a table as its document has it.
type describedRow struct {
	kind  fact.Kind
	doc   any
	words fact.Untrusted
}

// described returns the rows that a document has, by what makes them the same
// row at two instants.
func (s *State) described() map[string]describedRow {
	rows, d := map[string]describedRow{}, Describe(s)
	put := func(kind fact.Kind, doc any, words string, key ...any) {
		rows[fmt.Sprint(kind, key)] = describedRow{kind, doc, fact.Untrusted(words)}
	}
	for _, l := range d.Links {
		put(fact.KindLink, l, string(l.Name), l.Index)
	}
	for _, a := range d.Addresses {
		put(fact.KindAddress, a, fmt.Sprintf("%s/%d dev %s", a.Local, a.PrefixLen, string(a.Name)), a.Index, a.Local, a.PrefixLen, a.Peer)
	}
	for _, r := range d.Routes {
		put(fact.KindRoute, r, r.words(), r.Family, r.words(), r.From, r.TOS, r.NHID)
	}
	for _, r := range d.Rules {
		words := fmt.Sprintf("%d: from %s %s", r.Priority, r.Src, r.Action)
		if r.Action == fact.RuleToTable {
			words = fmt.Sprintf("%d: from %s lookup table %d", r.Priority, r.Src, r.Table)
		}
		b, _ := fact.AppendJSON(nil, r)
		put(fact.KindRule, r, words, string(b))
	}
	for _, n := range d.Neighbours {
		put(fact.KindNeighbour, n, fmt.Sprintf("%s dev %s", n.Dst, string(n.Name)), n.Index, n.Dst, n.Proxy)
	}
	for _, n := range d.Nexthops {
		put(fact.KindNexthop, n, fmt.Sprintf("id %d", n.ID), n.ID)
	}
	for _, r := range d.Resolvers {
		put(fact.KindResolver, r, string(r.Words()), r.Source)
	}
	return rows
}

// words are what identifies a route, as ip(8) prints it.
func (r *routeDocument) words() string {
	var b strings.Builder
	if r.Type != fact.RouteUnicast {
		fmt.Fprintf(&b, "%s ", r.Type)
	}
	b.WriteString(r.Dst)
	for _, n := range append([]legDocument{{Gateway: r.Gateway, Dev: r.Dev}}, r.Nexthops...) {
		if n.Gateway.IsValid() {
			fmt.Fprintf(&b, " via %s", n.Gateway)
		}
		if n.Dev != "" {
			b.WriteString(" dev " + string(n.Dev))
		}
	}
	if r.Metric != 0 {
		fmt.Fprintf(&b, " metric %d", r.Metric)
	}
	if r.Table != 254 {
		fmt.Fprintf(&b, " table %d", r.Table)
	}
	return b.String()
}

// differing returns the keys in which two rows differ.
func differing(before, after describedRow) (out []FieldChange) {
	a, b := fieldsOf(before), fieldsOf(after)
	keys := maps.Clone(a)
	maps.Copy(keys, b)
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		if string(a[k]) != string(b[k]) {
			out = append(out, FieldChange{k, a[k], b[k]})
		}
	}
	return out
}

// fieldsOf returns the keys of a row, without what changes by itself.
func fieldsOf(r describedRow) map[string]json.RawMessage {
	fields := map[string]json.RawMessage{}
	b, err := fact.AppendJSON(nil, r.doc)
	if err != nil || json.Unmarshal(b, &fields) != nil {
		return nil
	}
	delete(fields, "valid_life_time")
	delete(fields, "preferred_life_time")
	if n, ok := r.doc.(neighbourDocument); ok && n.State&fact.NeighbourFailed == 0 {
		delete(fields, "state")
	}
	return fields
}
