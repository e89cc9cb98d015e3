// Package path says what a State means: whether there is a path, by which
// interface, and why not (Evaluate), and what probes say of it (EvaluateHealth).
// Both are functions of a state, settings and an instant.
package path
