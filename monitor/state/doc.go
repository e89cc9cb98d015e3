// Package state keeps what was observed last: the kernel's tables, the
// resolvers, and what each target answered. Applying an observation is all that
// changes a State.
//
// Sources see this package and package fact, and nothing that judges.
package state
