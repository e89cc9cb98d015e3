package session

import (
	"fmt"
	"os"
	"slices"
	"time"

	"flapscope/monitor/fact"
)

// A Verified is what is to be known of a file before it is relied on.
type Verified struct {
	// Whole is whether nothing is missing: it ends with an end, or is being
	// written, and all between can be read.
	Whole bool `json:"whole"`
	// Complete is whether it has its end, and Open whether it is being
	// written.
	Complete bool `json:"complete"`
	Open     bool `json:"open"`
	// Journal is whether there is a journal beside it. A recording without an
	// end should have one.
	Journal bool `json:"journal"`
	// Size is what the file and its journal take, Lines what they hold, in
	// bytes, and Members the number of members.
	Size    int64     `json:"size"`
	Lines   int64     `json:"lines"`
	Members int       `json:"members"`
	Start   time.Time `json:"start"`
	End     time.Time `json:"end"`
	// Header says who wrote it; it is empty where it is lost.
	Header Header `json:"header"`
	// Flaws are the places of the file that can't be read, and Missing the
	// stretches of time about which it therefore says nothing, or of which the
	// recorder said so.
	Flaws   []Flaw    `json:"flaws"`
	Missing []Missing `json:"missing"`
}

// A Flaw is a place of a file that can't be read.
type Flaw struct {
	// Offset and End bound it in bytes.
	Offset int64 `json:"offset"`
	End    int64 `json:"end"`
	// Member is the number of the member there, if one begins there.
	Member *uint32 `json:"member,omitempty"`
	// Why is in words.
	Why string `json:"why"`
}

// A Missing is a stretch of time that a recording does not report.
type Missing struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Count is how many observations are known to be missing, or 0.
	Count int `json:"count,omitempty"`
	// Why is in words.
	Why fact.Untrusted `json:"why"`
}

// Verify reads the recording named name from its beginning to its end.
func Verify(name string) (*Verified, error) {
	r, err := Open(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	v := &Verified{
		Complete: r.Complete(), Journal: r.journaled, Members: len(r.members), Header: r.header,
		Flaws: r.flaws(), Missing: []Missing{},
	}
	from, to := r.Bounds()
	v.Start, v.End = r.wall(from), r.wall(to)
	for i := range r.members {
		v.Lines += int64(r.members[i].raw)
	}
	for _, n := range []string{name, name + journalSuffix} {
		if info, err := os.Stat(n); err == nil {
			v.Size += info.Size()
		}
	}
	v.Open = v.Journal && !v.Complete && inUse(name+journalSuffix)
	if err := r.missing(v); err != nil {
		return nil, err
	}
	v.Whole = (v.Complete || v.Open) && len(v.Flaws) == 0 && len(v.Missing) == 0
	return v, nil
}

// flaws returns the places that can't be read, in order.
func (r *Reader) flaws() []Flaw {
	flaws := slices.Clone(r.damage)
	zip := inflaters.Get().(*inflater)
	defer inflaters.Put(zip)
	for i := range r.members {
		m := &r.members[i]
		if m.held != nil {
			continue
		}
		_, err := r.lines(i, zip)
		if err == nil && m.torn {
			err = errTorn
		}
		if err != nil && len(flaws) < maxDamage {
			flaws = append(flaws, Flaw{Offset: m.offset, End: m.offset + int64(m.size), Member: &m.number, Why: err.Error()})
		}
	}
	slices.SortStableFunc(flaws, func(a, b Flaw) int { return int(a.Offset - b.Offset) })
	return flaws
}

// missing collects the stretches about which a recording says nothing. Those
// that go on from each other are one.
func (r *Reader) missing(v *Verified) error {
	for o, err := range r.All() {
		if err != nil {
			return err
		}
		g, ok := o.Fact.(*fact.Gap)
		if !ok || g.Reason != fact.GapRecorder {
			continue
		}
		if n := len(v.Missing); n > 0 && !v.Missing[n-1].To.Before(r.wall(g.From)) {
			last := &v.Missing[n-1]
			last.To, last.Count = r.wall(g.To), last.Count+g.Count
			continue
		}
		if len(v.Missing) >= maxDamage {
			return nil
		}
		v.Missing = append(v.Missing, Missing{From: r.wall(g.From), To: r.wall(g.To), Count: g.Count, Why: g.Text})
	}
	return nil
}

// String says it in words for people.
func (f Flaw) String() string {
	if f.Member == nil {
		return fmt.Sprintf("bytes %d to %d: %s", f.Offset, f.End, f.Why)
	}
	return fmt.Sprintf("bytes %d to %d, member %d: %s", f.Offset, f.End, *f.Member, f.Why)
}
