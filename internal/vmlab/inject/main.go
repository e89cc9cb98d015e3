//go:build linux

// Command inject sends a frame of 802.11 from a monitor interface some times, for
// tests of what anybody near may forge: inject INTERFACE HEX TIMES INTERVAL.
package main

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "inject: "+err.Error())
		os.Exit(1)
	}
}

// radiotap is the shortest header that says how to send: as the driver likes
// (radiotap.org: version 0, 8 bytes long, no fields).
var radiotap = []byte{0, 0, 8, 0, 0, 0, 0, 0}

func run(args []string) error {
	if len(args) != 4 {
		return errors.New("usage: inject INTERFACE HEX TIMES INTERVAL")
	}
	i, err := net.InterfaceByName(args[0])
	if err != nil {
		return err
	}
	frame, err := hex.DecodeString(args[1])
	if err != nil {
		return err
	}
	times, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	interval, err := time.ParseDuration(args[3])
	if err != nil {
		return err
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0)
	if err != nil {
		return fmt.Errorf("open a packet socket: %w", err)
	}
	defer unix.Close(fd)
	// ETH_P_ALL, in network byte order.
	all := binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, unix.ETH_P_ALL))
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Ifindex: i.Index, Protocol: all}); err != nil {
		return fmt.Errorf("bind to %s: %w", args[0], err)
	}
	for range times {
		if _, err := unix.Write(fd, slices.Concat(radiotap, frame)); err != nil {
			return fmt.Errorf("send a frame: %w", err)
		}
		time.Sleep(interval)
	}
	return nil
}
