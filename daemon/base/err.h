/* SPDX-License-Identifier: MIT */
/*
 * err.h — an error code and the sentence that goes with it.
 *
 * A function that can fail returns 0 or a negative code and, where the failure is known, sets the
 * sentence in the caller's struct err.  Callers put in front what they were doing, so that the
 * text reads from the outside in: "reading tollgate.yaml: line 3: expected a duration".
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/* Only the codes somebody branches on. */
enum err_code {
	ERR_NONE = 0,
	ERR_INVALID = -1,   /* the input is wrong; the sentence says where and what would be right */
	ERR_NOT_FOUND = -2,
	ERR_CONFLICT = -3,  /* somebody else changed it, or it exists already */
	ERR_SYSTEM = -4,    /* the world failed: disk, network, memory */
	ERR_FULL = -5,      /* a stated ceiling was reached */
	ERR_FORBIDDEN = -6,
};

struct err {
	enum err_code code;
	char text[512];
};

/* Sets the sentence and returns code, so that "return err_set(err, …)" is one line. err may be NULL. */
int err_set(struct err *err, enum err_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* As err_set with ERR_SYSTEM, and ": <strerror(errno)>" at the end. */
int err_errno(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Puts "what: " in front of the sentence and returns its code. */
int err_wrap(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
