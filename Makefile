# Targets for people; "make" lists them.

VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo development)
LDFLAGS  := -s -w -X main.version=$(VERSION)
PREFIX   ?= /usr/local
PACKAGES ?= ./...
FUZZTIME ?= 30s
SEEDS    ?= 50
OPS      ?= 600
KILLS    ?= 20
IMAGES   ?= 8
FILES    ?= 100
FIELDS   ?= 30
STALLS   ?= 11
SEED     ?= 2
# Built from the Go module proxy at the first use, which takes some minutes; it
# reads the code of the Go that it was built with.
LINTERS  := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
LINT      = $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/flapscope/v2.15.0-$(shell go env GOVERSION)/golangci-lint

export CGO_ENABLED = 0

.DEFAULT_GOAL := help
.PHONY: help build run test nightly lab race linters lint fmt golden storm faults torture fuzz bench cover manual pictures install clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build ./flapscope, static and stripped
	go build -trimpath -ldflags '$(LDFLAGS)' -o flapscope .

run: build ## build and start the live screen
	./flapscope

test: ## run all tests; failures and skipped tests are told at the end
	go run ./internal/testreport -count=1 -timeout 45m $(PACKAGES)

nightly: ## run the long tests, too: each scenario of the virtual machines
	FLAPSCOPE_NIGHTLY=1 go run ./internal/testreport -count=1 -timeout 2h $(PACKAGES)

lab: ## run the virtual machines and print a table of their scenarios; FLAPSCOPE_NIGHTLY=1 for all
	cd internal/vmlab && go test -count=1 -timeout 2h -table

race: ## run all tests with the race detector (needs a C compiler)
	CGO_ENABLED=1 go run ./internal/testreport -race -count=1 -timeout 1h $(PACKAGES)

linters: ## build the linters, once, in ~/.cache/flapscope
	@test -x $(LINT) || GOBIN=$(dir $(LINT)) go install $(LINTERS)

lint: linters ## run the linters of .golangci.yml
	$(LINT) run

fmt: linters ## format all code
	$(LINT) fmt

golden: ## write the golden files again; look at the difference before committing
	@grep -rl --include='*_test.go' 'flag.Bool("update"' . | xargs -n 1 dirname | sort -u | \
		while read -r dir; do go test "$$dir" -update || exit 1; done

storm: ## compare the mirror with ip(8) under random storms, as root: SEEDS=50 OPS=600
	STORM_SEEDS=$(SEEDS) STORM_OPS=$(OPS) go test -count=1 -v -timeout 5h -run Storm ./monitor/kernel/

faults: ## make every fault for real, compare what `flapscope check` says and what is told live, and write docs/faults.md
	go test -count=1 -v -run 'TestCheckFaults$$' ./internal/cli/
	go test -count=1 -run TestCheckFaultsDocument ./internal/cli/ -update

torture: build ## kill, cut and fill under recordings, as root: KILLS=1000 IMAGES=100 FILES=20000 FIELDS=-1 SEED=3
	go run ./internal/torture -kills $(KILLS) -images $(IMAGES) -files $(FILES) -fields $(FIELDS) -stalls $(STALLS) -seed $(SEED)

fuzz: ## run every fuzz test for FUZZTIME=30s
	@grep -rHo --include='*_test.go' '^func Fuzz[A-Za-z0-9]*' . | sed 's/:func / /' | \
		while read -r file name; do \
			echo "== $$name"; \
			go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$(dirname "$$file")" || exit 1; \
		done

bench: build ## measure speed and memory, and print them beside fping, mtr, pro-bing and bmon
	go run ./internal/benchtable
	go test -run '^$$' -bench . -benchmem -timeout 1h $(PACKAGES)

cover: ## write coverage to cover.html
	go test -coverprofile cover.out $(PACKAGES)
	go tool cover -html cover.out -o cover.html
	@go tool cover -func cover.out | tail -1

manual: ## write the man pages and shell completions to dist/
	go run ./internal/manual dist

pictures: build ## draw docs/flapscope.svg, the moving picture of the README, from `flapscope demo`
	go run ./internal/pictures ./flapscope docs/flapscope.svg

install: build manual ## install to PREFIX=/usr/local
	install -D -m 0755 flapscope $(DESTDIR)$(PREFIX)/bin/flapscope
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/man/man1 dist/man1/*.1
	install -D -m 0644 dist/flapscope.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/flapscope
	install -D -m 0644 dist/_flapscope $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_flapscope
	install -D -m 0644 dist/flapscope.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/flapscope.fish

clean: ## remove what was built
	rm -rf flapscope dist cover.out cover.html
