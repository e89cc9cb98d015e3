package timeline

import (
	"slices"
	"sort"
	"time"

	"flapscope/monitor/path"
)

// A stretch is what was observed of an interface between two looks at it, or
// within a minute.
type stretch[T any] struct {
	from, to time.Duration
	value    T
}

// tiers are the past of an interface, in order: by the second, and further back by
// the minute. Views share their memory: what is there is never written again.
type tiers[T any] struct{ fine, coarse []stretch[T] }

// over calls fn for what touches a span: by the second as far back as that reaches,
// by the minute before. End is that of what is known.
func (t *tiers[T]) over(span Span, end time.Duration, fn func(s *stretch[T])) {
	exact := end + 1
	if len(t.fine) > 0 {
		exact = t.fine[0].from
	}
	coarse := after(t.coarse, span.From)
	for i := range coarse {
		if s := &coarse[i]; s.from >= span.To || s.to > exact {
			break
		}
		fn(&coarse[i])
	}
	fine := after(t.fine, span.From)
	for i := range fine {
		if fine[i].from >= span.To {
			return
		}
		fn(&fine[i])
	}
}

// after returns those that end after an instant.
func after[T any](list []stretch[T], at time.Duration) []stretch[T] {
	i := sort.Search(len(list), func(i int) bool { return list[i].to > at })
	return list[i:]
}

// bounded drops all but the newest, when there are twice as many as are kept.
func bounded[T any](list []T, most int) []T {
	if len(list) < 2*most {
		return list
	}
	return slices.Clone(list[len(list)-most:])
}

// goneAfter is how long nothing was heard of an interface that makes room for
// another: those that come and go would keep all the room for a day.
const goneAfter = 10 * time.Second

// dropGone forgets the interface of which nothing was heard for longest, by the
// instant when something was, and reports whether there was one that is gone.
func dropGone[T any](all map[int]T, at time.Duration, heard func(T) time.Duration) bool {
	stalest := -1
	for index, x := range all {
		if stalest < 0 || heard(x) < heard(all[stalest]) {
			stalest = index
		}
	}
	if stalest < 0 || at-heard(all[stalest]) < goneAfter {
		return false
	}
	delete(all, stalest)
	return true
}

// indexOf returns the index of the interface of a scope, or -1.
func (v *View) indexOf(scope path.ScopeName) int {
	i := slices.IndexFunc(v.lanes, func(l lane) bool { return l.Scope == scope })
	if i < 0 {
		return -1
	}
	return v.lanes[i].Index
}

// eachView calls fn for each view that knows of a span, with n columns of all of it
// and the stretch that the view knows, on the view's axis.
func (j *Joined) eachView(span Span, n int, fn func(v *View, c columns, owned Span)) {
	if !(columns{span, n}).valid() {
		return
	}
	j.within(span, func(p *Part, owned Span) {
		if p.View != nil {
			fn(p.View, columns{Span{span.From - p.Shift, span.To - p.Shift}, n}, Span{owned.From - p.Shift, owned.To - p.Shift})
		}
	})
}
