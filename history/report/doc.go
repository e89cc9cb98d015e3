// Package report says of a recording what was wrong: first in one sentence, then
// by incident, then on one axis of time, then in figures with their intervals.
// A Report is built once; what it is written as, Markdown, HTML, JSON or CSV,
// adds nothing to it. It reads no clock and no file.
package report
