package ui

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"flapscope/internal/scene"
	"flapscope/monitor/fold"
)

// A sink takes the program's output.
type sink struct {
	mu sync.Mutex // guards buf
	bytes.Buffer
}

// Write implements io.Writer.
func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Buffer.Write(p)
}

// A movie is a feed whose time goes on with the clock of the bubble.
type movie struct {
	mu    sync.Mutex // guards all following
	begin time.Time
	scene *scene.Scene
}

// Now implements Feed.
func (m *movie) Now() (time.Time, time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	passed := time.Since(m.begin)
	return m.scene.Wall.Add(passed), m.scene.End + passed
}

// Snapshot implements Feed: the same state all the time.
func (m *movie) Snapshot() *fold.Snapshot { return m.show().Snapshot() }

// Timeline implements Feed.
func (m *movie) Timeline() Timeline { return m.show().View() }

func (m *movie) show() *scene.Scene {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.scene
}

// cut goes on with another scene.
func (m *movie) cut(s *scene.Scene) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.scene, m.begin = s, time.Now()
}

// TestProgram runs the whole program, with time that costs nothing.
func TestProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		feed := &movie{begin: time.Now(), scene: scene.New("good")}
		m := newModel(feed, Options{Location: time.UTC}, pageKinds()...)
		var out sink
		p := tea.NewProgram(m, tea.WithInput(nil), tea.WithOutput(&out), tea.WithWindowSize(100, 30),
			tea.WithoutSignalHandler(), tea.WithEnvironment([]string{"TERM=xterm-256color"}))
		done := make(chan struct{})
		go func() {
			defer close(done)
			if _, err := p.Run(); err != nil {
				t.Errorf("Run: %v", err)
			}
		}()
		time.Sleep(3500 * time.Millisecond)
		feed.cut(scene.New("outage"))
		time.Sleep(2 * time.Second)
		synctest.Wait()
		p.Send(tea.KeyPressMsg{Code: 'q', Text: "q"})
		<-done
		time.Sleep(time.Minute) // pending ticks run out
		if !strings.Contains(onScreen(m), "UNSATISFIED") {
			t.Error("the outage of the feed never reached the screen")
		}
		if !strings.Contains(onScreen(m), "14:32:0") {
			t.Error("the clock is not shown")
		}
	})
}

// TestIdleDrawsOncePerSecond checks that nothing is redrawn while only the
// time of a second goes on.
func TestIdleDrawsOncePerSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		feed := &movie{begin: time.Now(), scene: scene.New("failover")}
		still := &stillFeed{movie: feed, snap: feed.Snapshot()}
		drawn := 0
		asked := func() Recording { drawn++; return Recording{} } // once a picture
		m := start(still, Options{Width: 15 * time.Minute, Recording: asked}, 100, 30)
		drawn = 0
		for range 40 { // ten seconds of ticks
			time.Sleep(tickEvery)
			m.Update(tickMsg{time.Now()})
		}
		if drawn < 9 || drawn > 11 {
			t.Errorf("%d pictures in 10 s, want one a second", drawn)
		}
	})
}

// A stillFeed returns the same snapshot for ever.
type stillFeed struct {
	*movie
	snap *fold.Snapshot
}

// Snapshot implements Feed.
func (s *stillFeed) Snapshot() *fold.Snapshot { return s.snap }

// TestBeforeFirstSnapshot checks the screen of a feed that knows nothing yet.
func TestBeforeFirstSnapshot(t *testing.T) {
	for _, s := range sizes() {
		m := start(nothing{}, Options{}, s.w, s.h)
		if !strings.Contains(onScreen(m), "STARTING") {
			t.Errorf("%dx%d: the screen does not say that it is starting", s.w, s.h)
		}
		press(t, m, "left", "right", "home", "end", "up", "down", "n", "b", "N", "tab", "up", "enter", "d", "x", "space", "pgup", "+", "-", "i")
		m.View()
	}
}

// nothing is a feed before the first observation.
type nothing struct{}

// Now implements Feed.
func (nothing) Now() (time.Time, time.Duration) { return time.Unix(0, 0), time.Hour }

// Snapshot implements Feed.
func (nothing) Snapshot() *fold.Snapshot { return nil }

