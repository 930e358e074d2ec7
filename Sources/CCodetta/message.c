// What the library says in words.
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "codetta.h"
#include "codetta_support.h"

#define TEXT_OF(number) #number
#define VERSION_TEXT(major, minor, patch) TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)

static pthread_key_t message_key;
static pthread_once_t message_once = PTHREAD_ONCE_INIT;

static void make_key(void) { pthread_key_create(&message_key, free); }

void cc_set_message(const char *text) {
    pthread_once(&message_once, make_key);
    free(pthread_getspecific(message_key));
    pthread_setspecific(message_key, strdup(text));
}

const char *codetta_last_message(void) {
    pthread_once(&message_once, make_key);
    const char *text = pthread_getspecific(message_key);
    return text ? text : "";
}

const char *codetta_version(void) {
    return VERSION_TEXT(CODETTA_VERSION_MAJOR, CODETTA_VERSION_MINOR, CODETTA_VERSION_PATCH);
}

const char *codetta_status_name(codetta_status status) {
    switch (status) {
    case CODETTA_OK: return "ok";
    case CODETTA_USAGE: return "usage";
    case CODETTA_BAD_DATA: return "bad data";
    case CODETTA_NO_INPUT: return "no input";
    case CODETTA_INTERNAL: return "internal";
    case CODETTA_CANNOT_CREATE: return "cannot create";
    case CODETTA_IO: return "input/output";
    case CODETTA_BAD_CONFIG: return "bad config";
    case CODETTA_CANCELLED: return "cancelled";
    case CODETTA_BROKEN_PIPE: return "broken pipe";
    }
    return "unknown status";
}
