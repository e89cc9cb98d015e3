package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"flapscope/monitor"
)

// maxLine bounds a line of a stream: the longest fact, a multipath route with
// hundreds of legs, is a tenth of it.
const maxLine = 1 << 20

// foldStream folds the lines that "events --all --json" printed and returns
// the state at their end. Lines of other kinds are skipped; a line that is no
// JSON of ours gives an error that names it.
func foldStream(in io.Reader) (*monitor.State, error) {
	s := monitor.NewState()
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	n := 0
	for lines.Scan() {
		n++
		if len(lines.Bytes()) == 0 {
			continue
		}
		o, err := monitor.ParseObservation(lines.Bytes())
		switch {
		case errors.Is(err, monitor.ErrUnknownKind):
			// path and episode events: found by the fold, not observed.
		case err != nil:
			return nil, fmt.Errorf("line %d: %w; want the output of flapscope events --all --json", n, err)
		default:
			s.Apply(o)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", n+1, err)
	}
	return s, nil
}

// printState prints the tables as JSON or for people.
func printState(out io.Writer, s *monitor.State, asJSON bool) error {
	d := monitor.Describe(s)
	if asJSON {
		return writeJSON(out, d)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "LINKS\n")
	for _, l := range d.Links {
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\tmtu %d\t%s\n", l.Name, l.Type, l.OperState, l.Address, l.MTU, l.Kind)
	}
	fmt.Fprintf(w, "ADDRESSES\n")
	for _, a := range d.Addresses {
		fmt.Fprintf(w, "  %s\t%s/%d\t%s\n", a.Name, a.Local, a.PrefixLen, a.Scope)
	}
	fmt.Fprintf(w, "ROUTES\n")
	for _, r := range d.Routes {
		fmt.Fprintf(w, "  table %d\t%s %s\t%s\t%s\tmetric %d\t%s\n", r.Table, r.Type, r.Dst, orDash(r.Gateway.IsValid(), r.Gateway), r.Dev, r.Metric, r.Protocol)
	}
	fmt.Fprintf(w, "RULES\n")
	for _, r := range d.Rules {
		fmt.Fprintf(w, "  %s\t%d\tfrom %s\t%s\t%s\ttable %d\n", r.Family, r.Priority, r.Src, r.FwMark, r.Action, r.Table)
	}
	fmt.Fprintf(w, "NEIGHBOURS\n")
	for _, n := range d.Neighbours {
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", n.Name, n.Dst, n.LLAddr, n.State)
	}
	fmt.Fprintf(w, "RESOLVERS\n")
	for _, r := range d.Resolvers {
		fmt.Fprintf(w, "  %s\n", otherText(r))
	}
	for _, n := range d.Notes {
		fmt.Fprintf(w, "NOTE  %s\n", n)
	}
	return w.Flush()
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
	_, err := out.Write(monitor.EscapeJSON(b.Bytes(), 0))
	return err
}