// Timeline implements Feed.
func (nothing) Timeline() Timeline { return nil }

// BenchmarkFrame is the cost of one picture, with the questions to the past.
func BenchmarkFrame(b *testing.B) {
	for _, s := range sizes() {
		b.Run(num(int64(s.w))+"x"+num(int64(s.h)), func(b *testing.B) {
			m := start(sceneOf(b, "failover"), Options{Width: 15 * time.Minute}, s.w, s.h)
			b.ReportAllocs()
			for b.Loop() {
				m.picture()
			}
		})
	}
}

// TestLite checks that a screen without a clock waits for news and keys alone.
func TestLite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		feed := &movie{begin: time.Now(), scene: scene.New("good")}
		still := &stillFeed{movie: feed}
		ticks := 0
		m := newModel(still, Options{Location: time.UTC, News: make(chan struct{}), Lite: true}, pageKinds()...)
		m.after = func(time.Duration, func(time.Time) tea.Msg) tea.Cmd {
			ticks++
			return nil
		}
		m.Init()
		m.Update(tea.WindowSizeMsg{Width: 100, Height: 30})
		m.Update(tickMsg{time.Now()})
		if ticks == 0 {
			t.Error("nothing looks for the first path")
		}
		still.snap, ticks = feed.Snapshot(), 0
		m.Update(tickMsg{time.Now()})
		m.Update(newsMsg{})
		if ticks != 0 || !strings.Contains(onScreen(m), "SATISFIED") || !strings.Contains(onScreen(m), "LITE") {
			t.Errorf("%d ticks with a path on the screen:\n%s", ticks, onScreen(m))
		}
		before := onScreen(m)
		time.Sleep(90 * time.Second)
		m.Update(tea.KeyPressMsg{Code: tea.KeyF12})
		if onScreen(m) == before || ticks != 0 {
			t.Errorf("%d ticks, and after a key the screen is as old as before:\n%s", ticks, onScreen(m))
		}
	})
}

// TestStillTicker: the library looks for nothing to write.
func TestStillTicker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		feed := &movie{begin: time.Now(), scene: scene.New("good")}
		m := newModel(feed, Options{Location: time.UTC}, pageKinds()...)
		p := tea.NewProgram(m, tea.WithInput(nil), tea.WithOutput(new(sink)), tea.WithoutRenderer(), tea.WithoutSignalHandler())
		stopped := make(chan bool, 1)
		m.still = func() { stopped <- stillTicker(p) }
		done := make(chan struct{})
		go func() {
			defer close(done)
			if _, err := p.Run(); err != nil {
				t.Errorf("Run: %v", err)
			}
		}()
		if !<-stopped {
			t.Error("the library has another ticker")
		}
		p.Quit()
		<-done
		time.Sleep(time.Minute) // pending ticks run out
	})
}

// TestNews checks that a feed which says when it has something new is drawn then,
// and in between only for the clock.
func TestNews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		feed := &movie{begin: time.Now(), scene: scene.New("good")}
		still := &stillFeed{movie: feed, snap: feed.Snapshot()}
		news, ticks := make(chan struct{}), 0
		m := newModel(still, Options{Location: time.UTC, News: news}, pageKinds()...)
		m.after = func(d time.Duration, _ func(time.Time) tea.Msg) tea.Cmd {
			ticks++
			if wall, _ := still.Now(); wall.Add(d).Nanosecond() != 0 {
				t.Errorf("the next tick is %v after %v, want the next second", d, wall)
			}
			return nil
		}
		m.Update(tea.WindowSizeMsg{Width: 100, Height: 30})
		m.Update(tickMsg{time.Now()})
		time.Sleep(300 * time.Millisecond)
		m.Update(tickMsg{time.Now()})
		if ticks != 2 {
			t.Fatalf("%d ticks were asked for, want 2", ticks)
		}
		still.snap = scene.New("outage").Snapshot()
		feed.cut(scene.New("outage"))
		m.Update(newsMsg{})
		if !strings.Contains(onScreen(m), "UNSATISFIED") || ticks != 2 {
			t.Errorf("after the news the screen is\n%s\nand %d ticks were asked for", onScreen(m), ticks)
		}
	})
}
