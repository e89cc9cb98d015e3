package verdict

import "flapscope/monitor/path"

// names says what is wrong with a name server.
func (f *Finding) names() string {
	server := f.server()
	switch f.What {
	case ResolverMissing:
		return "no name server is configured"
	case path.ResolverSilent:
		if f.Why == WhyPort53 {
			return server + " does not answer, though its host does: port 53 is blocked"
		}
		if f.By != "" {
			return server + " can't be reached, says " + f.sayer() + f.reason()
		}
		return server + " does not answer"
	case path.ResolverRefused:
		return server + " refuses: nobody listens there"
	case path.ResolverFailed:
		return server + " " + f.failed()
	case ResolverLies:
		return server + " " + f.lies()
	case path.Latency:
		return server + " takes " + f.Detail() + " to answer"
	}
	return ""
}

func (f *Finding) failed() string {
	switch f.Why {
	case WhyUpstream:
		return "is there, and gets no answer itself"
	case WhyTardy:
		return "takes connections, and answers nothing in time"
	case WhyDNSSEC:
		return "answers, but refuses names whose DNSSEC signature it can't verify"
	case WhyAAAA:
		return "answers " + f.Detail()
	case WhyTruncated:
		return "cuts its answers short, and does not answer over TCP"
	case WhyStrayID:
		return "answers questions that were not asked, and not those that were"
	case WhyEDNS:
		if f.Said != "" {
			return "answers " + f.Detail() + ", and others with " + f.Said.Display()
		}
		return "answers " + f.Detail() + ", and drops others"
	}
	if f.Said != "" {
		return "answers " + f.Said.Display()
	}
	return "answers " + f.Why.String()
}

func (f *Finding) lies() string {
	switch f.Why {
	case WhyNXDomain:
		return "denies names that exist"
	case WhyPrivate:
		return "gives a public name a private address, " + f.Said.Display()
	case WhyNoAddress:
		return "gives names that exist no address"
	}
	return "gives every name the same address, " + f.Said.Display()
}
