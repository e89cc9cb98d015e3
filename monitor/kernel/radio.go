//go:build linux

package kernel

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// openSwitches opens what reports every switch of a radio that is thrown: the
// rfkill device, or where that is closed to this user or not there, the kernel's
// events about devices, which everybody may read. A read gives one event.
func openSwitches(device string) (*os.File, error) {
	if f, err := os.Open(device); err == nil {
		return f, nil
	}
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_KOBJECT_UEVENT)
	if err != nil {
		return nil, fmt.Errorf("open a socket for events of devices: %w", err)
	}
	// A kernel without filters wakes up this process for every device.
	_ = attach(fd, changeFilter())

	// Group 1 is the kernel's, and 2 that of udev.
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: 1}); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("join the kernel's events of devices: %w", err)
	}
	return os.NewFile(uintptr(fd), "uevents"), nil
}

// changeFilter is a socket filter that drops the events of devices which come or
// go: each interface has several, each of its queues one, and a switch that is
// thrown is a change. An event begins with what happened, "change@/devices/…".
func changeFilter() []bpf.RawInstruction {
	const pass = 1 << 30
	filter, _ := bpf.Assemble([]bpf.Instruction{
		bpf.LoadAbsolute{Off: 0, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: binary.BigEndian.Uint32([]byte("chan")), SkipTrue: 1},
		bpf.RetConstant{Val: pass},
		bpf.RetConstant{Val: 0},
	})
	return filter
}

// watchRadio follows the switches of radios until ctx ends, and closes them.
func watchRadio(ctx context.Context, hw hardware, switches *os.File, h state.Host) {
	defer switches.Close()
	stop := context.AfterFunc(ctx, func() { switches.Close() })
	defer stop()
	// struct rfkill_event is 8 bytes, and more in later versions; an event of a
	// device is at most UEVENT_BUFFER_SIZE, 2 KiB, and its header. What either
	// says is read from sysfs, by interface.
	event := make([]byte, 4<<10)
	for {
		n, err := switches.Read(event)
		switch {
		case errors.Is(err, unix.ENOBUFS):
			// Events were lost, and one of a switch may be among them.
		case err != nil:
			return
		case otherDevice(event[:n]):
			continue
		}
		h.Update(func(s *state.State, emit fact.Emit) {
			for _, l := range s.Links {
				if l.Type != fact.TypeWifi {
					continue
				}
				if off := hw.radioOff(l.Name); off != l.RadioOff {
					next := *l
					next.RadioOff = off
					emit(fact.Observation{Op: fact.Put, Fact: &next})
				}
			}
		})
	}
}

// otherDevice reports whether an event is that of a device which is no switch.
func otherDevice(event []byte) bool {
	const subsystem = "\x00SUBSYSTEM="
	return bytes.Contains(event, []byte(subsystem)) && !bytes.Contains(event, []byte(subsystem+"rfkill\x00"))
}
