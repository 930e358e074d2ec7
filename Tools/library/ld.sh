#!/bin/sh
# The linker of libcodetta: lld, which takes no library that nothing of it is needed of, wherever its name stands on the command line.
exec ld.lld --as-needed "$@"
