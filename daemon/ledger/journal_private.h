/* SPDX-License-Identifier: MIT */
/*
 * journal_private.h — the journal's file as journal_file.c makes it and journal.c uses it.
 */
#ifndef LEDGER_JOURNAL_PRIVATE_H
#define LEDGER_JOURNAL_PRIVATE_H

#include <stdatomic.h>

#include "ledger/journal.h"

#define JOURNAL_MAGIC "tollgate journal"
#define JOURNAL_PAGE 4096
#define JOURNAL_ID_LEN 16
/* Bytes of the ring that stay resident; whole pages. */
#define JOURNAL_KEPT (1 << 20)

/* In the file's first page.  head and origin belong to the worker, tail to the writer; each side has a
 * cache line of its own.  What stands before them never changes its place. */
struct journal_head {
	char magic[sizeof(JOURNAL_MAGIC)];
	char id[JOURNAL_ID_LEN + 1];
	uint32_t version, slot_bytes, num_slots;
	uint64_t ring_bytes;
	_Alignas(64) _Atomic uint64_t head;
	_Atomic uint64_t origin;
	_Alignas(64) _Atomic uint64_t tail;
};

/* In front of each record; the next one begins at a multiple of ENTRY_ALIGN behind it. */
struct journal_entry {
	uint32_t length;        /* of the record, or LAP_END: go on at the ring's start */
	uint32_t checksum;      /* of position and record */
	uint64_t position;
};

#define LAP_END UINT32_MAX
#define ENTRY_ALIGN 16
#define ENTRY_MAX (sizeof(struct journal_entry) + RECORD_MAX)
#define RING_MIN (4 * ENTRY_MAX)

_Static_assert(sizeof(struct journal_head) <= JOURNAL_PAGE, "the head is one page");
_Static_assert(sizeof(struct journal_entry) == ENTRY_ALIGN, "an entry fits wherever one may begin");
_Static_assert(ENTRY_MAX % ENTRY_ALIGN == 0, "room is counted in whole entries");

struct journal {
	int fd;
	char *path;
	size_t size;                    /* of the mapping */
	struct journal_head *head;      /* the mapping; NULL while there is none */
	struct journal_slot *slots;
	unsigned char *ring;
	size_t ring_bytes;
	unsigned num_slots;
	uint32_t *free_slots;           /* a stack, so that few are ever touched */
	unsigned num_free;
	atomic_uint num_open;           /* written by the worker, read by who asks */
};

/* Opens, makes where it is absent, locks, checks and maps: everything but free_slots and the entries. */
int journal_open_file(struct journal *, size_t ring_bytes, unsigned slots, struct err *err);
void journal_close_file(struct journal *);

/* Gives the kernel the pages of the ring's part behind JOURNAL_KEPT, which a burst made resident. */
void journal_give_back(const struct journal *);

/* Each slot in use, read through the file and not the mapping, so that slots never used do not become
 * resident. */
void journal_each_taken(const struct journal *, void (*each)(void *arg, const struct journal_slot *, unsigned number),
			void *arg);

#endif
