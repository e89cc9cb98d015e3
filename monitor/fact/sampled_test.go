package fact

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSamplesAreWhole: what is not among the columns of a sampled fact would be
// lost in recordings.
func TestSamplesAreWhole(t *testing.T) {
	n := 0
	for _, k := range Kinds() {
		f, ok := k.New().(Sampled)
		if !ok {
			continue
		}
		n++
		v := reflect.ValueOf(f).Elem()
		for i := range v.NumField() {
			switch field := v.Field(i); {
			case field.CanInt():
				field.SetInt(int64(100 + i))
			case field.CanUint():
				field.SetUint(uint64(100 + i))
			case field.Kind() == reflect.Bool:
				field.SetBool(true)
			}
		}
		numbers := f.Numbers(nil)
		if len(numbers) != len(f.Columns()) {
			t.Errorf("%s: %d numbers for columns %v", k, len(numbers), f.Columns())
			continue
		}
		got, _ := k.New().(Sampled)
		if err := got.Sample(f.Series(), numbers); err != nil {
			t.Errorf("%s: %v", k, err)
		}
		if diff := cmp.Diff(f, got); diff != "" {
			t.Errorf("%s (-fact +from columns)\n%s", k, diff)
		}
	}
	if n == 0 {
		t.Error("no kind is sampled: this test looks at nothing")
	}
}
