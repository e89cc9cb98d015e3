// Package verdict says what the outcomes of one diagnosis mean: each leg of the
// way as well, not well or not asked, the one root that explains the rest, and
// what is worth a note. It is pure: the same outcomes give the same verdict,
// wherever they come from.
package verdict
