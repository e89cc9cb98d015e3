package fact

// A Sampled fact is one of a series that is taken at intervals. A recording
// keeps the numbers of a series as columns, which take a tenth of the room of
// lines, so all that the fact says must be in its series and its numbers.
type Sampled interface {
	Fact
	// Series tells apart what is sampled among the facts of the kind: an index,
	// an address. It is "" where there is only one.
	Series() string
	// Columns names the numbers; they are the same for all facts of a kind.
	Columns() []string
	// Numbers appends the numbers to dst, in the order of Columns.
	Numbers(dst []int64) []int64
	// Sample makes the fact the one with a series and its numbers, of which
	// there are as many as Columns, or returns an error if there is none.
	Sample(series string, numbers []int64) error
}
