package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"flapscope/history/session"
	"flapscope/internal/term"
	"flapscope/internal/text"
)

// listedDocument is one recording in "history --json".
type listedDocument struct {
	Name     string                   `json:"name"`
	Size     int64                    `json:"size"`
	Start    time.Time                `json:"start"`
	End      time.Time                `json:"end"`
	Duration time.Duration            `json:"duration_ns"`
	Open     bool                     `json:"open"`
	Complete bool                     `json:"complete"`
	Episodes []session.EpisodeSummary `json:"episodes"`
	Error    string                   `json:"error,omitempty"`
}

func (a *App) historyCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "history",
		Short: "List what was recorded, or save the last minutes",
		Long: `Lists the recordings that the live screen and record keep: by default the last
seven days, 500 MB at most, readable by you alone.`,
		Example: "  flapscope history\n  flapscope history save --last 15m\n  flapscope replay $(flapscope history --json | jq -r '.[-1].name')",
		Args:    noArguments,
		RunE:    func(c *cobra.Command, _ []string) error { return a.history(c, asJSON) },
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON array")
	c.AddCommand(a.saveCommand(), a.statsCommand())
	return c
}

func (a *App) history(c *cobra.Command, asJSON bool) error {
	set, err := a.settings()
	if err != nil {
		return err
	}
	a.readOnly()
	store, err := a.store(set)
	if err != nil {
		return err
	}
	list, err := store.List()
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(out(c), listedDocuments(list))
	}
	if len(list) == 0 {
		fmt.Fprintf(a.stderr(), "flapscope: nothing recorded in %s yet\n", store.Dir)
		return nil
	}
	w := term.NewTable(out(c))
	w.Row("START", "LENGTH", "SIZE", "EPISODES", "NAME")
	for _, l := range list {
		state := ""
		switch {
		case l.Err != nil:
			state = "  " + oneLine(l.Err)
		case l.Open:
			state = "  being written"
		case !l.Complete:
			state = "  has no end: the program or the machine died"
		}
		w.Row(l.Start.Local().Format("2006-01-02 15:04:05"),
			text.Duration(l.Duration), text.Size(l.Size), len(l.Episodes), l.Name+state)
	}
	return w.Flush()
}

func listedDocuments(list []session.Listed) []listedDocument {
	docs := []listedDocument{}
	for _, l := range list {
		d := listedDocument{
			Name: l.Name, Size: l.Size, Start: l.Start, End: l.End, Duration: l.Duration,
			Open: l.Open, Complete: l.Complete, Episodes: l.Episodes,
		}
		if d.Episodes == nil {
			d.Episodes = []session.EpisodeSummary{}
		}
		if l.Err != nil {
			d.Error = oneLine(l.Err)
		}
		docs = append(docs, d)
	}
	return docs
}
