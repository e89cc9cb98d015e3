package session

import (
	"encoding/json"
	"fmt"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// Schema is the version of the format that this package writes, and the newest
// that it reads. It only rises when older readers would misread a file; new
// kinds and keys do not raise it.
const Schema = 1

// A Header is the first line of a recording: what a reader must know of the
// machine and the program that made it.
type Header struct {
	// Schema is the version of the format.
	Schema int `json:"schema"`
	// ID names the recording: 128 random bits in hex.
	ID string `json:"id"`
	// Continues is the ID of the recording that this one goes on from without
	// a break, or empty.
	Continues string `json:"continues,omitempty"`
	// CutFrom is the ID of the recording that this one is a part of, or empty.
	CutFrom string `json:"cut_from,omitempty"`
	// Begins is the instant (CLOCK_BOOTTIME) from which on the recording tells what
	// was, where that is after its first observations: those tell what went on then.
	Begins time.Duration `json:"begins_ns,omitempty"`
	// Tool and Version are the program and its version and commit.
	Tool    string `json:"tool"`
	Version string `json:"version"`
	// Host describes the machine.
	Host Host `json:"host"`
	// Monotonic is CLOCK_MONOTONIC at the header's instant, and Synced whether
	// the kernel called the wall clock disciplined.
	Monotonic time.Duration `json:"monotonic_ns,omitempty"`
	Synced    bool          `json:"clock_synced"`
	// Settings are those of the fold; a replay uses them unless told otherwise.
	Settings path.Settings `json:"settings"`
	// Config is the effective configuration, as JSON.
	Config json.RawMessage `json:"config,omitempty"`
	// Impossible says what could not be observed for want of privileges.
	Impossible []string `json:"impossible,omitempty"`
	// Note is the user's.
	Note fact.Untrusted `json:"note,omitempty"`
	// Incidents is whether incidents are among its lines and rollups: older
	// programs did not find them.
	Incidents bool `json:"incidents,omitempty"`
	// Redaction names the policy by which the recording was redacted, or is
	// empty for a raw one.
	Redaction string `json:"redaction,omitempty"`
}

// A Host is what a maintainer asks about a machine first. Everything in it is
// text from files of that machine.
type Host struct {
	Name   fact.Untrusted `json:"name,omitempty"`
	OS     fact.Untrusted `json:"os,omitempty"`
	Kernel fact.Untrusted `json:"kernel,omitempty"`
	Arch   string         `json:"arch,omitempty"`
	BootID string         `json:"boot_id,omitempty"`
	// Interfaces are the network interfaces with hardware behind them.
	Interfaces []HostInterface `json:"interfaces,omitempty"`
}

// A HostInterface is a network interface's driver, and the version of the firmware
// that it runs.
type HostInterface struct {
	Name     fact.Untrusted `json:"name"`
	Driver   fact.Untrusted `json:"driver,omitempty"`
	Firmware fact.Untrusted `json:"firmware,omitempty"`
}

// headerLine returns the header's line, without its newline.
func headerLine(t time.Time, mono time.Duration, h *Header) ([]byte, error) {
	line, err := fact.AppendJSON(appendStamp(nil, t, mono, kindSession), h)
	if err != nil {
		return nil, fmt.Errorf("header of the recording: %w", err)
	}
	return append(line, '}'), nil
}

// parseHeader reads a header's line.
func parseHeader(line []byte) (Header, error) {
	var l struct {
		Kind    string  `json:"kind"`
		Session *Header `json:"session"`
	}
	if err := json.Unmarshal(line, &l); err != nil || l.Kind != kindSession || l.Session == nil {
		return Header{}, ErrNoRecording
	}
	if l.Session.Schema > Schema {
		return Header{}, fmt.Errorf("%w: its format is version %d, written by %s %s; this version reads up to %d: upgrade, or ask for a report made with the newer one",
			ErrNewer, l.Session.Schema, fact.Untrusted(l.Session.Tool).Display(), fact.Untrusted(l.Session.Version).Display(), Schema)
	}
	if l.Session.Schema < 1 {
		return Header{}, ErrNoRecording
	}
	return *l.Session, nil
}
