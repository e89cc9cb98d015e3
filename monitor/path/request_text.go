package path

import (
	"fmt"
	"slices"
	"strings"

	"flapscope/monitor/fact"
)

// lacks are the words for why an interface can't carry anything.
var lacks = map[Reason]string{
	ReasonNoInterface:    "is gone",
	ReasonRadioOff:       "has its radio switched off",
	ReasonAdminDown:      "is set down",
	ReasonNoCarrier:      "has no carrier",
	ReasonNotAssociated:  "is not associated",
	ReasonAuthenticating: "is authenticating",
	ReasonNoAddress:      "has no address",
	ReasonDADFailed:      "has an address that another host uses",
	ReasonConfiguring:    "is being configured",
	ReasonNoRoute:        "has no route there",
	ReasonRouteBlocked:   "is blocked by a route or rule",
	ReasonTunnelDown:     "is a tunnel with nothing below it",
}

// maxTold is how many interfaces a sentence names.
const maxTold = 3

// sentence says what the offer is, or why there is none.
func (a *asking) sentence() fact.Untrusted {
	o := a.offer
	if o.Status == Satisfied {
		return fact.Untrusted(a.carried())
	}
	var why []string
	for i := range o.Considered {
		if len(why) < maxTold {
			why = append(why, string(a.unfit(&o.Considered[i])))
		}
	}
	if more := len(o.Considered) - len(why); more > 0 {
		why = append(why, fmt.Sprintf("and %d more", more))
	}
	if need := a.missing(); need != "" {
		why = slices.Insert(why, 0, need)
	}
	if len(why) == 0 {
		why = []string{"there is no interface that could carry it"}
	}
	return fact.Untrusted("no path" + a.towards() + ": " + strings.Join(why, "; "))
}

// towards names the destination.
func (a *asking) towards() string {
	if len(a.request.To) == 0 {
		return ""
	}
	return " to " + a.request.To[0].String()
}

// carried says who carries it.
func (a *asking) carried() string {
	o := a.offer
	best := &o.IPv4
	if best.Status != Satisfied {
		best = &o.IPv6
	}
	out := string(o.Interface) + " (" + string(o.Type) + ")"
	if o.Type == "" || o.Type == fact.TypeLoopback {
		out = "this machine itself"
	}
	out += " carries it"
	if best.Gateway.IsValid() {
		out += " via " + best.Gateway.String()
	}
	if best.Source.IsValid() {
		out += " from " + best.Source.String()
	}
	if o.Other != "" {
		out += "; without conditions it would be " + string(o.Other)
	}
	return out
}

// missing says which type of interface is required that this machine has none of.
func (a *asking) missing() string {
	r := a.request.Require
	if len(r) == 0 || slices.ContainsFunc(a.views, func(v *interfaceView) bool { return slices.Contains(r, v.link.Type) }) {
		return ""
	}
	words := make([]string, len(r))
	for i, t := range r {
		words[i] = string(t)
	}
	return "there is no " + strings.Join(words, " or ") + " interface"
}

// unfit says why an interface will not do.
func (a *asking) unfit(c *Considered) fact.Untrusted {
	name := c.Interface + " (" + fact.Untrusted(c.Type) + ")"
	switch {
	case c.Excluded == notRequired:
		return name + " is not of the required type"
	case c.Excluded == Condition(c.Type):
		return name + " is prohibited"
	case c.Excluded != "":
		return name + " is " + fact.Untrusted(c.Excluded) + ", which is prohibited"
	}
	return name + " " + fact.Untrusted(lacks[c.Reason])
}
