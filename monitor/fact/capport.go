package fact

import "time"

// A Capport is what a network says of its own captive portal: the API (RFC 8908) that
// a router advertisement names (RFC 8910), and what that answered last.
type Capport struct {
	Index int `json:"ifindex"`
	// API is its URL.
	API Untrusted `json:"api"`
	// Asked is when it was asked for what follows (CLOCK_BOOTTIME), or 0 while it did
	// not answer; Since is when the first of those questions was asked in a row that
	// had the same answer.
	Asked time.Duration `json:"asked_ns,omitempty"`
	Since time.Duration `json:"since_ns,omitempty"`
	// Captive is whether a login is wanted, at SignIn.
	Captive bool      `json:"captive,omitempty"`
	SignIn  Untrusted `json:"sign_in,omitempty"`
	// Until is when access ends, as announced, or 0.
	Until time.Duration `json:"until_ns,omitempty"`
}

// KindCapport is the kind of Capport.
const KindCapport Kind = "capport"

// Kind implements Fact.
func (*Capport) Kind() Kind { return KindCapport }

// Row implements Fact.
func (*Capport) Row() bool { return true }

// Interface implements Fact.
func (c *Capport) Interface() int { return c.Index }

// Words implements Fact.
func (c *Capport) Words() Untrusted {
	switch {
	case c.Asked == 0:
		return "captive portal API " + c.API
	case c.Captive:
		return "captive: sign in at " + c.SignIn
	}
	return "not captive, says " + c.API
}
