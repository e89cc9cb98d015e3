package fact

// A kindEntry says what there is to know of one kind of fact.
type kindEntry struct {
	kind Kind
	// new returns an empty fact of the kind, to decode into.
	new func() Fact
}

// kinds lists every kind of fact once. Rows are in the order in which a
// snapshot has them: what names others comes after them.
var kinds = []kindEntry{
	{KindLink, func() Fact { return new(Link) }},
	{KindNetconf, func() Fact { return new(Netconf) }},
	{KindAddress, func() Fact { return new(Address) }},
	{KindNexthop, func() Fact { return new(Nexthop) }},
	{KindRoute, func() Fact { return new(Route) }},
	{KindRule, func() Fact { return new(Rule) }},
	{KindNeighbour, func() Fact { return new(Neighbour) }},
	{KindResolver, func() Fact { return new(Resolvers) }},
	{KindWifi, func() Fact { return new(Wifi) }},
	{KindMetering, func() Fact { return new(Metering) }},
	{KindManager, func() Fact { return new(Manager) }},
	{KindCapport, func() Fact { return new(Capport) }},
	{KindTranslator, func() Fact { return new(Translator) }},
	{KindLookup, func() Fact { return new(Lookup) }},
	{KindNotice, func() Fact { return new(Notice) }},
	{KindTarget, func() Fact { return new(Target) }},
	{KindCheck, func() Fact { return new(Check) }},
	{KindProbe, func() Fact { return new(ProbeResult) }},
	{KindUsage, func() Fact { return new(ProbeUsage) }},
	{KindTraffic, func() Fact { return new(Traffic) }},
	{KindGap, func() Fact { return new(Gap) }},
	{KindMark, func() Fact { return new(Mark) }},
	{KindWifiEvent, func() Fact { return new(WifiEvent) }},
	{KindCells, func() Fact { return new(Cells) }},
	{KindStation, func() Fact { return new(Station) }},
	{KindAirtime, func() Fact { return new(Airtime) }},
	{KindClock, func() Fact { return new(Clock) }},
	{KindSync, func() Fact { return new(Sync) }},
}

// ranks are the places of the kinds in kinds.
var ranks = func() map[Kind]int {
	m := make(map[Kind]int, len(kinds))
	for i, k := range kinds {
		m[k.kind] = i
	}
	return m
}()

// Kinds returns every kind of fact, in the order of a snapshot.
func Kinds() []Kind {
	out := make([]Kind, len(kinds))
	for i, k := range kinds {
		out[i] = k.kind
	}
	return out
}

// Rank returns the place of the kind among Kinds, or -1 for what is none.
func (k Kind) Rank() int {
	if i, ok := ranks[k]; ok {
		return i
	}
	return -1
}

// New returns an empty fact of the kind, or nil for what is none.
func (k Kind) New() Fact {
	if i, ok := ranks[k]; ok {
		return kinds[i].new()
	}
	return nil
}
