// Package burst sends many packets at once on Linux, each with its own time to
// live and size, and notes who answers or refuses each: what a trace, a ladder
// of sizes and a count of losses have in common. It needs no privilege: who
// refuses is read from the error queue of a ping or UDP socket.
//
// All packets of a socket are one flow to the routers on the way: they carry
// the same checksum, identifier and ports, so that paths of equal cost are not
// mixed (paris-traceroute).
package burst
