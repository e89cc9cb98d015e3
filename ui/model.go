package ui

import (
	"slices"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"flapscope/themes"
	"flapscope/ui/grid"
)

// How often the feed is looked at, and how long a flash stays.
const (
	// tickEvery is for a feed that does not say when it has something new.
	tickEvery = 250 * time.Millisecond
	// clockEvery is for one that does: the time goes on.
	clockEvery = time.Second
	// firstEvery is for the first moment, without a path to show: the first
	// frame is to show one. It is tried firstTries times.
	firstEvery = 4 * time.Millisecond
	firstTries = 250
	playEvery  = 100 * time.Millisecond
	flashFor   = 4 * time.Second
)

// A model is the root of the program: it routes messages, and knows nothing
// of what a page shows.
type model struct {
	// What is shown: the only side, or the one of a pair that the keys are for.
	*side
	pair   *pair
	keys   keyMap
	styles themes.Styles
	// depth and theme choose the styles.
	depth themes.Depth
	theme themeChoice

	// titles are those of all pages, current the one that is shown.
	titles  []string
	current int
	popups  []popup

	flash           string
	flashGeneration int
	// lost is whether the internet was lost when it was looked at last.
	lost bool

	// drag is the part of the time axis that the mouse holds, if it does.
	drag drag
	// touched is when a key was pressed last, and greeted whether a recording was
	// summed up.
	touched time.Duration
	greeted bool

	// tries counts the ticks without a path to show.
	tries int

	w, h int
	// grid holds the last picture; dirty is whether a new one would differ.
	grid  *grid.Grid
	dirty bool
	// canvas is the terminal, or nil.
	canvas *canvas
	// suspend stops the program until the shell continues it.
	suspend tea.Cmd
	// still lets the library rest, which begins to look for something to write
	// whenever it takes the terminal.
	still func()
	// ticking is whether a tick is on its way.
	ticking bool
	// after sends a message some time later.
	after func(time.Duration, func(time.Time) tea.Msg) tea.Cmd
}

func newModel(feed Feed, o Options, kinds ...pageKind) *model {
	if o.Location == nil {
		o.Location = time.Local
	}
	m := &model{
		side: &side{opts: &o, feed: feed}, keys: newKeyMap(&o, kinds), depth: themes.Full,
		grid: grid.New(0, 0, o.Glyphs), dirty: true, ticking: true, suspend: tea.Suspend, still: func() {}, after: tea.Tick,
	}
	if o.Theme == "mono" {
		o.NoColor = true
	}
	if o.NoColor {
		m.depth = themes.Mono
	}
	m.theme.start(&o)
	m.styles = m.theme.styles(m.depth)
	m.scope = newScope(m.opts, &m.keys, &m.styles)
	m.make(kinds)
	for _, k := range kinds {
		m.titles = append(m.titles, k.title)
	}
	if o.Beside != nil {
		m.pair = newPair(m.side, &m.keys, kinds)
	}
	m.page().refresh(feed)
	return m
}

// page returns the page that is shown.
func (m *model) page() page { return m.pages[m.current] }

// Init implements tea.Model.
func (m *model) Init() tea.Cmd {
	m.still()
	return m.tick()
}

// tick waits until it is time to look at the feed again, if it is ever.
func (m *model) tick() tea.Cmd {
	m.ticking = !m.opts.Lite || m.page().pace() != paceCalm
	if !m.ticking {
		return nil
	}
	// When the clock shows another second, or together with the probes.
	wall, mono := m.feed.Now()
	every := tickEvery - mono%tickEvery
	if m.opts.News != nil {
		every = clockEvery - time.Duration(wall.Nanosecond())
	}
	switch m.page().pace() {
	case paceWaiting:
		if m.tries < firstTries {
			every = firstEvery
			m.tries++
		}
	case pacePlaying:
		every = playEvery
	}
	return m.after(every, func(t time.Time) tea.Msg { return tickMsg{t} })
}

