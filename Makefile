# make demo   plays the main job
# make test   runs every check and test; installs what they need when missing
# make build  builds bin/reputed
# make learn DATA=…     makes the learned tables of lexicons/ anew
# make soak   puts the daemon under the load of 10,000 feeds for three minutes; SOAK='-every 15m -for 1h' is the full test
# make throughput TEXTS=…  takes 100,000 items made of a folder's *.tsv (labelled texts) the whole way; CPU=cpu.prof keeps a profile
# make accuracy EVAL=… DATA=…  measures the figures of docs/accuracy.md anew

TOOL = go tool -modfile=internal/tools/go.mod

.PHONY: build demo test bench learn soak throughput accuracy tools

build:
	go build -trimpath -o bin/reputed ./cmd/reputed

demo: build
	bin/reputed demo --once

test: tools
	@test -z "$$($(TOOL) gofumpt -l . | tee /dev/stderr)" || { echo "the files above are not formatted: run '$(TOOL) gofumpt -w .'" >&2; exit 1; }
	go vet ./...
	cd internal/tools && go vet ./...
	$(TOOL) staticcheck ./...
	go test -race ./...
	go test -run 'Memory$$' ./collector

bench:
	go test -run '^$$' -bench . -benchmem ./...

learn: build
	bin/reputed learn --afresh --out lexicons/learned/learned.tsv $(DATA)/sentiment/*.tsv
	go test ./sentiment -run TestLeanings -update

soak: build
	go -C internal/tools build -o ../../bin/soak ./soak
	bin/soak $(SOAK)

throughput:
	REPUTED_TEXTS='$(TEXTS)' REPUTED_ITEMS=$(or $(ITEMS),100000) REPUTED_BRAND_EVERY=$(or $(BRAND_EVERY),1) \
		go test -run '^$$' -bench Items -benchtime 1x -o bin/items.test $(if $(CPU),-cpuprofile $(abspath $(CPU))) ./cmd/reputed

accuracy: build
	go -C internal/tools build -o ../../bin/accuracy ./accuracy
	bin/accuracy $(UPDATE) docs/accuracy.md

# The tests ask sqlite3 the queries of the documentation, and systemd-analyze for
# the exposure of the unit.
tools:
	@command -v sqlite3 >/dev/null && command -v systemd-analyze >/dev/null || \
	{ apt-get update -q && apt-get install -q -y --no-install-recommends sqlite3 systemd; } >&2 || \
	{ echo "install sqlite3 and systemd-analyze with your system's package manager (as root), then run make test again" >&2; exit 1; }
