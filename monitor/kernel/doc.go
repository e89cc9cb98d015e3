//go:build linux

// Package kernel mirrors the kernel's network tables by rtnetlink, exactly.
//
// A Source owns one netlink socket that is in every multicast group and also
// carries all questions, so that notifications, dumps and answers come in one
// order. What it reads goes to a mirror, a state machine without I/O, which
// compares it with the tables of the fold, emits the differences as
// observations, and says what to ask the kernel next.
//
// Notifications alone do not make a mirror: the kernel changes its tables in
// many ways without a word (docs/kernel.md lists them). So the mirror infers
// what is certain at once, dumps again whatever a notification could have
// changed silently, and audits everything from time to time.
//
// The socket and the walk over messages are made by hand, for storms: see socket
// for what the alternative costs.
package kernel
