package probes

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"
	"flapscope/monitor/kernel"
	"flapscope/monitor/live"
	"flapscope/monitor/path"
)

// TestMain lets the test program be something else too: what has to run inside
// a namespace, or without privileges, as a whole.
func TestMain(m *testing.M) {
	roles := map[string]func(args []string) error{"ping-mode": reportPingMode, "watch": watchHealth, "serve": serve, "many": askMany, "once": askTargets}
	if len(os.Args) > 1 && roles[os.Args[1]] != nil {
		if err := roles[os.Args[1]](os.Args[2:]); err != nil {
			fmt.Println("failed:", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(netlab.Run(m))
}

func reportPingMode([]string) error {
	mode, err := PingMode()
	fmt.Print(mode)
	if err != nil {
		fmt.Print(err)
	}
	return nil
}

// watchHealth watches this machine with name server 203.0.113.53 and the given
// internet targets, and prints the health whenever it changes.
func watchHealth(targets []string) error {
	c := DefaultConfig()
	c.Internet, c.Portal.URL = targets, "http://203.0.113.80/"
	c.Query = "example.com"
	c.Intervals.Check, c.Intervals.Resolver, c.Intervals.Portal = 3*time.Second, time.Second, 2*time.Second
	runner, err := New(c)
	if err != nil {
		return err
	}
	m := live.New(path.DefaultSettings(), live.Boottime)
	m.Observe(fact.Put, &fact.Resolvers{Source: "resolv.conf", Servers: []fact.Server{{Addr: addr("203.0.113.53"), Port: 53}}})
	go func() {
		last := ""
		for ; ; time.Sleep(20 * time.Millisecond) {
			h := m.Snapshot().Health
			now := fmt.Sprintf("%s gateway=%s dns=%s internet=%s portal=%s %s", h.State, h.Gateway, h.DNS, h.Internet, h.Portal,
				strings.Join(strings.FieldsFunc(h.Text.Display(), func(r rune) bool { return r >= '0' && r <= '9' }), "N"))
			if now != last {
				fmt.Println(now)
			}
			last = now
		}
	}()
	return m.Run(context.Background(), kernel.New(kernel.Options{}), runner)
}

// serve is the internet of the tests: DNS on 203.0.113.53, the portal page on
// 203.0.113.80, TCP port 443 everywhere. With "portal" it answers as a captive
// portal does.
func serve(args []string) error {
	portal := len(args) > 0 && args[0] == "portal"
	errs := make(chan error)
	go func() {
		errs <- dns.ListenAndServe("203.0.113.53:53", "udp", dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
			w.WriteMsg(new(dns.Msg).SetReply(q))
		}))
	}()
	go func() {
		errs <- http.ListenAndServe("203.0.113.80:80", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if portal {
				http.Redirect(w, r, "http://203.0.113.80/login", http.StatusFound)
				return
			}
			w.WriteHeader(http.StatusNoContent)
		}))
	}()
	go func() {
		l, err := net.Listen("tcp", ":443")
		for err == nil {
			var c net.Conn
			if c, err = l.Accept(); err == nil {
				c.Close()
			}
		}
		errs <- err
	}()
	return <-errs
}
