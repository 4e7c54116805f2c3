# Reglow. `make` alone says what there is.

SWIFT = swift
PREFIX = /usr/local
DESTDIR =

command = .build/release/reglow
# reglowVersion of Sources/Reglow/Version.swift.
version = $(shell sed -n 's/.*reglowVersion = "\(.*\)"/\1/p' Sources/Reglow/Version.swift)
libdir = $(PREFIX)/lib

bindir = $(DESTDIR)$(PREFIX)/bin
includedir = $(DESTDIR)$(PREFIX)/include
pkgconfigdir = $(DESTDIR)$(libdir)/pkgconfig
modeldir = $(DESTDIR)$(PREFIX)/share/reglow/models
exampledir = $(DESTDIR)$(PREFIX)/share/reglow/examples
mandir = $(DESTDIR)$(PREFIX)/share/man
bashdir = $(DESTDIR)$(PREFIX)/share/bash-completion/completions
zshdir = $(DESTDIR)$(PREFIX)/share/zsh/site-functions
fishdir = $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
manual = .build/manual/pages
examples = astronaut-face-64.png astronaut-256.png

.PHONY: help toolchain packages build demo test test-batch test-slurm check docs bench bench-full static library manual install uninstall clean test-python wheel

help:
	@echo 'make demo       build, degrade and restore the example face and photograph, print PSNR and SSIM'
	@echo 'make test       build, run all tests and the checks of .ci'
	@echo 'make test-batch kill batch jobs at random moments and compare what they leave; make test-slurm does so on a Slurm of its own'
	@echo 'make test-python test the Python package, its guides and its notebook; make wheel builds a wheel into dist and tries it'
	@echo 'make build      build the command: $(command)'
	@echo 'make bench      two minutes of benchmarks, each against the machine'"'"'s peak; make bench-full runs all'
	@echo 'make docs       build the documentation of the library as a site'
	@echo 'make check      only the checks of what is built, and of the source tree'
	@echo 'make library    build the library for C and the languages that call it: .build/library/libreglow.so'
	@echo 'make install    install the command, the library with its header, the priors, completions and manual pages under PREFIX=$(PREFIX)'
	@echo '                (DESTDIR and libdir are honoured); what is installed needs no Swift toolchain'
	@echo 'make uninstall  remove what make install put there'
	@echo 'make packages   install the Debian packages that are missing (the targets above do it themselves)'
	@echo 'make clean      remove what was built and the demo'

toolchain:
	@command -v "$(SWIFT)" >/dev/null 2>&1 || { \
	    echo 'No swift on the PATH: install the Swift 6.3 toolchain (swift.org/install), or say make SWIFT=/path/to/swift.' >&2; exit 1; }

packages: toolchain
	@.ci/packages

build: packages
	@"$(SWIFT)" build -c release --product reglow

demo: build
	@rm -rf demo/report
	@$(command) demo --precision auto --max-evaluations 310 --output demo --report demo/report
	@$(command) demo --prior noisy-photos --precision auto --problem deblur --problem superres-x2 --problem inpaint-random --solver auto \
	    --output demo/photo

# Testable imports would recompile every module, and test other objects than those that users get.
test: build
	@"$(SWIFT)" test -c release --disable-testable-imports --disable-xctest
	@"$(SWIFT)" test -c release --disable-testable-imports --disable-xctest \
	    --package-path Benchmarks/Comparison --scratch-path .build/comparison
	@$(MAKE) --no-print-directory check

test-batch: build
	@.ci/check-batch

test-slurm: build
	@.ci/test-slurm

test-python: build library
	@.ci/test-python

