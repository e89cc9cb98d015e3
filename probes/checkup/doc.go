// Package checkup asks everything at once that one diagnosis needs, and only
// what the answers call for after that. It takes some milliseconds where all is
// well, and four seconds at most.
//
// What the answers mean is not its business: it returns evidence, which package
// verdict judges.
package checkup
