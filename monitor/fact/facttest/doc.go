// Package facttest has facts that tests of the layers above share: a machine
// with one wired link, its router and the answers of its kernel.
package facttest
