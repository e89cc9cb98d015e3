package cli

// RecordDay writes the recording of a day that benchmarks read.
var RecordDay = recordDay
