package ui

import (
	"cmp"
	"slices"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// The rows of an interface: its name, the two families, how it did, and a blank one;
// between them what it carried, where that was recorded, and how fast its gateways
// answered, where these were asked and there is room.
const (
	interfaceRows = 5
	briefRows     = 2
	leastTraffic  = 2
	mostTraffic   = 6
	leastAnswers  = 4
	mostAnswers   = 16
	// interfaceLog is how many rows are left for what happened to the interfaces.
	interfaceLog = 6
	// interfaceGutter is where what shares the time axis begins.
	interfaceGutter = 14
)

// An interfaceBlock is what is drawn of one interface, and how many rows its charts
// have.
type interfaceBlock struct {
	*path.InterfacePath
	rates   []timeline.Rate
	answers []plot

	traffic, latency int
	// brief is whether there is room for nothing but its name and how it did.
	brief bool
}

func (b *interfaceBlock) height() int {
	if b.brief {
		return briefRows
	}
	return interfaceRows + b.traffic + b.latency
}

// interfaceBlocks returns what is drawn of the interfaces in so many rows: of as many
// as there is room for, in the order of their lanes. That all are seen comes before
// what each has.
func (f *frame) interfaceBlocks(list []*path.InterfacePath, room int) []*interfaceBlock {
	brief := len(list)*interfaceRows > room
	var out []*interfaceBlock
	for _, ifi := range list {
		b := &interfaceBlock{InterfacePath: ifi, brief: brief}
		if b.height() > room {
			break
		}
		room -= b.height()
		out = append(out, b)
	}
	if !brief {
		f.addCharts(out, room)
	}
	slices.SortStableFunc(out, func(a, b *interfaceBlock) int { return f.byLane(a.InterfacePath, b.InterfacePath) })
	return out
}

// addCharts adds what the interfaces carried, if there is room for that of all, and
// how fast their gateways answered.
func (f *frame) addCharts(blocks []*interfaceBlock, room int) {
	for _, b := range blocks {
		if lane := f.laneOf(b.Index); lane != nil {
			rates := f.tl.Rates(lane.Scope, f.span, f.cols)
			if slices.ContainsFunc(rates, func(r timeline.Rate) bool { return r.Known }) {
				b.rates, b.traffic = rates, leastTraffic
				room -= leastTraffic
			}
		}
		b.answers = f.answersOver(b.Index)
	}
	if room < 0 {
		for _, b := range blocks {
			room += b.traffic
			b.traffic = 0
		}
	}
	shareRows(blocks, room)
}

// shareRows gives more rows to the charts. Round trips have none where not all that
// were asked for could have enough of them.
func shareRows(blocks []*interfaceBlock, room int) {
	var parts []part // of each block two
	spare := room - interfaceLog
	for _, b := range blocks {
		traffic, latency := part{got: b.traffic, weight: 1}, part{weight: 2}
		if b.traffic > 0 {
			traffic.most = mostTraffic
		}
		if len(b.answers) > 0 {
			latency.got, latency.most = leastAnswers, mostAnswers
		}
		spare -= latency.got
		parts = append(parts, traffic, latency)
	}
	if spare < 0 {
		spare = room
		for i := range blocks {
			parts[2*i+1] = part{}
		}
	}
	share(spare, parts)
	for i, b := range blocks {
		b.traffic, b.latency = parts[2*i].got, parts[2*i+1].got
	}
}

// answersOver returns how fast the gateways of an interface answered.
func (f *frame) answersOver(index int) (out []plot) {
	for _, t := range f.targets {
		if t.Index != index || t.Role != fact.RoleGateway && t.Role != fact.RoleStandby || len(out) == len(f.Series) {
			continue
		}
		if p := (plot{t.Target, f.latency(t.ID, f.span, 2*f.cols)}); answered([]plot{p}) {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b plot) int { return cmp.Compare(a.target.Family, b.target.Family) })
	return out
}

// byLane compares interfaces by the place of their lanes: each keeps its own when
// another comes into use.
func (f *frame) byLane(a, b *path.InterfacePath) int {
	place := func(p *path.InterfacePath) int {
		if i := slices.IndexFunc(f.lanes, func(l timeline.Lane) bool { return l.Index == p.Index }); i >= 0 {
			return i
		}
		return len(f.lanes)
	}
	return cmp.Compare(place(a), place(b))
}
