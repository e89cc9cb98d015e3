// Package sock reads what the kernel says of a packet beside its data: when it
// came, on which interface, and who refused it (cmsg(3), the error queue of
// ip(7)). It builds on Linux; elsewhere only Refusal is there.
package sock
