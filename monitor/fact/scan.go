package fact

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"sync"

	"flapscope/internal/jsonscan"
)

// A scanner reads one value of the form in which it is written. What is of another
// form, or in another order, makes it fail, and is left to encoding/json.
type scanner func(s *jsonscan.Scanner, into reflect.Value)

// scanFact reads a fact of the form in which it is written, or returns false: what
// was read of it then means nothing.
func scanFact(raw []byte, f Fact) bool {
	s := jsonscan.Scanner{Rest: raw}
	v := reflect.ValueOf(f).Elem()
	scannerOf(v.Type())(&s, v)
	return !s.Failed && len(s.Rest) == 0
}

// scanners are those of structs, by type, made when the first is read.
var scanners sync.Map

func scannerOf(t reflect.Type) scanner {
	if known, ok := scanners.Load(t); ok {
		return known.(scanner)
	}
	switch p := reflect.PointerTo(t); {
	case t == reflect.TypeFor[Untrusted]():
		// Without a backslash it is what it shows.
		return scanString
	case p.Implements(reflect.TypeFor[json.Unmarshaler]()):
		return scanWords
	case p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		return scanText
	}
	switch t.Kind() {
	case reflect.String:
		return scanString
	case reflect.Bool:
		return scanBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return scanInt
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return scanUint
	case reflect.Struct:
		known, _ := scanners.LoadOrStore(t, scanner(membersOf(t).scan))
		return known.(scanner)
	case reflect.Slice:
		if t.Elem().Kind() != reflect.Uint8 { // which is base64
			return scanList(scannerOf(t.Elem()))
		}
	case reflect.Array:
		return scanArray(scannerOf(t.Elem()))
	case reflect.Pointer:
		return scanPointer(scannerOf(t.Elem()))
	}
	return func(s *jsonscan.Scanner, _ reflect.Value) { s.Failed = true }
}

// members are those of an object, in the order in which they are written.
type members []member

type member struct {
	// key has the comma before it and the colon.
	key   string
	index []int
	scan  scanner
}

func membersOf(t reflect.Type) (out members) {
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "-" || f.Anonymous && name == "" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		out = append(out, member{`,"` + name + `":`, f.Index, scannerOf(f.Type)})
	}
	return out
}

// scan reads an object. Any member can be left out.
func (all members) scan(s *jsonscan.Scanner, into reflect.Value) {
	s.Skip("{")
	comma := 1
	for i := range all {
		if m := &all[i]; s.Next(m.key[comma:]) {
			comma = 0
			if m.scan(s, into.FieldByIndex(m.index)); s.Failed {
				return
			}
		}
	}
	s.Skip("}")
}

func scanList(element scanner) scanner {
	return func(s *jsonscan.Scanner, into reflect.Value) {
		s.Skip("[")
		into.Set(reflect.MakeSlice(into.Type(), 0, 0))
		if s.Next("]") {
			return
		}
		for more := true; more && !s.Failed; more = s.More() {
			into.Set(reflect.Append(into, reflect.Zero(into.Type().Elem())))
			element(s, into.Index(into.Len()-1))
		}
	}
}

// scanArray reads as many elements as there are.
func scanArray(element scanner) scanner {
	return func(s *jsonscan.Scanner, into reflect.Value) {
		s.Skip("[")
		for i := range into.Len() {
			if i > 0 {
				s.Skip(",")
			}
			element(s, into.Index(i))
		}
		s.Skip("]")
	}
}

func scanPointer(to scanner) scanner {
	return func(s *jsonscan.Scanner, into reflect.Value) {
		into.Set(reflect.New(into.Type().Elem()))
		to(s, into.Elem())
	}
}

func scanBool(s *jsonscan.Scanner, into reflect.Value) {
	yes := s.Next("true")
	s.Failed = s.Failed || !yes && !s.Next("false")
	into.SetBool(yes)
}

func scanInt(s *jsonscan.Scanner, into reflect.Value) {
	n := s.Int()
	s.Failed = s.Failed || into.OverflowInt(n)
	into.SetInt(n)
}

func scanUint(s *jsonscan.Scanner, into reflect.Value) {
	n := uint64(s.Uint())
	s.Failed = s.Failed || into.OverflowUint(n)
	into.SetUint(n)
}

// scanString reads text, which needs encoding/json only where something in it is
// escaped.
func scanString(s *jsonscan.Scanner, into reflect.Value) {
	switch quoted := s.Quoted(); {
	case jsonscan.Plain(quoted):
		into.SetString(string(quoted[1 : len(quoted)-1]))
	case !s.Failed:
		s.Failed = json.Unmarshal(quoted, into.Addr().Interface()) != nil
	}
}

// scanText reads what has a text form: an address, a word for a number.
func scanText(s *jsonscan.Scanner, into reflect.Value) {
	text := s.Text()
	s.Failed = s.Failed || into.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText(text) != nil
}

// scanWords reads a set of flags, which is written as a list of their names.
func scanWords(s *jsonscan.Scanner, into reflect.Value) {
	whole := s.Rest
	s.Skip("[")
	if !s.Next("]") {
		for more := true; more && !s.Failed; more = s.More() {
			s.Text()
		}
	}
	raw := whole[:len(whole)-len(s.Rest)]
	s.Failed = s.Failed || into.Addr().Interface().(json.Unmarshaler).UnmarshalJSON(raw) != nil
}
