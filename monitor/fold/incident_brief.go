package fold

import (
	"flapscope/monitor/fact"
)

// Brief says the incident in few words, where there is no room for all of its
// sentence: what it is about, by one name, and what is wrong with that.
func (i *Incident) Brief() fact.Untrusted { return i.brief(false) }

// brief is Brief. Mends is as in sentence.
func (i *Incident) brief(mends bool) fact.Untrusted {
	c := clause{i.Root, []*fault{{Root: i.Root}}, i}
	return fact.Untrusted(c.subject() + " " + c.predicate(i.Open() && !mends))
}
