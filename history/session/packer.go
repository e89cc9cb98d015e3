package session

import (
	"sync/atomic"

	"flapscope/internal/crash"
)

// A packer compresses the members of a copy and writes them, in order, beside
// whoever makes them: that takes a third of the time.
type packer struct {
	work chan packed
	// free are the buffers of lines that were written.
	free   chan []byte
	done   chan struct{}
	failed atomic.Bool
	// err is set before done is closed.
	err error
}

// packed is a member and its lines.
type packed struct {
	member member
	lines  []byte
}

// packAhead is how many members may wait.
const packAhead = 2

// pack begins packing what a writer appends from here on.
func (w *Writer) pack() {
	p := &packer{work: make(chan packed, packAhead), free: make(chan []byte, packAhead+2), done: make(chan struct{})}
	w.packer = p
	go func() {
		defer close(p.done)
		defer crash.Recover(&p.err)
		for k := range p.work {
			if p.err == nil {
				if p.err = w.packMember(k.member, k.lines); p.err != nil {
					p.failed.Store(true)
				}
			}
			select {
			case p.free <- k.lines[:0]:
			default:
			}
		}
	}()
}

// take takes a member over, and returns a buffer for the lines of the next.
func (p *packer) take(m member, lines []byte) []byte {
	select {
	case p.work <- packed{m, lines}:
	case <-p.done:
		// It crashed; end says so.
	}
	select {
	case b := <-p.free:
		return b
	default:
		return nil
	}
}

// end waits until everything is written.
func (p *packer) end() error {
	close(p.work)
	<-p.done
	return p.err
}
