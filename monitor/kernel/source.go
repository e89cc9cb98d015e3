//go:build linux

package kernel

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"flapscope/monitor/state"
)

// Options are the settings of a Source. The zero value is completed by New.
type Options struct {
	// RouterModeRoutes is the number of routes above which the mirror of
	// routes narrows to short prefixes; DefaultRouterModeRoutes if zero.
	RouterModeRoutes int
	// Audit is how often everything is read again without a reason, to find
	// silent changes; DefaultAudit if zero.
	Audit time.Duration
	// LinkAudit is how often the links are read again while one of them is
	// administratively down, because the kernel does not report its alias
	// and other names then; DefaultLinkAudit if zero.
	LinkAudit time.Duration
	// ReceiveBuffer is the wanted size of the socket's receive buffer in
	// bytes; DefaultReceiveBuffer if zero. It is a limit and reserves nothing. Without
	// CAP_NET_ADMIN the kernel caps it at net.core.rmem_max.
	ReceiveBuffer int
	// Sys is where sysfs is mounted; "/sys" if empty.
	Sys string
	// Traffic is whether the counters of interfaces are read, once a second.
	Traffic bool
	// Radio is the rfkill device; "/dev/rfkill" if empty.
	Radio string
	// Destinations are asked about too, besides the representative ones.
	Destinations []netip.Addr
}

func (o Options) complete() Options {
	if o.RouterModeRoutes == 0 {
		o.RouterModeRoutes = DefaultRouterModeRoutes
	}
	if o.Audit == 0 {
		o.Audit = DefaultAudit
	}
	if o.LinkAudit == 0 {
		o.LinkAudit = DefaultLinkAudit
	}
	if o.ReceiveBuffer == 0 {
		o.ReceiveBuffer = DefaultReceiveBuffer
	}
	if o.Sys == "" {
		o.Sys = "/sys"
	}
	if o.Radio == "" {
		o.Radio = "/dev/rfkill"
	}
	return o
}

// A Source observes the kernel's tables of one network namespace: that of the
// thread which calls Run. It implements state.Source.
type Source struct {
	opt    Options
	mirror *mirror
	// overruns counts the recent ones, for patience.
	overruns int
	lastOver time.Duration
}

// New returns a source with the given options.
func New(opt Options) *Source {
	opt = opt.complete()
	return &Source{opt: opt, mirror: newMirror(opt, hardware{sys: opt.Sys})}
}

// Run observes until ctx ends, then returns nil. It returns an error if the
// kernel refuses a netlink socket.
func (s *Source) Run(ctx context.Context, h state.Host) error {
	if switches, err := openSwitches(s.opt.Radio); err == nil {
		radio, stop := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() {
			defer close(done)
			watchRadio(radio, s.mirror.hw, switches, h)
		}()
		defer func() { stop(); <-done }()
	}
	for {
		err := s.session(ctx, h)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil && !errors.Is(err, errOverrun) {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(s.patience()):
		}
	}
}

// patience is how long to wait before everything is read again after an
// overrun: not at all the first time, longer while they follow each other.
func (s *Source) patience() time.Duration {
	now := now().mono
	if now-s.lastOver > 2*time.Second {
		s.overruns = 0
	}
	s.lastOver = now
	s.overruns++
	if s.overruns == 1 {
		return 0
	}
	return min(10*time.Millisecond<<s.overruns, 500*time.Millisecond)
}