// Update implements tea.Model: it handles a message and makes the picture that
// View shows, if a new one would differ.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := m.handle(msg)
	if !m.ticking {
		cmd = tea.Batch(cmd, m.tick())
	}
	if m.dirty {
		m.dirty = false
		if m.opts.Lite {
			m.page().refresh(m.feed) // No tick did.
		}
		if m.pair != nil {
			m.pair.follow(m.side)
		}
		m.picture()
		if m.canvas != nil {
			m.canvas.paint(m.grid, m.title())
		}
	}
	return m, cmd
}

// handle routes a message, nothing else.
func (m *model) handle(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tickMsg:
		defer m.ring()
		m.dirty = m.page().refresh(m.feed) || m.page().pace() == pacePlaying || m.dirty
		m.welcome(false)
		return tea.Batch(m.page().update(msg), m.tick())
	case turnMsg:
		if i := slices.Index(m.titles, msg.title); i >= 0 {
			m.turn(i)
			m.dirty = true
		}
	case newsMsg:
		defer m.ring()
		m.dirty = m.page().refresh(m.feed) || m.dirty
	case openMsg:
		m.open(msg)
	case themeMsg:
		m.theme.choose(msg.name)
		m.restyle()
	case flashMsg:
		return m.setFlash(msg.text)
	case flashDoneMsg:
		if msg.generation == m.flashGeneration {
			m.flash, m.dirty = "", true
		}
	case tea.KeyPressMsg:
		m.dirty = true
		if m.welcome(true) && !key.Matches(msg, m.keys.Quit) {
			return nil
		}
		return m.route(msg)
	case tea.MouseClickMsg, tea.MouseWheelMsg:
		m.dirty = true
		return m.point(msg.(tea.MouseMsg))
	case tea.MouseMotionMsg, tea.MouseReleaseMsg:
		return m.pull(msg.(tea.MouseMsg))
	case tea.ResumeMsg:
		m.still()
		return m.resume()
	default:
		m.terminal(msg)
	}
	return nil
}

// open shows a popup, on its page if it has one.
func (m *model) open(msg openMsg) {
	if i := slices.Index(m.titles, msg.page); i >= 0 {
		m.turn(i)
	}
	if _, done := msg.popup.(*textPopup); done {
		m.flash = "" // it said what was being done
	}
	m.popups, m.dirty = append(m.popups, msg.popup), true
}

// terminal takes what the terminal says of itself.
func (m *model) terminal(msg tea.Msg) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h, m.dirty = msg.Width, msg.Height, true
		m.grid.Forget() // Terminals shift what they show when they get another size.
		for _, p := range m.pages {
			p.update(msg)
		}
		if m.pair != nil {
			m.pair.other(m.side).scope.update(msg)
		}
	case tea.FocusMsg:
		// A terminal may have drawn nothing of what came meanwhile, or over it.
		m.dirty = true
		m.page().refresh(m.feed)
		m.grid.Forget()
	case tea.ColorProfileMsg:
		m.setDepth(msg.Profile)
	case tea.BackgroundColorMsg:
		m.theme.terminalIs(msg.IsDark())
		m.restyle()
	case tea.ModeReportMsg:
		if m.canvas != nil {
			m.canvas.report(msg)
		}
	}
}

// welcome opens the banner if it is time for it, and reports whether it did.
func (m *model) welcome(touched bool) bool {
	b := m.greet(touched)
	if b != nil {
		m.popups, m.dirty = append(m.popups, b), true
	}
	return b != nil
}

// resume takes the terminal again after the shell had it, which may have another
// size now.
func (m *model) resume() tea.Cmd {
	m.dirty = true
	m.grid.Forget()
	if m.canvas == nil {
		return nil
	}
	return m.guarded(func() tea.Msg {
		size, err := m.canvas.enter()
		if err != nil {
			return flashMsg{err.Error()}
		}
		return size
	})
}

// route gives a key to the popup on top, else to the program, else to the
// page. The keys that leave the program work everywhere.
func (m *model) route(msg tea.KeyPressMsg) tea.Cmd {
	if msg.String() == "ctrl+c" {
		return tea.Quit
	}
	if key.Matches(msg, m.keys.Suspend) {
		return m.suspend
	}
	if n := len(m.popups); n > 0 {
		done, cmd := m.popups[n-1].update(msg)
		if done {
			m.popups = m.popups[:n-1]
		}
		return m.guarded(cmd)
	}
	if cmd, ok := m.command(msg); ok {
		return cmd
	}
	if m.scope.stretchKey(msg) {
		return nil
	}
	return m.tell(msg)
}

