//go:build linux

// Package wireless observes Wi-Fi by nl80211: who began and ended each
// association and why, scans, switches of the channel, and how the association
// does. It needs no privilege, changes nothing, and works without any Wi-Fi.
//
// A Source owns two generic netlink sockets: one is in all multicast groups of
// nl80211, the other asks. What they read is decoded and goes to a radio, a state
// machine without I/O, which says what to ask and what to emit. What comes from
// the air, the names and elements of access points, may be made by anybody near:
// it is bounded here, kept as bytes, and shown through fact.Untrusted.
package wireless
