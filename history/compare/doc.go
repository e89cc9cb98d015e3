// Package compare says what of two recordings differs: one from before a change
// and one from after it. What happened within one stretch of time, or one
// trouble, is not independent, so that stretches and troubles are what is
// counted, and never single samples.
package compare
