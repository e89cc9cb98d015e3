// Package trace finds the routers on the way to an address: it asks all of them
// at once, again and again, and counts who answers.
package trace
