package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"flapscope/internal/cage"
	"flapscope/internal/config"
	"flapscope/internal/crash"
	"flapscope/internal/term"
	"flapscope/monitor/live"
	"flapscope/themes"
)

// An App is one invocation of the program.
type App struct {
	// Version is printed by --version and put into documents.
	Version string
	// In, Out and Err are the standard streams.
	In       *os.File
	Out, Err *os.File
	// Env looks up environment variables.
	Env func(string) string
	// Samples are the recordings that demo shows, in the order of their time.
	Samples [][]byte
	// Cage is entered by the command; nil is none.
	Cage Cage
	// Monitored, if there is one, gets the monitor of a command that observes.
	Monitored func(*live.Monitor)
	// flags are the global flags.
	flags globalFlags
	// themes are those that the screen offers.
	themes []themes.Theme
	// uncatch lets signals end the process at once, from now on.
	uncatch func()
}

// Main runs the command that args name and returns the exit code: 0 for yes,
// 1 for a negative answer, 2 for a usage error, 3 for a failure.
func (a *App) Main(args []string) int {
	a.cageStart()
	ctx, release := catch(context.Background())
	defer release()
	a.uncatch = release
	root := a.root()
	root.SetArgs(args)
	root.SetIn(a.In)
	printed := term.NewWriter(a.Out)
	root.SetOut(printed)
	root.SetErr(a.stderr())
	err := crash.Survive(func() error { return root.ExecuteContext(ctx) })
	if err == nil || errors.Is(err, errNegative) {
		// An answer that nobody got is none.
		err = cmp.Or(printed.Err(), err)
	}
	code := exitCode(err)
	if err != nil && !errors.Is(err, errNegative) {
		a.report(err)
	}
	return code
}

// report prints an error as one line, or the mistakes of a file as one each.
func (a *App) report(err error) {
	var mistakes config.Mistakes
	if !errors.As(err, &mistakes) {
		mistakes = config.Mistakes{err}
	}
	for _, m := range mistakes {
		fmt.Fprintln(a.stderr(), "flapscope: "+oneLine(m))
	}
}

// endings are the signals that end a command in order: a recording gets its
// end, a stream its last line. One that the parent had ignored stays so, as
// nohup(1) wants it.
func endings() []os.Signal {
	list := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		list = append(list, syscall.SIGHUP)
	}
	return list
}

// catch returns a context that ends with the first of these signals, until
// release lets them end the process again as if nobody caught them.
func catch(parent context.Context) (ctx context.Context, release func()) {
	ctx, cancel := context.WithCancel(parent)
	deaf := signal.Ignored(os.Interrupt)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, endings()...)
	released := make(chan struct{})
	go func() {
		select {
		case <-signals:
			cancel()
		case <-released:
		}
	}()
	return ctx, sync.OnceFunc(func() {
		if deaf {
			exitAtInterrupt()
		}
		signal.Stop(signals)
		close(released)
	})
}

// exitAtInterrupt ends the process with SIGINT where nobody who catches it would
// mean that it is ignored: the shell of a script has its jobs in the background
// ignore it. Who sends it to them wants them to end, as with tcpdump(8).
func exitAtInterrupt() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	go func() {
		<-signals
		os.Exit(128 + int(syscall.SIGINT))
	}()
}

// endAtOnce is for commands that have nothing to end well, and that a stranger's
// file can keep busy for long: from here on a signal ends the process.
func (a *App) endAtOnce() {
	if a.uncatch != nil {
		a.uncatch()
	}
}

// oneLine keeps an error to its one line on standard error. What several parts
// failed with is said once.
func oneLine(err error) string {
	var said []string
	for line := range strings.Lines(err.Error()) {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(said, line) {
			said = append(said, line)
		}
	}
	return strings.Join(said, "; ")
}

