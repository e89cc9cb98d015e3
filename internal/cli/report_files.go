package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"flapscope/history/redact"
	"flapscope/history/report"
	"flapscope/history/session"
	"flapscope/history/timeline"
	"flapscope/internal/config"
	"flapscope/monitor/fact"
)

// reportFiles writes a report of a span of the history, or of the last minutes
// where there is none, and the redacted recording that it is of, side by side into
// this directory. It returns where they are, for people.
func (a *App) reportFiles(ctx context.Context, store *session.Store, span timeline.Span) ([]string, error) {
	dir, err := os.MkdirTemp("", "flapscope-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	whole := filepath.Join(dir, "cut"+session.Suffix)
	if span == (timeline.Span{}) {
		_, err = store.Save(ctx, whole, savedLast)
	} else {
		_, err = store.SaveSpan(ctx, whole, span.From, span.To)
	}
	if err != nil {
		return nil, err
	}
	place, err := os.Getwd()
	if err != nil {
		place = "."
	}
	return a.sideBySide(ctx, whole, place, reportOptions{})
}

// sideBySide writes a report of a recording and the redacted copy that it is of into a
// directory, and returns where they are.
func (a *App) sideBySide(ctx context.Context, whole, place string, o reportOptions) ([]string, error) {
	base := "flapscope-" + time.Now().Format("20060102T150405")
	recording, page := base+".public"+session.Suffix, base+".md"
	if err := a.redactFile(ctx, whole, filepath.Join(place, recording)); err != nil {
		return nil, err
	}
	// The report is of the copy, so that both have the same pseudonyms.
	if err := a.reportFile(ctx, filepath.Join(place, recording), filepath.Join(place, page), o); err != nil {
		return nil, errors.Join(err, os.Remove(filepath.Join(place, recording)))
	}
	return []string{
		"In " + fact.Untrusted(place).Display() + ":", "",
		"  " + page, "      what went wrong, to paste into an issue", "",
		"  " + recording, "      the recording that it is of, to attach", "",
		"Addresses, names and networks are pseudonyms; both were searched",
		"for the originals. Look at them before you send them.",
	}, nil
}

// redactFile writes a public copy of a recording to a file that is not there.
func (a *App) redactFile(ctx context.Context, from, name string) error {
	to, err := createOutput(name)
	if err != nil {
		return err
	}
	scratch, err := scratchFor(name)
	if err != nil {
		return to.close(err)
	}
	defer scratch.Close()
	return to.close(a.redactTo(ctx, from, redact.Options{Level: redact.Public}, scratch, to, &mapFile{}))
}

// reportFile writes a report of a recording that was redacted to a file that is
// not there.
func (a *App) reportFile(ctx context.Context, recording, name string, o reportOptions) error {
	write, err := report.WriterOf("md", "")
	if err != nil {
		return err
	}
	chain, err := session.OpenChain([]string{recording})
	if err != nil {
		return err
	}
	defer chain.Close()
	to, err := createOutput(name)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := a.reportOf(ctx, chain, redact.None, []string{recording}, o, write, &b); err != nil {
		return to.close(err)
	}
	return to.close(to.fill(bytes.NewReader(b.Bytes())))
}

// reportsDir returns where a replay writes reports, which is made, or "" where it can't
// be: a replay of what may be a stranger's can write nowhere else.
func (a *App) reportsDir(set config.Config) string {
	history, err := set.HistoryDir(a.Env)
	if err != nil {
		return ""
	}
	dir := filepath.Join(history, "reports")
	if os.MkdirAll(dir, 0o700) != nil {
		return ""
	}
	return dir
}

// replayedFiles writes a report of a span of recordings that are replayed, and the
// redacted copy of the newest of them in it, side by side into a directory. Without
// one it says how that is done.
func (a *App) replayedFiles(ctx context.Context, chain *session.Chain, span timeline.Span, dir string) ([]string, error) {
	name := newestIn(chain, span)
	if _, err := os.Stat(name); err != nil {
		return []string{"This recording is in no file that could be reported on."}, nil
	}
	var o reportOptions
	if span != (timeline.Span{}) {
		const form = "2006-01-02T15:04:05Z07:00"
		o.from, o.to = chain.Wall(span.From).Format(form), chain.Wall(span.To).Format(form)
	}
	if dir == "" {
		return reportLine(name, o), nil
	}
	return a.sideBySide(ctx, name, dir, o)
}

// newestIn returns the newest recording that has something in a span, or of all where
// there is none.
func newestIn(chain *session.Chain, span timeline.Span) (name string) {
	for _, run := range chain.Runs {
		for _, l := range run.Links {
			if name == "" || span == (timeline.Span{}) || l.From+run.Shift < span.To && l.To+run.Shift > span.From {
				name = l.Name
			}
		}
	}
	return name
}

// reportLine says how a report of a recording is made.
func reportLine(name string, o reportOptions) []string {
	command := []string{"flapscope report " + quoted(name)}
	if o.from != "" {
		command = append(command, "--from "+o.from, "--to "+o.to)
	}
	lines := []string{"There is no directory to write it to. In a shell:", ""}
	for i, c := range command {
		if i < len(command)-1 {
			c += ` \`
		}
		lines = append(lines, "  "+c)
	}
	return append(lines, "", "Add --format html -o page.html for a page with pictures.")
}

// quoted writes a name so that a shell takes it for one word, and nothing in it for
// anything else.
func quoted(name string) string {
	plain := strings.IndexFunc(name, func(c rune) bool {
		return !strings.ContainsRune("/._-+", c) && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z')
	}) < 0
	if plain && name != "" {
		return name
	}
	return "'" + strings.ReplaceAll(fact.Untrusted(name).Display(), "'", `'\''`) + "'"
}
