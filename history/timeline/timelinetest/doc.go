// Package timelinetest has stretches of time for tests of what is counted from
// a timeline.
package timelinetest
