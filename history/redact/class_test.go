package redact

import (
	"reflect"
	"regexp"
	"slices"
	"testing"

	"flapscope/history/session"
	"flapscope/internal/hostile"
	"flapscope/monitor/fact"
)

// telling collects the fields of a type that can hold text or an address.
func telling(t reflect.Type, found map[string]bool) {
	switch {
	case t == addrType, t == prefixType:
		return
	case t.Kind() == reflect.Slice, t.Kind() == reflect.Array, t.Kind() == reflect.Pointer:
		telling(t.Elem(), found)
		return
	case t.Kind() != reflect.Struct:
		return
	}
	for f := range t.Fields() {
		of := f.Type
		for of.Kind() == reflect.Slice && of.Elem().Kind() != reflect.Uint8 || of.Kind() == reflect.Array || of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		switch of.Kind() {
		case reflect.String, reflect.Slice, reflect.Map, reflect.Interface:
			found[t.Name()+"."+f.Name] = true
		case reflect.Struct:
			if of == addrType || of == prefixType {
				found[t.Name()+"."+f.Name] = true
			}
			telling(of, found)
		}
	}
}

// A new field of a fact that can hold text or an address needs a class before it
// is in a redacted recording.
func TestEveryFieldHasAClass(t *testing.T) {
	found := map[string]bool{}
	for _, k := range fact.Kinds() {
		telling(reflect.TypeOf(k.New()).Elem(), found)
	}
	telling(reflect.TypeFor[session.Header](), found)
	if len(found) < 50 {
		t.Fatalf("%d fields: this looks at nothing", len(found))
	}
	for name := range found {
		if classes[name] == "" {
			t.Errorf("%s has no class: add it to classes, or it is emptied", name)
		}
	}
	for name := range classes {
		if !found[name] {
			t.Errorf("classes has %s, which is no field", name)
		}
	}
}

// TestPlanReachesEveryField: what has a class is mapped, wherever it is.
func TestPlanReachesEveryField(t *testing.T) {
	var reached []string
	var walk func(plan []field)
	walk = func(plan []field) {
		for _, f := range plan {
			if f.inside == nil {
				reached = append(reached, f.name)
			}
			walk(f.inside)
		}
	}
	for _, k := range fact.Kinds() {
		walk(planOf(reflect.TypeOf(k.New()).Elem()))
	}
	walk(planOf(reflect.TypeFor[session.Header]()))
	for name := range classes {
		if !slices.Contains(reached, name) {
			t.Errorf("%s is not looked at", name)
		}
	}
}

// TestUnclassed: a field that nobody gave a class is emptied.
func TestUnclassed(t *testing.T) {
	type fresh struct{ Secret string }
	v := &fresh{"x"}
	e := reflect.ValueOf(v).Elem()
	New(Public, Key{}).fields(e, planOf(e.Type()))
	if v.Secret != "" {
		t.Errorf("%q is left", v.Secret)
	}
}

// TestKeysAreWords: what a recording has as keys can't be told from a value of
// the same spelling, and says nothing.
func TestKeysAreWords(t *testing.T) {
	lines, err := hostile.Lines(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	own := regexp.MustCompile(`"([a-z_0-9]+)":`)
	for _, line := range lines {
		for _, key := range own.FindAllSubmatch(line, -1) {
			if tells(string(key[1]), func(string) bool { return false }) {
				t.Errorf("the key %s is not in the vocabulary: a name like it would be found in every copy", key[1])
			}
		}
	}
}
