// Package capport asks the API of a network's captive portal (RFC 8908) whether this
// machine is captive, where to sign in, and until when it is let through.
package capport
