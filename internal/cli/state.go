package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"flapscope/history/session"
	"flapscope/internal/term"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// maxLine bounds a line of a stream: the longest fact, a multipath route with
// hundreds of hops, is a tenth of it.
const maxLine = 1 << 20

// foldStream folds the lines that "events --all --json" printed and returns
// the state at their end. Lines of other kinds are skipped; a line that is no
// JSON of ours gives an error that names it.
func foldStream(in io.Reader) (*state.State, error) {
	s := state.NewState()
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	n := 0
	for lines.Scan() {
		n++
		if len(lines.Bytes()) == 0 {
			continue
		}
		o, err := fact.ParseObservation(lines.Bytes())
		switch {
		case errors.Is(err, fact.ErrUnknownKind):
			// path and episode events: found by the fold, not observed.
		case err != nil:
			return nil, fmt.Errorf("line %d: %w; want the output of flapscope events --all --json", n, err)
		default:
			s.Apply(o)
		}
		if n%session.CheckEvery == 0 {
			if err := session.CheckRows(s); err != nil {
				return nil, fmt.Errorf("line %d: %w", n, err)
			}
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", n+1, err)
	}
	return s, nil
}

// printState prints the tables of an instant as JSON or for people.
func printState(out io.Writer, s *state.State, at time.Time, asJSON bool) error {
	d := state.Describe(s)
	if asJSON {
		return writeJSON(out, d)
	}
	w := term.NewTable(out)
	if !at.IsZero() {
		w.Row(at.Format("2006-01-02 15:04:05.000 -07:00"))
	}
	w.Row("LINKS")
	for _, l := range d.Links {
		w.Row("  "+l.Name.Display(), l.Type, l.OperState, l.Address, fmt.Sprintf("mtu %d", l.MTU), l.Kind)
	}
	w.Row("ADDRESSES")
	for _, a := range d.Addresses {
		w.Row("  "+a.Name.Display(), fmt.Sprintf("%s/%d", a.Local, a.PrefixLen), a.Scope, a.Lifetimes())
	}
	w.Row("ROUTES")
	for _, r := range d.Routes {
		w.Row("  table "+tableName(r.Table), fmt.Sprintf("%s %s", r.Type, r.Dst),
			orDash(r.Gateway.IsValid(), r.Gateway), r.Dev, fmt.Sprintf("metric %d", r.Metric), r.Protocol, r.Flags)
		for _, n := range r.Nexthops {
			w.Row("", "  nexthop", orDash(n.Gateway.IsValid(), n.Gateway), n.Dev, fmt.Sprintf("weight %d", n.Weight), "", n.Flags)
		}
	}
	w.Row("RULES")
	for _, r := range d.Rules {
		w.Row(fmt.Sprintf("  %s", r.Family), r.Priority, "from "+r.Src, r.FwMark, r.Action, "table "+tableName(r.Table))
	}
	w.Row("NEIGHBOURS")
	for _, n := range d.Neighbours {
		w.Row("  "+n.Name.Display(), n.Dst, n.LLAddr, n.State)
	}
	w.Row("RESOLVERS")
	for _, r := range d.Resolvers {
		w.Row("  " + r.Words().Display())
	}
	for _, n := range d.Notes {
		w.Row(fmt.Sprintf("NOTE  %s", n))
	}
	return w.Flush()
}

// tableName names a routing table as ip(8) does without a file of names.
func tableName(n uint32) string {
	switch n {
	case 253:
		return "default"
	case 254:
		return "main"
	case 255:
		return "local"
	}
	return strconv.FormatUint(uint64(n), 10)
}

func orDash(ok bool, v any) string {
	if !ok {
		return "-"
	}
	return fmt.Sprint(v)
}

// writeJSON prints one object, with indentation that jq would give it.
func writeJSON(out io.Writer, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := out.Write(fact.EscapeJSON(b.Bytes(), 0))
	return err
}
