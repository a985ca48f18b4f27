# all test it worlds lint asan bench install clean; pii-report, pii-bench, stages; WERROR=1 makes warnings errors. Sources are found, not listed.
PREFIX  ?= /usr/local
VERSION  = 0.1.0
BUILD   ?= build
CC      ?= cc
CFLAGS  ?= -O3 -g
PKGS     = rdkafka avro-c libpq libcurl jansson libsodium libpcre2-8
PYTHON  ?= /usr/bin/python3

WARN     = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wno-overlength-strings
# make V=1 shows the commands
SAY      = $(if $(V),,@echo '  $(1)'; )
CPPFLAGS_ALL = -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -Iinclude -I$(BUILD)/gen $(CPPFLAGS)
CFLAGS_ALL   = -std=c11 $(WARN) $(if $(WERROR),-Werror) $(CFLAGS) $(shell pkg-config --cflags $(PKGS))
LIBS         = $(shell pkg-config --libs $(PKGS)) -lm -pthread

HEADERS  = $(wildcard include/*.h)
SOURCES  = $(wildcard src/*.c src/*/*.c)
UNITS    = $(wildcard tests/unit/test_*.c)
EMBEDDED = $(sort $(wildcard schemas/*.avsc schemas/sql/*.sql src/sql/*.sql))

OBJECTS  = $(SOURCES:%.c=$(BUILD)/%.o) $(BUILD)/gen/embed.o
LIBRARY  = $(filter-out $(BUILD)/src/main.o,$(OBJECTS))
TESTS    = $(UNITS:tests/unit/%.c=$(BUILD)/tests/%)

.PHONY: all test it worlds pii-report pii-bench stages lint asan bench install clean
.DELETE_ON_ERROR:

all: $(BUILD)/afterword

$(BUILD)/afterword: $(OBJECTS)
	$(call SAY,LD $@)$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $(OBJECTS) $(LIBS)

$(BUILD)/%.o: %.c $(BUILD)/gen/embed.h $(BUILD)/flags
	@mkdir -p $(@D)
	$(call SAY,CC $<)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(BUILD)/gen/embed.o: $(BUILD)/gen/embed.c $(BUILD)/flags
	$(call SAY,CC $<)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -c -o $@ $<

# Schemas, migrations and statements become C strings: embed.sh names them.
$(BUILD)/gen/embed.c: src/embed.sh $(EMBEDDED) $(BUILD)/embedded
	@mkdir -p $(@D)
	$(call SAY,EMBED $@)sh src/embed.sh source $(EMBEDDED) >$@
$(BUILD)/gen/embed.h: src/embed.sh $(EMBEDDED) $(BUILD)/embedded
	@mkdir -p $(@D)
	$(call SAY,EMBED $@)sh src/embed.sh header $(EMBEDDED) >$@

# Rebuild when flags or the list of embedded files change.
define remember
@mkdir -p $(@D)
@echo '$(1)' | cmp -s - $@ || echo '$(1)' >$@
endef
.PHONY: always
always:
$(BUILD)/flags: always
	$(call remember,$(subst ','"'"',$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL)))
$(BUILD)/embedded: always
	$(call remember,$(EMBEDDED))

$(BUILD)/tests/%: $(BUILD)/tests/unit/%.o $(LIBRARY)
	@mkdir -p $(@D)
	$(call SAY,LD $@)$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $< $(LIBRARY) $(LIBS) -lcmocka

# Unit tests: no server, seconds.
test: $(TESTS)
	sh tests/unit/run.sh $(TESTS)

# Integration tests: a real Kafka, registry and Postgres, started unless the environment points at some.
it: all
	AFTERWORD_BIN=$${AFTERWORD_BIN:-$(abspath $(BUILD))/afterword} $(PYTHON) -m pytest -q $(PYTEST_ARGS) tests/it

# Random worlds against the model: N of them, from seed SEED on; a SEED alone is that one, ONLY=3,17 of its messages.
worlds: all
	AFTERWORD_BIN=$${AFTERWORD_BIN:-$(abspath $(BUILD))/afterword} $(PYTHON) -m pytest -q $(PYTEST_ARGS) tests/it/test_80_worlds.py \
		--seed $(or $(SEED),0) --worlds $(or $(N),$(if $(SEED),1,100)) $(if $(ONLY),--only $(ONLY)) $(if $(PLAIN),--plain)

# Measures against references in the same run; BENCH_ARGS=--help says which.
bench: all
	AFTERWORD_BIN=$(abspath $(BUILD))/afterword $(PYTHON) tests/bench/bench.py $(BENCH_ARGS)

# Recall and precision by type on the labelled lines of tests/data/pii.
pii-report: all
	AFTERWORD_BIN=$(abspath $(BUILD))/afterword $(PYTHON) tests/data/pii/report.py $(REPORT_ARGS)

# The scrubber against memchr and, where PRESIDIO names a Python that has it, Presidio's pattern recognisers.
pii-bench: all $(BUILD)/tests/pii_bench
	$(PYTHON) tests/bench/pii_bench.py $(BUILD)/tests/pii_bench

# What an event costs in each stage, in instructions; an error where that is over 10 % more than accepted.
stages: $(BUILD)/tests/stages
	$(PYTHON) tests/bench/stages.py $(BUILD)/tests/stages $(CC)

$(BUILD)/tests/pii_bench $(BUILD)/tests/stages: $(BUILD)/tests/%: $(BUILD)/tests/bench/%.o $(LIBRARY)
	@mkdir -p $(@D)
	$(call SAY,LD $@)$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $< $(LIBRARY) $(LIBS)

lint:
	sh tests/lint.sh $(HEADERS) $(SOURCES) $(UNITS)

# Everything again under AddressSanitizer and UBSan, in a build of its own.
asan:
	$(MAKE) BUILD=$(BUILD)/asan CFLAGS='-O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all -fsanitize=address,undefined' all test

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/afterword/schemas $(DESTDIR)$(PREFIX)/share/doc/afterword
	install -m 755 $(BUILD)/afterword $(DESTDIR)$(PREFIX)/bin/afterword
	install -m 644 schemas/*.avsc $(DESTDIR)$(PREFIX)/share/afterword/schemas
	install -m 644 worker.conf README.md $(DESTDIR)$(PREFIX)/share/doc/afterword

clean:
	rm -rf $(BUILD)

# Kept, so that tests relink only when something changed.
.SECONDARY:

-include $(OBJECTS:.o=.d) $(TESTS:$(BUILD)/tests/%=$(BUILD)/tests/unit/%.d) $(wildcard $(BUILD)/tests/bench/*.d)
