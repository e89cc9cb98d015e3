// Package text writes durations, sizes and words, so that one outage has one
// length wherever it is read.
//
// Which form is used where:
//
//   - Duration, "8.0 s" and "2 min 10 s", in every sentence and table: events,
//     reports, notices, what commands print.
//   - DurationAs, in a pattern alone: the spread of a period has the digits of
//     that period.
//   - Compact, "8.0s" and "2m 10s", where a column of the screen has no room
//     for more, and Age for one that counts up there;
//     Elapsed counts up where there is room.
//   - Setting and ExactSize, "2m10s" and "500MB", in settings and flags: what
//     is printed can be put in again.
//   - Size, "21 MB", wherever a person reads how large something is.
//
// JSON has none of them: there a duration is a number of nanoseconds.
package text
