// Package cage gives up what the process has no use for, so that a mistake in
// what parses text from outside is worth little: capabilities and privileges
// of programs that it might start, and, where it reads recordings made by
// others, all files but those named and the network.
//
// Everything here is done as far as the kernel can, and never an error: a
// kernel without Landlock reads recordings as well as any other.
package cage
