package session

// A condition is what is known of whether a member can be read. Only inflating
// it to its end says, so a reader remembers what any of its readings found.
type condition uint32

const (
	memberUnread condition = iota
	memberWhole
	// memberDamaged is not one that merely ends too early: what a cut leaves
	// is good as far as it goes.
	memberDamaged
)

func (r *Reader) condition(i int) condition { return condition(r.conditions[i].Load()) }

// remember notes what a reading of member i found.
func (r *Reader) remember(i int, err error) {
	c := memberWhole
	if err != nil && !r.members[i].torn {
		c = memberDamaged
	}
	r.conditions[i].Store(uint32(c))
}

// readable reports whether a member can be read as far as it goes.
func (r *Reader) readable(i int) bool {
	if r.condition(i) == memberUnread {
		zip := inflaters.Get().(*inflater)
		_, _ = r.lines(i, zip) // Its condition says what failed.
		inflaters.Put(zip)
	}
	return r.condition(i) != memberDamaged
}
