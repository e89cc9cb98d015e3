// Package probes asks targets near and far whether they are there.
//
// A Runner is a state.Source. It finds gateways and name servers in the
// state, adds the internet targets, the captive-portal check and the user's own
// targets, asks each at its interval within a budget, and observes what became
// of every probe.
//
// A Prober carries out one probe of one method. What an error means is decided
// in one place, classify: silence is loss, but a missing permission, a vanished
// interface or a suspended machine is no data.
package probes
