package cage

import (
	"os"
	"runtime/debug"
)

// A Process is the cage of this process. The zero Process is ready.
type Process struct{}

// memoryLimit is what reading a recording of others may take before the garbage
// collector gives it all it has: a week of samples takes a fifth of it.
const memoryLimit = 1 << 30

// limitMemory sets the limit, unless the user did (GOMEMLIMIT).
func limitMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}
