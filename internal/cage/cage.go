package cage

import (
	"os"
	"runtime/debug"
)

// A Process is the cage of this process. The zero Process is ready.
type Process struct{}

// What reading recordings of others may take before the garbage collector gives it
// all it has: an ordinary day has some 4 MB and takes half of the first limit, a week
// of samples takes a fifth of the second.
const (
	ordinary       = 16 << 20
	ordinaryMemory = 80 << 20
	memoryLimit    = 1 << 30
)

// limitMemory sets the limit for files, unless the user did (GOMEMLIMIT).
func limitMemory(files []string) {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	size := int64(0)
	for _, name := range files {
		if info, err := os.Stat(name); err == nil {
			size += info.Size()
		}
	}
	if size <= ordinary {
		debug.SetMemoryLimit(ordinaryMemory)
	} else {
		debug.SetMemoryLimit(memoryLimit)
	}
}
