package ui

import (
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"flapscope/internal/scene"
)

// TestPacer checks that the answer to a key is on the terminal at once although
// the renderer rests. It fails when the library no longer has the ticker.
func TestPacer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		feed := &movie{begin: time.Now(), scene: scene.New("good")}
		paced := newPacer(newModel(feed, Options{Location: time.UTC}, pageKinds()...))
		var out sink
		p := tea.NewProgram(paced, tea.WithInput(nil), tea.WithOutput(&out), tea.WithWindowSize(100, 30),
			tea.WithoutSignalHandler(), tea.WithEnvironment([]string{"TERM=xterm-256color"}))
		if !paced.attach(p) {
			t.Fatal("the renderer of the library has no ticker any more")
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			if _, err := p.Run(); err != nil {
				t.Errorf("Run: %v", err)
			}
		}()
		time.Sleep(3100 * time.Millisecond)
		for _, name := range []string{"?", "?", "?"} {
			synctest.Wait()
			before := out.Len()
			p.Send(tea.KeyPressMsg{Code: rune(name[0]), Text: name})
			time.Sleep(drawWithin + time.Millisecond)
			synctest.Wait()
			if out.Len() == before {
				t.Errorf("nothing was drawn within %v of the key %s", drawWithin, name)
			}
			time.Sleep(100 * time.Millisecond) // It rests again.
		}
		p.Quit()
		<-done
		time.Sleep(time.Minute) // pending ticks run out
	})
}
