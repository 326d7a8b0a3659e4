/* SPDX-License-Identifier: MIT */
/*
 * mem.h — allocation that cannot fail.
 *
 * For small things of a size we chose: when they fail the machine is out of memory, and stopping
 * loses nothing that the journal does not hold.  Anything sized by a peer goes through a struct buf
 * with a ceiling instead, and its failure is an error return.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull)); /* zeroed */
void *xrealloc(void *old, size_t count, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *s) __attribute__((malloc, returns_nonnull));
char *xstrndup(const char *s, size_t len) __attribute__((malloc, returns_nonnull));
char *xasprintf(const char *fmt, ...) __attribute__((malloc, returns_nonnull, format(printf, 1, 2)));

/* Copies at most size - 1 bytes and always ends with NUL. */
void copy_text(char *to, size_t size, const char *from);

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define CONTAINER_OF(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))

#endif
