package session

// The limits within which a file is read. What this package writes stays far
// below all of them.
const (
	// maxLine bounds one line: a path event of a machine with a thousand
	// interfaces has some 500 kB.
	maxLine = 4 << 20
	// maxRaw bounds the lines of one member and of the journal, and maxPacked
	// a member in the file: deflate adds no more than five bytes to a block.
	maxRaw    = 64 << 20
	maxPacked = maxRaw + 1<<20
	// maxRatio bounds how far a member may inflate that claims to hold more
	// than smallRaw. Deflate's own limit is 1032; lines with times do not
	// reach 100.
	maxRatio = 200
	smallRaw = 1 << 20
	// maxTotal bounds the lines of a whole file, and maxMembers the number of
	// its members: half a year of minutes.
	maxTotal   = 16 << 30
	maxMembers = 1 << 18
	// maxLoose bounds the lines of a file that another tool compressed again,
	// which are held in memory, compressed.
	maxLoose = 256 << 20
	// maxRollups bounds the lines of all rollups together; those of a week of
	// fifty targets have some 20 MB.
	maxRollups = 64 << 20
	// maxSums bounds the rollups, each of which is larger in memory than its
	// shortest line: of an hour each, those of two years.
	maxSums = 1 << 14
	// maxTargets bounds the targets of a recording, and maxID the ID of each in
	// samples.
	maxTargets = 4096
	maxID      = 4 << 10
	// maxRows bounds the rows of the tables: more routes than fit into a snapshot.
	// maxTable bounds those of each other kind, and maxLinks the interfaces: each
	// evaluation of the path looks at all of these.
	maxRows  = 1 << 18
	maxTable = 1 << 15
	maxLinks = 1 << 13
	// maxRowBytes bounds the rows by the lines that they would have in a snapshot.
	maxRowBytes = 48 << 20
	// maxObservation bounds the line of one observation: a route by a thousand
	// gateways has some 60 kB.
	maxObservation = 256 << 10
	// maxGroup bounds the observations that wait for the next line of samples, and
	// maxGroupBytes their lines.
	maxGroup      = 1 << 16
	maxGroupBytes = 8 << 20
	// maxBatchBytes bounds the lines of what is handed over at once.
	maxBatchBytes = 1 << 20
	// maxDamage bounds what is reported of damage.
	maxDamage = 100
)
