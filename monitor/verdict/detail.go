package verdict

import (
	"time"

	"flapscope/internal/text"
	"flapscope/monitor/path"
)

// Detail says what exactly is wrong, for a sentence that names all else: of a name
// server that lies, how.
func (f *Finding) Detail() string {
	switch f.What {
	case ResolverLies:
		return f.lie()
	case TLSIntercepted:
		return f.Why.String()
	case ClockWrong:
		if f.Took > 0 {
			return text.Duration(f.Took.Round(time.Second)) + " slow"
		}
		return text.Duration((-f.Took).Round(time.Second)) + " fast"
	case HTTPProxy, TranslatedIPv4, TranslatorSilent:
		return f.Said.Display()
	case CertificateInvalid:
		return f.Why.String()
	case HTTPSBlocked:
		return f.barred()
	case path.ResolverFailed:
		return f.half()
	case path.Latency:
		return text.Duration(f.Took.Round(100 * time.Millisecond))
	case OwnQueue:
		return text.Duration(f.Took.Round(10 * time.Millisecond))
	}
	return ""
}

// barred says how connections to port 443 are blocked.
func (f *Finding) barred() string {
	switch f.Why {
	case WhyProhibited:
		return "prohibited, says " + f.sayer()
	case WhyReset:
		return "resets from every operator"
	case WhyCut:
		return "port 443 answers, and TLS is cut off"
	case WhyNotTLS:
		return "port 443 answers, and not with TLS"
	}
	return "no answer from port 443 of any operator"
}

// half is what a name server answers that does not answer what it is asked, or "".
func (f *Finding) half() string {
	switch f.Why {
	case WhyAAAA:
		return "for IPv4 and not for IPv6: " + f.Said.Display()
	case WhyUpstream:
		if f.Said != "" {
			return f.Said.Display()
		}
		return "for itself only, for want of answers from others"
	case WhyTardy:
		return "nothing in time, though it takes connections"
	case WhyDNSSEC:
		return "SERVFAIL for names whose DNSSEC signature it can't verify"
	case WhyEDNS:
		return "questions without EDNS only"
	case WhyTruncated:
		return "in part, and not over TCP"
	case WhyStrayID:
		return "other questions than those asked"
	}
	return ""
}

// lie is what a name server that lies says.
func (f *Finding) lie() string {
	switch f.Why {
	case WhyNXDomain:
		return "names that exist do not, it says"
	case WhyPrivate:
		return "a private address for a public name, " + f.Said.Display()
	case WhyNoAddress:
		return "no address for names that exist"
	}
	return "the same address for every name, " + f.Said.Display()
}

// OnlyChecked reports whether a finding is one that nothing else than a diagnosis
// makes, since the questions for it are not asked all the time.
func (f *Finding) OnlyChecked() bool {
	switch f.What {
	case ResolverMissing, ResolverLies, TLSIntercepted, ClockWrong, DNSIntercepted, HTTPProxy, CertificateInvalid, HTTPSBlocked, OwnQueue,
		TranslatedIPv4, TranslatorSilent, path.Latency:
		return true
	case path.ResolverFailed:
		// Name servers are asked for IPv4 all the time, and silence has no reason there.
		return f.half() != ""
	}
	return false
}

// Explained reports whether the root of a report leaves its notes as they are: of a
// machine that is not well, what is worth a note may follow from what is wrong.
func (r *Report) Explained() bool { return r.Well() || r.Root.What != "" && r.Root.OnlyChecked() }
