package ui

import (
	"reflect"
	"time"
	"unsafe"

	tea "charm.land/bubbletea/v2"
)

const (
	// drawWithin is how soon a new picture reaches the terminal.
	drawWithin = 10 * time.Millisecond
	// restAfter is how long the renderer looks for more after that.
	restAfter = 25 * time.Millisecond
	// restEvery is how often it looks while it rests: a picture that came late,
	// since this process did not run, waits no longer.
	restEvery = time.Second
)

// A pacer lets the renderer of the library rest while there is nothing new to
// draw. The renderer looks for a new picture at each tick of its own ticker,
// all the time, which is most of what an idle screen costs, and nothing in the
// library's interface slows it down: the pacer sets that ticker.
type pacer struct {
	*model
	ticker **time.Ticker
	rest   *time.Timer
}

// newPacer returns a pacer for a model. Before attach it does nothing.
func newPacer(m *model) *pacer { return &pacer{model: m} }

// attach finds the ticker of the program. A version of the library that has
// none runs at its own pace.
func (p *pacer) attach(program *tea.Program) bool {
	f := reflect.ValueOf(program).Elem().FieldByName("ticker")
	if !f.IsValid() || f.Type() != reflect.TypeFor[*time.Ticker]() {
		return false
	}
	// The library writes the field before the first Update, in the goroutine
	// that calls Update.
	p.ticker = (**time.Ticker)(unsafe.Pointer(f.UnsafeAddr()))
	return true
}

// Update implements tea.Model. Only a look at the feed that found nothing new
// leaves nothing to write.
func (p *pacer) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	before := p.content
	_, cmd := p.model.Update(msg)
	if _, look := msg.(tickMsg); !look || p.content != before {
		p.wake()
	}
	return p, cmd
}

// wake makes the renderer look soon, and rest when it has.
func (p *pacer) wake() {
	if p.ticker == nil || *p.ticker == nil {
		return
	}
	t := *p.ticker
	t.Reset(drawWithin)
	if p.rest == nil {
		p.rest = time.AfterFunc(restAfter, func() { t.Reset(restEvery) })
		return
	}
	p.rest.Reset(restAfter)
}
