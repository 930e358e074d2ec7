// Functions of which the C library has had a new version since 2.34, so that what is built here runs on older systems.
#include <math.h>

// Swift's names for the C library mention it; nothing calls it.
float hypotf(float a, float b) { return (float)sqrt((double)a * a + (double)b * b); }
