// Package monitor holds the layers that turn observations into events: fact,
// state, path and fold, each of which knows only those before it. The sources
// (kernel, resolver, clock) know facts and the state alone.
package monitor
