//go:build linux

package netlab

import (
	"io"
	"log"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

// A Page answers HTTP on port 80 of every address of a namespace.
type Page struct{ handler atomic.Value }

// ServePage starts one that answers nothing but that all is well.
func (ns *Namespace) ServePage(t testing.TB) *Page {
	t.Helper()
	p := &Page{}
	p.Answer(http.StatusNoContent, "", "")
	var l net.Listener
	err := ns.Do(func() (err error) {
		l, err = net.Listen("tcp", ":80")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{
		ReadHeaderTimeout: 10 * time.Second, ErrorLog: quiet(),
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.handler.Load().(http.HandlerFunc)(w, r) }),
	}
	go server.Serve(l) //nolint:errcheck // It ends with the listener.
	t.Cleanup(func() { l.Close() })
	return p
}

// Answer lets it answer with a status, a place to go to and a body.
func (p *Page) Answer(status int, to, body string) {
	p.handler.Store(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if to != "" {
			w.Header().Set("Location", to)
		}
		w.WriteHeader(status)
		io.WriteString(w, body) //nolint:errcheck // Who asked is gone.
	}))
}

// Nothing lets it cut connections off without a word.
func (p *Page) Nothing() {
	p.handler.Store(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
}

// Silence lets it take connections, and say nothing.
func (p *Page) Silence() {
	p.handler.Store(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
}

// quiet is for servers whose clients go away as they please.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
