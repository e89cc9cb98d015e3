// Package session writes and reads recordings: JSON Lines in gzip members of
// about a minute, which every gzip and every JSON tool reads, and which are
// found without reading what lies before them. docs/session-format.md is the
// description of the format.
//
// A recording holds observations. Folding them again gives the same
// transitions and episodes, to the bit, as folding them live did, if they were
// stamped by a fact.Sequencer before both.
package session
