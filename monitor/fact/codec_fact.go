package fact

// appendFact appends the JSON form of a fact, byte for byte that of AppendJSON.
// The facts that come in bursts have encoders of their own:
// reflection costs five times as much as everything else that is done with one.
func appendFact(dst []byte, f Fact) []byte {
	switch f := f.(type) {
	case *Link:
		return appendLink(dst, f)
	case *Address:
		return appendAddress(dst, f)
	case *Route:
		return appendRoute(dst, f)
	case *Neighbour:
		return appendNeighbour(dst, f)
	case *Lookup:
		return appendLookup(dst, f)
	case *ProbeResult:
		return appendProbe(dst, f)
	case *Netconf:
		return appendNetconf(dst, f)
	}
	return MustAppendJSON(dst, f)
}

func appendLink(dst []byte, l *Link) []byte {
	dst = appendInt(dst, `{"ifindex":`, int64(l.Index))
	dst = appendUntrusted(dst, `,"ifname":"`, l.Name)
	dst = appendSomeUntrusted(dst, `,"kind":"`, l.LinkKind)
	dst = appendSomeUntrusted(dst, `,"slave_kind":"`, l.SlaveKind)
	dst = appendText(dst, `,"type":"`, string(l.Type))
	dst = appendUint(dst, `,"hardware":`, uint64(l.Hardware))
	dst = appendNames(dst, `,"flags":[`, linkFlagNames, uint32(l.Flags))
	dst = appendWord(dst, `,"operstate":"`, l.OperState.String())
	dst = appendUint(dst, `,"mtu":`, uint64(l.MTU))
	dst = appendSomeUntrusted(dst, `,"address":"`, l.Address)
	dst = appendCount(dst, `,"master_index":`, int64(l.Master))
	dst = appendCount(dst, `,"link_index":`, int64(l.Parent))
	dst = appendTrue(dst, `,"link_netns":`, l.ParentElsewhere)
	dst = appendUint(dst, `,"carrier_changes":`, uint64(l.CarrierChanges))
	dst = appendCount(dst, `,"group":`, int64(l.Group))
	dst = appendCount(dst, `,"linkmode":`, int64(l.LinkMode))
	dst = appendCount(dst, `,"txqlen":`, int64(l.TxQueueLen))
	dst = appendSomeUntrusted(dst, `,"ifalias":"`, l.Alias)
	for i, name := range l.AltNames {
		key := `,"`
		if i == 0 {
			key = `,"altnames":["`
		}
		dst = appendUntrusted(dst, key, name)
	}
	if len(l.AltNames) > 0 {
		dst = append(dst, ']')
	}
	dst = appendTrue(dst, `,"radio_off":`, l.RadioOff)
	dst = appendTrue(dst, `,"expensive":`, l.Expensive)
	if s := l.IPv6; s != nil {
		dst = appendInt(dst, `,"ipv6":{"accept_ra":`, int64(s.AcceptRA))
		dst = appendInt(dst, `,"use_tempaddr":`, int64(s.UseTempaddr))
		dst = append(appendTrue(dst, `,"disabled":`, s.Disabled), '}')
	}
	return append(dst, '}')
}

func appendAddress(dst []byte, a *Address) []byte {
	dst = appendInt(dst, `{"ifindex":`, int64(a.Index))
	dst = appendAddr(dst, `,"local":"`, a.Local)
	dst = appendUint(dst, `,"prefixlen":`, uint64(a.PrefixLen))
	dst = appendSomeAddr(dst, `,"peer":"`, a.Peer)
	dst = appendSomeAddr(dst, `,"broadcast":"`, a.Broadcast)
	dst = appendWord(dst, `,"scope":"`, a.Scope.String())
	dst = appendNames(dst, `,"flags":[`, addressFlagNames, uint32(a.Flags))
	dst = appendSomeUntrusted(dst, `,"label":"`, a.Label)
	dst = appendCount(dst, `,"protocol":`, int64(a.Protocol))
	dst = appendCount(dst, `,"metric":`, int64(a.Metric))
	dst = appendCount(dst, `,"valid_until_ns":`, int64(a.ValidUntil))
	dst = appendCount(dst, `,"preferred_until_ns":`, int64(a.PreferredUntil))
	return append(dst, '}')
}

func appendNeighbour(dst []byte, n *Neighbour) []byte {
	dst = appendInt(dst, `{"ifindex":`, int64(n.Index))
	dst = appendAddr(dst, `,"dst":"`, n.Dst)
	dst = appendSomeUntrusted(dst, `,"lladdr":"`, n.LLAddr)
	dst = appendNames(dst, `,"state":[`, neighbourStateNames, uint32(n.State))
	dst = appendTrue(dst, `,"router":`, n.Router)
	dst = appendTrue(dst, `,"proxy":`, n.Proxy)
	dst = appendCount(dst, `,"ntf":`, int64(n.Flags))
	return append(dst, '}')
}

