package lan

import (
	"time"

	"flapscope/monitor/fact"
)

// A Port is what became of a connection to a TCP port.
type Port struct {
	Number uint16
	// Name is what listens there by convention.
	Name string
	// Open is whether it was accepted, Refused whether the host refused. Neither is
	// so where nothing came back, or what Words say.
	Open, Refused bool
	Words         fact.Untrusted
	RTT           time.Duration
}

// PortRate is how many ports are asked in a second, and portWithin how long each
// may take to answer.
const (
	PortRate   = 50
	portWithin = 1500 * time.Millisecond
)

// usual are the ports that are asked for where none are named, by the services of
// homes and offices: what listens there by convention (IANA's registry, and for the
// last ones use).
var usual = []struct {
	number uint16
	name   string
}{
	{21, "ftp"},
	{22, "ssh"},
	{23, "telnet"},
	{25, "smtp"},
	{53, "domain"},
	{80, "http"},
	{88, "kerberos"},
	{110, "pop3"},
	{111, "sunrpc"},
	{139, "netbios"},
	{143, "imap"},
	{389, "ldap"},
	{443, "https"},
	{445, "smb"},
	{465, "submissions"},
	{515, "printer"},
	{548, "afp"},
	{554, "rtsp"},
	{587, "submission"},
	{631, "ipp"},
	{853, "dns over tls"},
	{993, "imaps"},
	{995, "pop3s"},
	{1883, "mqtt"},
	{2049, "nfs"},
	{3306, "mysql"},
	{3389, "rdp"},
	{5000, "http"},
	{5060, "sip"},
	{5353, "mdns"},
	{5432, "postgresql"},
	{5900, "vnc"},
	{6379, "redis"},
	{7000, "airplay"},
	{8000, "http"},
	{8080, "http"},
	{8443, "https"},
	{9100, "printer"},
	{32400, "plex"},
	{62078, "iphone"},
}

// UsualPorts returns the ports that most services of homes and offices have.
func UsualPorts() (out []uint16) {
	for _, p := range usual {
		out = append(out, p.number)
	}
	return out
}

// portName returns what listens at a port by convention, or "".
func portName(number uint16) string {
	for _, p := range usual {
		if p.number == number {
			return p.name
		}
	}
	return ""
}
