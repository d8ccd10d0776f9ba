# make run | test | lint | format | bench | fuzz | certs | deps | clean      (make help says what each does)
SHELL := /bin/sh
CONFIG ?= debug
DEV := .dev
PORT ?= 6443
TARGET_PORT ?= 6060
PACKAGES := git make pkg-config openssl libssl-dev libnghttp2-dev libyaml-dev libdeflate-dev libpcre2-dev libsqlite3-dev zlib1g-dev
TEST_PACKAGES := curl nghttp2-client nghttp2-server nginx-light
BENCH_PACKAGES := nginx-light nghttp2-client
SWIFT_FLAGS := --explicit-target-dependency-import-check error
BIN = $(shell swift build -c $(CONFIG) --show-bin-path)

.PHONY: help deps test-deps bench-deps build run test lint format bench fuzz certs clean
.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

# install,PACKAGES: installs those Debian packages that are missing; says what to do where it may not.
define install
	@missing=; for p in $(1); do dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then \
	  echo "installing$$missing"; \
	  root=; [ "$$(id -u)" = 0 ] || root=sudo; \
	  { $$root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$root apt-get install -y -qq $$missing >/dev/null; } || \
	  { echo "could not install them: run  apt-get install$$missing  as root" >&2; exit 1; }; \
	fi
endef

deps: ## install what the build needs
	$(call install,$(PACKAGES))

test-deps: deps ## install what the tests use as outside judges
	$(call install,$(TEST_PACKAGES))

bench-deps: deps
	$(call install,$(BENCH_PACKAGES))

build: deps ## build everything (CONFIG=release for speed)
	swift build -c $(CONFIG) $(SWIFT_FLAGS)

certs: ## make development certificates in .dev/certs
	@sh certs/generate.sh $(DEV)/certs

run: build certs ## start a development server with a demo target on loopback
	@sh .ci/dev-server $(BIN) $(DEV) $(PORT) $(TARGET_PORT)

# One after another: side by side on few cores, tests of timeouts starve behind the fuzzers and meet their servers' limits.
test: test-deps ## run every test
	swift build --build-tests $(SWIFT_FLAGS)
	swift test --skip-build --no-parallel $(if $(FILTER),--filter $(FILTER))

lint: deps ## check the style, the manifests, sizes
	@sh .ci/lint

format: ## rewrite the sources in the house style
	swift format --in-place --parallel --recursive Package.swift Sources Tests

bench: bench-deps ## measure against the peers in one run
	Tests/Benchmarks/run

fuzz: deps ## fuzz the parsers for a minute each (SECONDS_EACH=…)
	Tests/Fuzz/run

clean: ## remove builds and the development state
	rm -rf .build .build-* $(DEV)