func appendLookup(dst []byte, l *Lookup) []byte {
	dst = appendWord(dst, `{"family":"`, l.Family.String())
	dst = appendAddr(dst, `,"dst":"`, l.Dst)
	dst = appendCount(dst, `,"oif":`, int64(l.OIF))
	dst = appendCount(dst, `,"mark":`, int64(l.Mark))
	dst = appendSomeUntrusted(dst, `,"err":"`, l.Err)
	if l.Type != 0 {
		dst = appendWord(dst, `,"type":"`, l.Type.String())
	}
	dst = appendCount(dst, `,"table":`, int64(l.Table))
	dst = appendCount(dst, `,"ifindex":`, int64(l.Index))
	dst = appendSomeAddr(dst, `,"gateway":"`, l.Gateway)
	dst = appendSomeAddr(dst, `,"source":"`, l.Source)
	dst = appendSomePrefix(dst, `,"match":"`, l.Match)
	dst = appendCount(dst, `,"metric":`, int64(l.Metric))
	if l.Protocol != 0 {
		dst = appendWord(dst, `,"protocol":"`, l.Protocol.String())
	}
	if l.Flags != 0 {
		dst = appendNames(dst, `,"flags":[`, routeFlagNames, uint32(l.Flags))
	}
	dst = appendCount(dst, `,"mtu":`, int64(l.MTU))
	return append(dst, '}')
}

func appendProbe(dst []byte, r *ProbeResult) []byte {
	dst = appendText(dst, `{"target":"`, r.Target)
	dst = appendText(dst, `,"outcome":"`, string(r.Outcome))
	dst = appendInt(dst, `,"sent_ns":`, int64(r.Sent))
	dst = appendCount(dst, `,"rtt_ns":`, int64(r.RTT))
	if p := r.Phases; p != (Phases{}) {
		dst = appendInt(dst, `,"phases":{"resolve_ns":`, int64(p.Resolve))
		dst = appendInt(dst, `,"connect_ns":`, int64(p.Connect))
		dst = appendInt(dst, `,"tls_ns":`, int64(p.TLS))
		dst = append(appendInt(dst, `,"first_byte_ns":`, int64(p.FirstByte)), '}')
	}
	dst = appendSomeUntrusted(dst, `,"detail":"`, r.Detail)
	dst = appendSome(dst, `,"by":"`, string(r.By))
	dst = appendSomeAddr(dst, `,"from":"`, r.From)
	dst = appendTrue(dst, `,"uncertain":`, r.Uncertain)
	dst = appendCount(dst, `,"queue_ns":`, int64(r.Queue))
	dst = appendCount(dst, `,"duplicates":`, int64(r.Duplicates))
	dst = appendCount(dst, `,"ttl":`, int64(r.TTL))
	dst = appendCount(dst, `,"ifindex":`, int64(r.Index))
	return append(dst, '}')
}

func appendNetconf(dst []byte, n *Netconf) []byte {
	dst = appendWord(dst, `{"family":"`, n.Family.String())
	dst = appendInt(dst, `,"ifindex":`, int64(n.Index))
	dst = appendTrue(dst, `,"ignore_routes_with_linkdown":`, n.IgnoreRoutesWithLinkdown)
	dst = appendTrue(dst, `,"forwarding":`, n.Forwarding)
	dst = appendCount(dst, `,"rp_filter":`, int64(n.RPFilter))
	return append(dst, '}')
}

func appendRoute(dst []byte, r *Route) []byte {
	dst = appendWord(dst, `{"family":"`, r.Family.String())
	dst = appendUint(dst, `,"table":`, uint64(r.Table))
	dst = appendWord(dst, `,"type":"`, r.Type.String())
	dst = appendPrefix(dst, `,"dst":"`, r.Dst)
	dst = appendSomePrefix(dst, `,"src":"`, r.Src)
	dst = appendCount(dst, `,"tos":`, int64(r.TOS))
	dst = appendCount(dst, `,"metric":`, int64(r.Metric))
	dst = appendSomeAddr(dst, `,"gateway":"`, r.Gateway)
	dst = appendCount(dst, `,"oif":`, int64(r.Index))
	dst = appendSomeAddr(dst, `,"prefsrc":"`, r.PrefSrc)
	dst = appendWord(dst, `,"protocol":"`, r.Protocol.String())
	dst = appendWord(dst, `,"scope":"`, r.Scope.String())
	dst = appendNames(dst, `,"flags":[`, routeFlagNames, uint32(r.Flags))
	dst = appendLegs(dst, r.Nexthops)
	dst = appendCount(dst, `,"nhid":`, int64(r.NexthopID))
	dst = appendCount(dst, `,"mtu":`, int64(r.MTU))
	dst = appendCount(dst, `,"pref":`, int64(r.Pref))
	dst = appendCount(dst, `,"expires_at_ns":`, int64(r.ExpiresAt))
	return append(dst, '}')
}

func appendLegs(dst []byte, legs []Hop) []byte {
	for i, l := range legs {
		if i == 0 {
			dst = append(dst, `,"nexthops":[{`...)
		} else {
			dst = append(dst, `,{`...)
		}
		if l.Gateway.IsValid() {
			// The comma comes after the first key instead of before it.
			dst = append(appendAddr(dst, `"gateway":"`, l.Gateway), ',')
		}
		dst = appendInt(dst, `"oif":`, int64(l.Index))
		dst = appendInt(dst, `,"weight":`, int64(l.Weight))
		dst = append(appendNames(dst, `,"flags":[`, routeFlagNames, uint32(l.Flags)), '}')
	}
	if len(legs) > 0 {
		dst = append(dst, ']')
	}
	return dst
}