const longHelp = `flapscope is an oscilloscope for connectivity. It knows at every instant
whether this machine has a usable network path, why not when it has none, and
can prove it later from a recording.

    flapscope                      watch the path live
    flapscope status               one answer: exit code 0 satisfied, 1 not
    flapscope check                what is wrong: here, the gateway, DNS or beyond
    flapscope trace HOST           the way to a host, hop by hop
    flapscope dns NAME             what each name server says of a name
    flapscope events               follow every change, with its cause
    flapscope events --all --json  everything that is observed, a line each
    flapscope incidents            what went wrong, one line each
    flapscope wifi                 what is associated, who ended it and why
    flapscope state                what ip link/addr/route/rule/neigh would say
    flapscope record FILE          record without a screen
    flapscope replay FILE          the live screen over a recording

It needs no privilege. Without one the receive buffer is smaller, and ping
needs net.ipv4.ping_group_range to include your group, or cap_net_raw:

    sudo setcap cap_net_raw+ep $(which flapscope)`

// Command returns the command tree, for what describes it.
func (a *App) Command() *cobra.Command { return a.root() }

// root builds the command tree. Without a command it is the live screen.
func (a *App) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "flapscope",
		Short: "An oscilloscope for connectivity",
		Long:  longHelp,
		// What cobra prints of it by itself needs no template, with which every method
		// of the program would be linked.
		Version:       a.Version + "\n" + cage.Describe(),
		Args:          noArguments,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(c *cobra.Command, _ []string) error { return a.live(c.Context()) },
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usagef("%w; see %s --help", err, c.CommandPath())
	})
	root.SetHelpCommand(helpCommand(root))
	a.flags.register(root.PersistentFlags())
	root.Flags().BoolVar(&a.flags.lite, "lite", false, "draw the live screen only when something changed: no clock, no counters")
	must(root.RegisterFlagCompletionFunc("theme", values(themeNames()...)))
	must(root.RegisterFlagCompletionFunc("glyphs", values("auto", "unicode", "cp437", "ascii")))
	must(root.RegisterFlagCompletionFunc("interface", interfaces))
	must(root.MarkPersistentFlagFilename("config", "toml"))
	root.AddCommand(
		a.reportCommand(), a.redactCommand(), a.diffCommand(),
		a.statusCommand(), a.eventsCommand(), a.incidentsCommand(), a.wifiCommand(), a.recordCommand(), a.markCommand(),
		a.checkCommand(), a.traceCommand(), a.dnsCommand(), a.lanCommand(), a.replayCommand(), a.demoCommand(), a.historyCommand(), a.stateCommand(),
		a.verifyCommand(), a.configCommand(),
	)
	return root
}

// helpCommand is cobra's but for its exit code, which is 0 there for a command
// that does not exist.
func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about any command",
		RunE: func(_ *cobra.Command, args []string) error {
			c, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return usagef("no help on %q: there is no such command; see flapscope --help", strings.Join(args, " "))
			}
			return c.Help()
		},
	}
}

// noArguments refuses arguments, and names the unknown command in its line.
func noArguments(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if c.HasSubCommands() {
		return usagef("unknown command %q; see %s --help", args[0], c.CommandPath())
	}
	return usagef("%s takes no argument, got %q", c.CommandPath(), args[0])
}

// atMostOne refuses more than one argument.
func atMostOne(c *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usagef("%s takes one argument at most, got %d", c.CommandPath(), len(args))
	}
	return nil
}

// paint decides on colour: for a terminal that has colours, unless NO_COLOR
// (no-color.org) or --no-color says otherwise.
func (a *App) paint() paint {
	plain := a.flags.noColor || a.Env("NO_COLOR") != "" || a.Env("TERM") == "dumb"
	return paint{on: !plain && isatty.IsTerminal(a.Out.Fd())}
}

// stderr returns where notices and errors are printed to.
func (a *App) stderr() io.Writer { return term.NewWriter(a.Err) }

// out returns where a command prints to: what is not printable is escaped.
func out(c *cobra.Command) io.Writer { return c.OutOrStdout() }