wheel: library
	@rm -rf dist
	@.ci/wheel dist
	@.ci/check-wheel dist/*.whl

check:
	@.ci/check-guards
	@.ci/check-tree
	@.ci/check-format
	@.ci/check-mirror
	@.ci/check-exports
	@.ci/check-symbols
	@.ci/check-portable
	@.ci/check-isa
	@.ci/check-results

docs: packages
	@.ci/docs

bench: packages
	@SWIFT="$(SWIFT)" Benchmarks/run

bench-full: packages
	@SWIFT="$(SWIFT)" Benchmarks/run all

# A scratch path of its own: the static standard library changes the flags of every module.
# The manual pages are made by a tool of swift-argument-parser from what the command says of itself.
manual: static
	@"$(SWIFT)" build -c release --product generate-manual --scratch-path .build/manual
	@rm -rf $(manual) && mkdir -p $(manual)
	@.build/manual/release/generate-manual .build/static/release/reglow --output-directory $(manual) --multi-page

static: packages
	@"$(SWIFT)" build -c release --product reglow --static-swift-stdlib --scratch-path .build/static

library: static
	@SWIFT="$(SWIFT)" .ci/library "$(version)"

install: manual library
	@install -d "$(bindir)" "$(modeldir)" "$(exampledir)" "$(mandir)/man1" "$(mandir)/man3" "$(bashdir)" "$(zshdir)" "$(fishdir)" \
	    "$(includedir)" "$(DESTDIR)$(libdir)" "$(pkgconfigdir)"
	@install -m 755 .build/static/release/reglow "$(bindir)/reglow"
	@strip "$(bindir)/reglow" 2>/dev/null || echo 'The command keeps its symbols: there is no strip'
	@install -m 644 .build/library/libreglow.so.$(version) "$(DESTDIR)$(libdir)/"
	@ln -sf libreglow.so.$(version) "$(DESTDIR)$(libdir)/libreglow.so.0"
	@ln -sf libreglow.so.0 "$(DESTDIR)$(libdir)/libreglow.so"
	@install -m 644 Sources/CReglow/include/reglow.h "$(includedir)/"
	@sed -e 's|@prefix@|$(PREFIX)|; s|@libdir@|$(subst $(PREFIX)/,$${prefix}/,$(libdir))|; s|@version@|$(version)|' \
	    Sources/CReglow/reglow.pc.in >"$(pkgconfigdir)/reglow.pc"
	@install -m 644 Models/*.safetensors Models/*.md Models/*.png "$(modeldir)/"
	@for file in $(examples); do install -m 644 "Examples/$$file" "$(exampledir)/" || exit 1; done
	@install -m 644 $(manual)/*.1 "$(mandir)/man1/"
	@install -m 644 Sources/CReglow/reglow.3 "$(mandir)/man3/"
	@"$(bindir)/reglow" --generate-completion-script bash >"$(bashdir)/reglow"
	@"$(bindir)/reglow" --generate-completion-script zsh >"$(zshdir)/_reglow"
	@"$(bindir)/reglow" --generate-completion-script fish >"$(fishdir)/reglow.fish"
	@echo "Installed $(bindir)/reglow, the library in $(DESTDIR)$(libdir), the priors in $(modeldir), completions and manual pages"

uninstall:
	@rm -f "$(bindir)/reglow" "$(bashdir)/reglow" "$(zshdir)/_reglow" "$(fishdir)/reglow.fish"
	@rm -f "$(includedir)/reglow.h" "$(pkgconfigdir)/reglow.pc" "$(DESTDIR)$(libdir)"/libreglow.so*
	@rm -f "$(mandir)/man1"/reglow.1 "$(mandir)/man1"/reglow.*.1 "$(mandir)/man3"/reglow.3
	@for file in $(examples); do rm -f "$(exampledir)/$$file"; done
	@cd Models && for file in *.safetensors *.md *.png; do rm -f "$(modeldir)/$$file"; done
	@for folder in "$(modeldir)" "$(exampledir)" "$(DESTDIR)$(PREFIX)/share/reglow"; do \
	    [ ! -d "$$folder" ] || rmdir "$$folder" 2>/dev/null || echo "Kept $$folder: it is not empty"; done

clean:
	@rm -rf .build demo dist
