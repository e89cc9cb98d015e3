package probes

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// A method that costs nothing is sent without bounds, and one without patience
// is lost at once.
func TestMethodsAreComplete(t *testing.T) {
	for _, m := range methods() {
		v := reflect.ValueOf(m)
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Errorf("method %q has no %s", m.name, v.Type().Field(i).Name)
			}
		}
		if m.cost.Packets < 1 || m.cost.Bytes < 28 || m.patience < 1 {
			t.Errorf("method %q: a probe of %+v within %v timeouts", m.name, m.cost, m.patience)
		}
		if len(slices.DeleteFunc(methods(), func(o method) bool { return o.name != m.name })) != 1 {
			t.Errorf("method %q is listed twice", m.name)
		}
	}
}

// Each form is the beginning of targets of its method.
func TestMethodsParseTheirForms(t *testing.T) {
	for _, m := range methods() {
		for _, form := range m.forms {
			filled := strings.NewReplacer("[/NAME]", "", "[:PORT]", "", "HOST", "192.0.2.1", "SERVER", "192.0.2.1", "PORT", "443", "…", "192.0.2.1").Replace(form)
			got, err := ParseTarget(filled)
			if err != nil || got.Method != m.name || got.Addr != addr("192.0.2.1") {
				t.Errorf("%s, filled in as %s: got method %q of %v, %v", form, filled, got.Method, got.Addr, err)
			}
			again, err := ParseTarget(got.ID)
			if err != nil || again != got {
				t.Errorf("%s: its ID is %s, which parses to %+v, %v", filled, got.ID, again, err)
			}
		}
	}
}
