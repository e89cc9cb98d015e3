package grid

// A region is a part of the picture that stands for something.
type region struct {
	x, y, w, h int
	what       any
}

// Mark notes what the area stands for, for a click on it. A later mark covers
// an earlier one.
func (a Area) Mark(what any) {
	if a.w > 0 && a.h > 0 {
		a.g.regions = append(a.g.regions, region{a.x, a.y, a.w, a.h, what})
	}
}

// Hit returns what the picture stands for at a cell, nil for nothing, and where
// in its area the cell is.
func (g *Grid) Hit(x, y int) (what any, dx, dy int) {
	for i := len(g.regions) - 1; i >= 0; i-- {
		r := &g.regions[i]
		if dx, dy = x-r.x, y-r.y; dx >= 0 && dy >= 0 && dx < r.w && dy < r.h {
			return r.what, dx, dy
		}
	}
	return nil, 0, 0
}

// Marked calls f with each area that stands for something, from the first that
// was marked to the last.
func (g *Grid) Marked(f func(a Area, what any)) {
	for _, r := range g.regions {
		f(Area{g, r.x, r.y, r.w, r.h}, r.what)
	}
}

// Corner returns where on the grid the area begins.
func (a Area) Corner() (x, y int) { return a.x, a.y }
