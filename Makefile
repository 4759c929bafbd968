# Two commands do everything: `make run` starts the demo, `make test` runs every test. `make help` lists the rest.

SHELL := bash
.DEFAULT_GOAL := help

# OpenSSL is taken from the system where its headers are; elsewhere cargo builds it.
ifeq ($(shell pkg-config --exists openssl 2>/dev/null && echo yes),yes)
export OPENSSL_NO_VENDOR := 1
endif

WEB_SOURCES := $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -path web/e2e -prune -o -path web/test-results -prune -o -type f -print 2>/dev/null) schema.graphql
NEXTEST := $(shell command -v cargo-nextest 2>/dev/null)

.PHONY: help run test test-rust test-web test-browser check fmt schema web bench chaos

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

run: web/dist/index.html ## Start the demo on SQLite with the sandbox beside it
	cargo run --profile demo -p billow-cli -- demo

test: test-web test-rust test-browser ## Run every test, on SQLite and on PostgreSQL, and in a browser

test-rust: web/dist/index.html tests/prism/node_modules ## Run the Rust tests on both databases
	@tests/scripts/setup postgres hledger pdf localstripe
ifdef NEXTEST
	tests/scripts/with-postgres cargo nextest run --workspace --no-fail-fast
else
	tests/scripts/with-postgres cargo test --workspace --no-fail-fast
endif

test-web: web/node_modules ## Run the web app's unit tests
	cd web && npm test

test-browser: web/dist/index.html ## Drive the demo in Chromium, on both databases
	@tests/scripts/setup postgres chromium nginx
	@# The same units as the Rust tests are made of, so that they are not built twice.
	cargo build --workspace --tests
	cd web && ../tests/scripts/with-postgres npm run e2e

check: web/dist/index.html ## Format, lints, types, drift, dependencies: what every change must pass
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo test -q --workspace --test house --test schema --test reference
	cd web && npm run check
	@tests/scripts/setup deny machete
	tests/scripts/supply-chain

fmt: web/node_modules ## Format everything
	cargo fmt --all
	cd web && npm run format

schema: ## Print schema.graphql from the code
	cargo run -q -p billow-api --example print_schema > schema.graphql.new && mv schema.graphql.new schema.graphql

web: web/dist/index.html ## Build the web app

# `npm install` and not `npm ci`: the lock may have been written where a registry lacks other platforms' binaries, which `ci` refuses.
web/node_modules: web/package-lock.json
	cd web && npm install --no-audit --no-fund
	@touch $@

web/dist/index.html: $(WEB_SOURCES) | web/node_modules
	cd web && npm run build

tests/prism/node_modules: tests/prism/package-lock.json
	cd tests/prism && npm install --no-audit --no-fund
	@touch $@

# `make bench hostile` measures one part: what stands after `bench` is no target of its own.
PART := $(if $(filter bench,$(MAKECMDGOALS)),$(filter-out bench,$(MAKECMDGOALS)))
ifneq ($(PART),)
.PHONY: $(PART)
$(PART): ; @:
endif

bench: ## Measure, and print the tables of docs/performance.md; `make bench hostile` measures one part
	@tests/scripts/setup postgres
	cargo build --release -p billow-cli -p billow-bench
	cd bench/peers/mercurius && npm install --no-audit --no-fund
	tests/scripts/with-postgres --durable target/release/billow-bench $(or $(PART),all)

chaos: ## Kill the server at 500 random moments and compare what is left
	@tests/scripts/setup postgres
	BILLOW_CHAOS_KILLS=500 tests/scripts/with-postgres cargo test -p billow-cli --test chaos --test chaos_money -- --nocapture
