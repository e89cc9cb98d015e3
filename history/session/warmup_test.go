package session

import "testing"

// TestNewest: the newest part of a recording of at most so many bytes begins where a
// member ends.
func TestNewest(t *testing.T) {
	r, err := Open("../../docs/sample.flap.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	all := int64(0)
	for i := range r.members {
		all += int64(r.members[i].size)
	}
	last := &r.members[len(r.members)-1]
	before := &r.members[len(r.members)-2]
	if all == 0 || last.size == 0 {
		t.Fatalf("%d bytes in %d members", all, len(r.members))
	}
	if got := r.newest(all); got != r.start.Mono {
		t.Errorf("all of it begins at %v, want %v", got, r.start.Mono)
	}
	if got := r.newest(int64(last.size)); got != before.last {
		t.Errorf("the last member begins at %v, want %v", got, before.last)
	}
	if got := r.newest(int64(last.size) - 1); got != last.last {
		t.Errorf("less than a member begins at %v, want %v", got, last.last)
	}
}
