# tollgate: two programs from one tree, build/tollgated and build/tollgate.
#
#   make            build both                 make run      install what is missing, build, start, open
#   make test       install, build, test all   make lint     the project's own rules
#   make check-unit check-dialects check-scenario check-screens check-fuzz     one level of the tests
#   make bench  make fuzz  make cover          see tests/README.md
#   make install DESTDIR= PREFIX=/usr/local    V=1 shows commands
#   SANITIZE=address,undefined or SANITIZE=thread   builds into a directory of its own

comma := ,
BUILD := build$(if $(SANITIZE),/$(subst $(comma),-,$(SANITIZE)))
PREFIX ?= /usr/local
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
VERSION := 0.1.0

BUILD_PACKAGES := gcc libc6-dev pkg-config libmicrohttpd-dev libcurl4-openssl-dev libsqlite3-dev \
	libjansson-dev libncurses-dev libyaml-dev libsodium-dev libssl-dev zlib1g-dev
RUN_PACKAGES := curl ca-certificates
TEST_PACKAGES := $(RUN_PACKAGES) python3 tmux procps sqlite3 valgrind clang libclang-rt-14-dev

LIBS := libmicrohttpd libcurl sqlite3 jansson ncursesw yaml-0.1 libsodium libcrypto zlib

ifneq ($(V),1)
Q := @
endif
say = $(if $(Q),@printf '  %-6s %s\n' $(1) $(2))

CC := $(if $(filter default undefined,$(origin CC)),gcc,$(CC))
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wwrite-strings -Wundef -Wvla -Wno-format-truncation $(if $(WERROR),-Werror)
HARDEN := -fstack-protector-strong -fPIE $(if $(SANITIZE),,-D_FORTIFY_SOURCE=2)
CFLAGS ?= $(if $(SANITIZE),-O1,-O2) -g
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -DTOLLGATE_VERSION='"$(VERSION)"' $(WARN) $(HARDEN) $(CFLAGS) \
	-Idaemon -Itui -I. -I$(BUILD)/gen $(shell pkg-config --cflags $(LIBS)) \
	$(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=undefined) \
	$(if $(COVER),--coverage)
ALL_LDFLAGS = -pie -pthread $(LDFLAGS) $(if $(SANITIZE),-fsanitize=$(SANITIZE)) $(if $(COVER),--coverage)
ALL_LIBS = $(shell pkg-config --libs $(LIBS)) -lm

