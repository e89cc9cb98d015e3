// Package policy holds the project's rules as tests: what every package,
// name and import must be like. It has no code.
package policy
