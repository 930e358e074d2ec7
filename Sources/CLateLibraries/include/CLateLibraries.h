#ifndef CODETTA_LATE_LIBRARIES_H
#define CODETTA_LATE_LIBRARIES_H

/// Libraries that are loaded when one of their functions is first called, so that a program starts without them and says what is
/// missing when it is needed.
///
/// This target defines the functions of these libraries that the package calls, each of which hands over to the library. A program that
/// has the target among its dependencies is not linked against the libraries themselves. The libraries' own headers declare the functions,
/// so that a difference does not compile.
enum cl_library { CL_SNDFILE, CL_MPG123, CL_SOXR, CL_EBUR128, CL_KISSFFT };

/// What is missing for functions of the library to work, one line; NULL if nothing is. A function of a missing library fails in the way
/// of that library. Looks for the library again each time, until it is found.
const char *_Nullable cl_missing(enum cl_library library);

#endif
