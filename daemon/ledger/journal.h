/* SPDX-License-Identifier: MIT */
/*
 * journal.h — what makes "durable before done" cheap: a worker's ring of records in a MAP_SHARED file.
 *
 * A record is copied into the ring before the client's last byte goes out; when the process dies the
 * kernel still has it.  The ledger writer drains the ring into SQLite and commits, with the rows,
 * how far it got; on start what was not taken over is replayed, and rows that are there already are
 * left alone.  The file also has a slot for each open call, taken at admission and given back when
 * its record is in the ring: slots still taken on start are the calls that were interrupted.
 *
 * One producer (the worker), one consumer (the writer); positions are the only shared words.
 * The file is allocated whole when it is made, so that a full disk is an error then and no SIGBUS
 * later.  Room for a record is set aside at admission, so that settling never fails.
 */
#ifndef LEDGER_JOURNAL_H
#define LEDGER_JOURNAL_H

#include "ledger/record.h"

struct err;
struct journal;

/* What is known of a call while it is open: enough for the row of an interrupted one. */
struct journal_slot {
	int64_t id;                     /* 0: the slot is free */
	int64_t team_id, key_id;
	uint8_t flags;
	char asked[MODEL_TEXT], provider[PROVIDER_TEXT], model[MODEL_TEXT];
	int64_t input_estimate, output_bytes;
};

/* path: made when absent.  ring_bytes and slots hold for a new file only. */
struct journal *journal_open(const char *path, size_t ring_bytes, unsigned slots, struct err *err);
void journal_close(struct journal *);
const char *journal_id(const struct journal *);         /* random, in the file's head; names it in the database */

/* -- the worker's side -- */
/* Takes a slot and sets room aside.  NULL when either is used up: answer 503 storage_error.
 * The slot is written by the worker until journal_append(). */
struct journal_slot *journal_admit(struct journal *);
/* Puts the record in the ring, gives slot and room back.  Cannot fail. */
void journal_append(struct journal *, struct journal_slot *, const struct call_record *);
/* Gives them back without a record (the call turned out to make no row). */
void journal_forget(struct journal *, struct journal_slot *);
/* Hands what was appended to the disk (durability: power).  Blocks. */
int journal_sync(struct journal *, struct err *err);

/* -- the writer's side -- */
/* The position up to which records can be read now, and where reading goes on. */
uint64_t journal_head(const struct journal *);
uint64_t journal_tail(const struct journal *);
/* The record at position; returns the position behind it, or 0 at the head. */
uint64_t journal_read(const struct journal *, uint64_t position, struct call_record *ret);
/* Everything before position is committed; its room is free. */
void journal_release(struct journal *, uint64_t position);

/* -- on start, before the worker runs -- */
/* Each slot a killed daemon left taken. */
void journal_each_open(struct journal *, void (*each)(void *arg, const struct journal_slot *), void *arg);
void journal_clear_open(struct journal *);

unsigned journal_num_open(const struct journal *);

#endif
