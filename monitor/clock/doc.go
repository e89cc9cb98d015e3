//go:build linux

// Package clock watches the clocks, and so notices when nobody was watching:
// the machine slept, the program was stopped, or somebody set the wall clock.
//
// Three clocks of clock_gettime(2) tell these apart. CLOCK_BOOTTIME goes on in
// suspend and CLOCK_MONOTONIC does not, so that their difference grows by
// exactly the time asleep. Both go on while a process is stopped (SIGSTOP, a
// frozen cgroup, a stalled machine), so that a tick which comes late by
// CLOCK_MONOTONIC reports that. CLOCK_REALTIME follows CLOCK_BOOTTIME except
// where it is set.
//
// Only differences between two readings are ever used: in a time namespace
// (time_namespaces(7)) the clocks differ by hours with nobody asleep.
package clock
