package cage

import (
	"os"
	"runtime/debug"
)

// A Process is the cage of this process. The zero Process is ready.
type Process struct{}

// Ordinary is how many bytes the recording of an ordinary day has at most: it has some
// 4 MB.
const Ordinary = 16 << 20

// What reading recordings of others may take before the garbage collector gives it
// all it has: an ordinary day takes half of the first limit, a week of samples a fifth
// of the second.
const (
	ordinaryMemory = 80 << 20
	memoryLimit    = 1 << 30
)

// limitMemory sets the limit for files, unless the user did (GOMEMLIMIT).
func limitMemory(files []string) {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	if SizeOf(files...) <= Ordinary {
		debug.SetMemoryLimit(ordinaryMemory)
	} else {
		debug.SetMemoryLimit(memoryLimit)
	}
}

// SizeOf returns how many bytes files have, as far as that is known.
func SizeOf(names ...string) (size int64) {
	for _, name := range names {
		if info, err := os.Stat(name); err == nil {
			size += info.Size()
		}
	}
	return size
}
