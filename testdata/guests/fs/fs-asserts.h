// What the programs of fs-asserts share.
#ifndef FS_ASSERTS_H
#define FS_ASSERTS_H

#include "asserts.h"
#include "calls.h"

// The programs. They are false when an assertion failed.
bool directories(void);
bool links(void);
bool metadata(void);
bool opening(void);
bool paths(void);
bool preopens(void);
bool reading_and_writing(void);
bool renaming(void);
bool rights(void);
bool streams(void);

// mistake makes one for which the host must trap, and is false if it comes back.
bool mistake(guest_string_t name);

extern fd_t rw, ro;  // the preopens /rw and /ro

// make makes a file with that content, contains compares what is in one, and size asks how much.
bool make(fd_t dir, const char *path, const char *content);
bool contains(fd_t dir, const char *path, const char *content);
bool size(fd_t dir, const char *path, uint64_t want);

#endif