// tell gives a message to the page, and opens the popup that it asks for.
func (m *model) tell(msg tea.Msg) tea.Cmd {
	cmd := m.page().update(msg)
	if wanted := m.scope.opening; wanted.popup != nil {
		m.scope.opening = openMsg{}
		m.open(wanted)
	}
	return cmd
}

// turn shows another page.
func (m *model) turn(to int) {
	m.current = to
	m.page().refresh(m.feed)
}

// guarded returns the command covered by the guard: a panic in a command
// would end the program before it could be reported.
func (m *model) guarded(cmd tea.Cmd) tea.Cmd {
	if cmd == nil || m.opts.Guard == nil {
		return cmd
	}
	return func() tea.Msg {
		defer m.opts.Guard.Recover()
		return cmd()
	}
}

func (m *model) setFlash(text string) tea.Cmd {
	m.flash, m.dirty = text, true
	m.flashGeneration++
	done := flashDoneMsg{m.flashGeneration}
	return m.after(flashFor, func(time.Time) tea.Msg { return done })
}

// working says what is being done until its outcome is shown.
func (m *model) working(text string) {
	m.flash, m.dirty = text, true
	m.flashGeneration++
}

// restyle takes the styles of the theme as it is now.
func (m *model) restyle() {
	m.styles, m.dirty = m.theme.styles(m.depth), true
}

// setDepth follows what the terminal can show.
func (m *model) setDepth(p colorprofile.Profile) {
	switch {
	case m.opts.NoColor || p <= colorprofile.Ascii:
		m.depth = themes.Mono
	case p == colorprofile.ANSI:
		m.depth = themes.Basic
	case p == colorprofile.ANSI256:
		m.depth = themes.Indexed
	default:
		m.depth = themes.Full
	}
	m.grid.SetIndexed(m.depth == themes.Indexed)
	m.restyle()
}

// View implements tea.Model. The renderer of the library is not used: what is
// drawn goes to the canvas.
func (m *model) View() tea.View { return tea.View{} }

// title is what the window is called.
func (m *model) title() string {
	if len(m.pages) > 1 {
		return "flapscope " + strings.ToLower(m.titles[m.current])
	}
	return "flapscope"
}

// picture draws the screen on the grid.
func (m *model) picture() {
	if m.w <= 0 || m.h <= 0 {
		m.grid.Reset(0, 0)
		return
	}
	m.grid.Reset(m.w, m.h)
	a := m.grid.Area()
	if m.w < minWidth || m.h < minHeight {
		drawTooSmall(a, &m.styles)
		m.grid.Paint(m.styles.Ground)
		return
	}
	bar := barView{look: look{&m.styles, m.opts.Location}, keys: &m.keys, replay: m.opts.Replay, flash: m.flash, pages: m.titles, page: m.current}
	if m.opts.Recording != nil {
		bar.recording = m.opts.Recording()
	}
	if m.scope.stretch.on {
		bar.chosen = m.scope.stretchText()
	}
	m.page().draw(a, bar)
	if m.scope.stretch.on {
		drawStretches(m.grid, bar.look, m.scope.stretch.span(), m.own)
	}
	for _, p := range m.popups {
		p.draw(a, bar.look)
	}
	m.grid.Paint(m.styles.Ground)
}

// drawTooSmall says in words why there is no picture.
func drawTooSmall(a grid.Area, st *themes.Styles) {
	text := "flapscope needs a terminal of at least 60x16; this one is " +
		num(int64(a.Width())) + "x" + num(int64(a.Height())) + "."
	lines := append(wrap(text, a.Width()), wrap("Make it larger, or press q.", a.Width())...)
	top := max(0, (a.Height()-len(lines))/2)
	for i, line := range lines {
		a.Text(max(0, (a.Width()-grid.Width(line))/2), top+i, line, st.Text)
	}
}
