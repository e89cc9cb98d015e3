// Package lan finds who else is on a link, without a privilege: the kernel's own
// table of neighbours, after each address of the link's prefix was asked once, and
// what announces itself by DNS-SD over multicast DNS (RFC 6763, RFC 6762).
package lan
