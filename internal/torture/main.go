//go:build linux

// Command torture treats recordings as badly as the world does: it kills their
// writer, takes the power from under their disk, fills it, and reads files that
// were damaged or made to do harm. It prints how often it tried and how often
// something failed, and ends with 1 if anything did.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"
)

// A trial is one way to do harm. Each try returns what failed, or nil.
type trial struct {
	name  string
	tries int
	run   func(dir string, i int) error
	// needs is why it can't be run here, or empty.
	needs string
}

func main() {
	if len(os.Args) > 2 && os.Args[1] == victimArgument {
		fmt.Println("error", strings.ReplaceAll(victim(os.Args[2]).Error(), "\n", "; "))
		os.Exit(1)
	}
	if len(os.Args) > 2 && os.Args[1] == readArgument {
		os.Exit(everyCommand(os.Args[2]))
	}
	kills := flag.Int("kills", 20, "`times` to kill a writer under load")
	images := flag.Int("images", 5, "crash `images` of an ext4 file system (root)")
	disks := flag.Int("disks", 2, "`times` to fill a disk (root)")
	files := flag.Int("files", 300, "damaged `files` to read")
	fields := flag.Int("fields", 30, "`times` to plant a hostile text in a field; -1 plants each in each")
	stalls := flag.Int("stalls", 11, "`times` to read nothing of what is printed")
	seed := flag.Uint64("seed", 2, "what the damage to files is chosen by: the same `number`, the same damage")
	program := flag.String("program", "./flapscope", "the `program` to read them with")
	flag.Parse()
	root := ""
	if os.Geteuid() != 0 {
		root = "not root"
	}
	reader := &mutator{program: *program, seed: *seed}
	planter := &planter{reader: reader}
	planted, err := planter.tries(*fields)
	if err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		os.Exit(1)
	}
	disk, cached := &powerless{}, &powerless{cached: true}
	defer disk.close()
	defer cached.close()
	mounts, lossy := disk.missing(root), cached.missing(root)
	ok := run([]trial{
		{"kill -9 under load, some stopped for a while", *kills, kill, ""},
		{"power loss: crash images of ext4", *images, disk.image, mounts},
		{"power loss of a disk with a cache", *images, cached.image, lossy},
		{"disk full, and free again", *disks, full, root},
		{"damaged and hostile files", *files, reader.file, ""},
		{"hostile text in a field, read by every command", planted, planter.field, ""},
		{"output that nobody reads, and an interrupt", *stalls, reader.stalled, ""},
		{"few descriptors, little memory", min(*files, len(scarcities)), reader.scarce, ""},
	})
	if !ok {
		disk.close()
		cached.close()
		os.Exit(1)
	}
}

// run runs the trials and prints the table, and reports whether nothing failed.
func run(trials []trial) bool {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "TRIAL\tTRIES\tFAILURES\tTIME")
	ok := true
	for _, t := range trials {
		if t.needs != "" {
			fmt.Fprintf(w, "%s\t0\t-\tskipped: %s\n", t.name, t.needs)
			continue
		}
		began := time.Now()
		failures := 0
		for i := range t.tries {
			if err := try(t, i); err != nil {
				failures++
				fmt.Fprintf(os.Stderr, "torture: %s, try %d: %v\n", t.name, i, err)
			}
		}
		ok = ok && failures == 0
		fmt.Fprintf(w, "%s\t%d\t%d\t%v\n", t.name, t.tries, failures, time.Since(began).Round(time.Second))
	}
	w.Flush()
	return ok
}

// try runs one try in a directory of its own. A panic is a failure.
func try(t trial, i int) (failed error) {
	dir, err := os.MkdirTemp("", "torture")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	defer func() {
		if r := recover(); r != nil {
			failed = fmt.Errorf("panic: %v", r)
		}
	}()
	return t.run(dir, i)
}