DAEMON_SRC := $(wildcard daemon/*/*.c)
TUI_SRC := $(wildcard tui/*/*.c)
SQL := $(sort $(wildcard schema/[0-9]*.sql))
SCHEMA_TEXT := $(wildcard schema/*.json)

obj = $(patsubst %.c,$(BUILD)/%.o,$(1))
DAEMON_OBJ := $(call obj,$(DAEMON_SRC)) $(BUILD)/gen/schema.o
TUI_OBJ := $(call obj,$(TUI_SRC))
UNIT_SRC := $(shell find tests/unit -name '*.c' 2>/dev/null | sort)
UNIT_BIN := $(patsubst tests/%.c,$(BUILD)/tests/%,$(UNIT_SRC))
TOOL_BIN := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/scenario/*.c))
BENCH_BIN := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/bench/*.c))
FUZZ_BIN := $(patsubst tests/fuzz/%.c,$(BUILD)/tests/fuzz/%,$(wildcard tests/fuzz/*.c))

.PHONY: all run test tests unit-tests deps test-deps lint bench fuzz cover install clean \
	check-unit check-dialects check-scenario check-screens check-migrate check-fuzz check-sanitize
.SECONDARY:

all: $(BUILD)/tollgated $(BUILD)/tollgate

# What is missing is installed; where nothing is, nothing is asked of the system.
define install_missing
	@missing=$$(for p in $(1); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
	if [ -n "$$missing" ]; then \
		root=; [ "$$(id -u)" = 0 ] || root="sudo -n"; \
		echo "installing:" $$missing; \
		{ $$root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$root apt-get install -y -qq \
			--no-install-recommends $$missing >/dev/null; } || \
		{ echo "could not install them; as root run: apt-get install" $$missing >&2; exit 1; }; \
	fi
endef

deps:
	$(call install_missing,$(BUILD_PACKAGES) $(RUN_PACKAGES))

test-deps:
	$(call install_missing,$(BUILD_PACKAGES) $(TEST_PACKAGES))

run: deps
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@$(BUILD)/tollgate start

test: test-deps
	@$(MAKE) --no-print-directory -j$(JOBS) tests
	@tests/run --build $(BUILD) --jobs $(JOBS)

unit-tests: all $(UNIT_BIN)

tests: unit-tests $(TOOL_BIN) $(FUZZ_BIN)

check-unit check-dialects check-scenario check-screens check-migrate check-fuzz check-sanitize: tests
	@tests/run --build $(BUILD) --jobs $(JOBS) $(patsubst check-%,%,$@)

lint:
	@tests/run --build $(BUILD) --jobs $(JOBS) lint

bench: all $(BENCH_BIN)
	@tests/bench/run
	@tests/bench/ledger
	@tests/bench/reading
	@tests/bench/durability
	@tests/bench/retention

fuzz: $(FUZZ_BIN)
	@tests/fuzz/run --build $(BUILD) --seconds 60

cover:
	@$(MAKE) --no-print-directory COVER=1 BUILD=build/cover tests
	@tests/run --build build/cover --jobs $(JOBS) unit dialects scenario screens
	@tests/cover build/cover

install: all
	install -D -m 755 $(BUILD)/tollgated $(DESTDIR)$(PREFIX)/sbin/tollgated
	install -D -m 755 $(BUILD)/tollgate $(DESTDIR)$(PREFIX)/bin/tollgate

clean:
	rm -rf build

$(BUILD)/tollgated: $(BUILD)/daemon/main.o $(BUILD)/libtollgate.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LIBS)

$(BUILD)/tollgate: $(BUILD)/tui/main.o $(BUILD)/libtui.a $(BUILD)/libtollgate.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LIBS)

$(BUILD)/libtollgate.a: $(DAEMON_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(BUILD)/libtui.a: $(TUI_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(BUILD)/%.o: %.c | $(BUILD)/gen/schema.h
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# The files of schema/ become strings in the programs.
$(BUILD)/gen/schema.c $(BUILD)/gen/schema.h &: schema/embed $(SQL) $(SCHEMA_TEXT)
	@mkdir -p $(@D)
	$(Q)schema/embed $(BUILD)/gen/schema $(SQL) $(SCHEMA_TEXT)

$(BUILD)/gen/schema.o: $(BUILD)/gen/schema.c
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

# A test of the daemon is linked with the daemon, one of tollgate with both libraries, as it is itself.
$(BUILD)/tests/unit/%: tests/unit/%.c tests/check.h $(BUILD)/libtui.a $(BUILD)/libtollgate.a
	$(call say,TEST,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Itests -Wno-missing-prototypes -MMD -MP -MF $@.d -MT $@ $(ALL_LDFLAGS) -o $@ $< \
		$(if $(filter tests/unit/tui/%,$<),$(BUILD)/libtui.a) $(BUILD)/libtollgate.a $(ALL_LIBS)

# What scenarios and benches need beside the daemon: programs of its own code.
define tool
@mkdir -p $(@D)
$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(BUILD)/libtollgate.a $(ALL_LIBS)
endef

$(BUILD)/tests/bench/%: tests/bench/%.c $(BUILD)/libtollgate.a
	$(call say,BENCH,$<)
	$(tool)

$(BUILD)/tests/scenario/%: tests/scenario/%.c $(BUILD)/libtollgate.a
	$(call say,TOOL,$<)
	$(tool)

# Fuzz targets are programs for clang's libFuzzer, linked with the daemon as clang's sanitizers see it.
FUZZ_CC = clang -std=c11 -D_GNU_SOURCE -DTOLLGATE_VERSION='"$(VERSION)"' -g -O1 -Idaemon -I. -I$(BUILD)/gen \
	$(shell pkg-config --cflags $(LIBS)) -fno-sanitize-recover=undefined
FUZZ_OBJ := $(patsubst %.c,$(BUILD)/fuzz-objects/%.o,$(DAEMON_SRC)) $(BUILD)/fuzz-objects/gen/schema.o

$(BUILD)/fuzz-objects/%.o: %.c | $(BUILD)/gen/schema.h
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer-no-link,address,undefined -MMD -MP -c -o $@ $<

$(BUILD)/fuzz-objects/gen/schema.o: $(BUILD)/gen/schema.c
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) -c -o $@ $<

$(BUILD)/fuzz-objects/libtollgate.a: $(FUZZ_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(BUILD)/tests/fuzz/%: tests/fuzz/%.c tests/fuzz/fuzz.h $(BUILD)/fuzz-objects/libtollgate.a
	$(call say,FUZZ,$<)
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer,address,undefined -o $@ $< $(BUILD)/fuzz-objects/libtollgate.a $(ALL_LIBS)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
