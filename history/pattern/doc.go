// Package pattern finds what is regular in the losses of a path: a time after
// something else that happens, or a period.
package pattern
