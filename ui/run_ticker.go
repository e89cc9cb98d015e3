package ui

import (
	"reflect"
	"time"
	"unsafe"

	tea "charm.land/bubbletea/v2"
)

// stillTicker stops the ticker by which the library looks for what it has to
// write. Without a renderer that is nothing, and it knows no lower rate than once
// a second, which wakes up the machine as often as all else that an idle screen
// does. The library shows the field to nobody; where it has another name or type
// nothing is stopped, and false is returned. To be called from the program's own
// goroutine.
func stillTicker(p *tea.Program) bool {
	f := reflect.ValueOf(p).Elem().FieldByName("ticker")
	if !f.IsValid() || f.Type() != reflect.TypeFor[*time.Ticker]() || f.IsNil() {
		return false
	}
	(*(**time.Ticker)(unsafe.Pointer(f.UnsafeAddr()))).Stop()
	return true
}
