package term

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// A Writer writes what Escape lets through. Each Write is escaped by itself: a
// character or a sequence of ours must not be split between two.
type Writer struct {
	out io.Writer
	buf []byte
	err error
}

// NewWriter returns a Writer that writes to out.
func NewWriter(out io.Writer) *Writer { return &Writer{out: out} }

// Write implements io.Writer.
func (w *Writer) Write(p []byte) (int, error) {
	w.buf = Escape(append(w.buf[:0], p...), 0)
	if _, err := w.out.Write(w.buf); err != nil {
		w.err = err
		return 0, err
	}
	return len(p), nil
}

// Err returns why a Write failed, or nil: who prints line by line need not ask
// each time.
func (w *Writer) Err() error { return w.err }

// A Table writes aligned columns. Cells have no style.
type Table struct{ w *tabwriter.Writer }

// NewTable returns a Table that is written to out.
func NewTable(out io.Writer) *Table {
	return &Table{tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)}
}

// Row adds a row. Cells are escaped before they are aligned, or what package
// tabwriter takes for the end of one (tabs, newlines, vertical tabs, form
// feeds) could be in it.
func (t *Table) Row(cells ...any) {
	row := make([]string, len(cells))
	for i, c := range cells {
		row[i] = Line(fmt.Sprint(c))
	}
	fmt.Fprintln(t.w, strings.Join(row, "\t"))
}

// Flush writes the rows.
func (t *Table) Flush() error { return t.w.Flush() }
