// Package config reads, checks and prints the settings of the program.
//
// There is one table of settings: it knows each key, what the key means, what
// is allowed, and where in a Config the value lives. Loading, checking and
// printing all go through it, so that no key can be read but not printed, or
// documented but not checked.
package config
