//go:build linux

package kernel

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"testing"
	"time"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// childVariable makes the test binary run as a bare source, so that a benchmark
// can weigh a process that does nothing else.
const childVariable = "FLAPSCOPE_KERNEL_CHILD"

func TestMain(m *testing.M) {
	if limit := os.Getenv(childVariable); limit != "" {
		child(limit)
		return
	}
	flag.Parse()
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == strconv.Itoa(runtime.GOMAXPROCS(0)) {
		// The tests of this package wait for the kernel most of the time.
		_ = parallel.Value.Set("12")
	}
	os.Exit(netlab.Run(m))
}

// child runs a source until its standard input ends, and prints the number of
// routes for each line that it reads there; after "watch", the time at which it
// has each route, in nanoseconds.
func child(limit string) {
	debug.SetGCPercent(50)
	n, err := strconv.Atoi(limit)
	if err != nil {
		panic(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	h := &bareHost{state: state.NewState()}
	go func() {
		in := bufio.NewScanner(os.Stdin)
		for in.Scan() {
			h.mu.Lock()
			if in.Text() == "watch" {
				h.watch = true
			} else {
				fmt.Println(h.state.Routes.Len(), h.gaps, h.state.Synced[sourceName])
			}
			h.mu.Unlock()
		}
		stop()
	}()
	if err := New(Options{RouterModeRoutes: n}).Run(ctx, h); err != nil {
		panic(err)
	}
}

// A bareHost folds and counts gaps, and prints when it has a route if it is to
// watch.
type bareHost struct {
	mu    sync.Mutex // guards all following fields
	state *state.State
	gaps  int
	watch bool
}

// Update implements state.Host.
func (h *bareHost) Update(fn func(*state.State, fact.Emit)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	fn(h.state, func(o fact.Observation) {
		h.state.Apply(o)
		switch o.Fact.(type) {
		case *fact.Gap:
			h.gaps++
		case *fact.Route:
			if h.watch {
				fmt.Println(time.Now().UnixNano())
			}
		}
	})
}
