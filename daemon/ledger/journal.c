/* SPDX-License-Identifier: MIT */
/*
 * Records are put into a file-backed ring by their worker and taken out by the ledger writer here.
 *
 * The file: a page with the head, the slots of open calls, the ring.  Positions count bytes ever
 * appended and never go back; a position's place in the ring is its distance from `origin`, modulo
 * the ring.  Whenever the producer finds the ring empty it moves origin to where it stands, so that
 * a worker whose writer keeps up stays on the ring's first pages.
 *
 * What may be lost: nothing when the process is killed at any instruction, because an entry counts
 * from the store of `head` behind it.  When the power fails, what was not synced; entries carry a
 * checksum and their position, so that none is taken for one that never reached the disk.
 *
 * Room: an open call may need ENTRY_MAX, and one entry may leave that much unused at the ring's end.
 * journal_admit() sees to it that used + (open + 1) × ENTRY_MAX never exceeds the ring.
 */
#include "ledger/journal_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

/* -- slots of open calls ------------------------------------------------------------------------ */

struct open_walk {
	void (*each)(void *arg, const struct journal_slot *);
	void *arg;
};

static void tell_open(void *arg, const struct journal_slot *slot, unsigned number)
{
	const struct open_walk *walk = arg;
	struct journal_slot copy = *slot;

	(void)number;
	/* The worker may have been killed in the middle of a text. */
	copy.asked[sizeof(copy.asked) - 1] = '\0';
	copy.provider[sizeof(copy.provider) - 1] = '\0';
	copy.model[sizeof(copy.model) - 1] = '\0';
	walk->each(walk->arg, &copy);
}

void journal_each_open(struct journal *j, void (*each)(void *arg, const struct journal_slot *), void *arg)
{
	struct open_walk walk = {each, arg};

	journal_each_taken(j, tell_open, &walk);
}

static void clear_slot(void *arg, const struct journal_slot *slot, unsigned number)
{
	struct journal *j = arg;

	(void)slot;
	j->slots[number].id = 0;
}

void journal_clear_open(struct journal *j)
{
	journal_each_taken(j, clear_slot, j);
	j->num_free = 0;
	for (unsigned i = j->num_slots; i-- > 0;)
		j->free_slots[j->num_free++] = i;
}

static void mark_taken(void *arg, const struct journal_slot *slot, unsigned number)
{
	unsigned char *taken = arg;

	(void)slot;
	taken[number] = 1;
}

static void find_free(struct journal *j)
{
	unsigned char *taken = xcalloc(j->num_slots, 1);

	journal_each_taken(j, mark_taken, taken);
	for (unsigned i = j->num_slots; i-- > 0;)
		if (!taken[i])
			j->free_slots[j->num_free++] = i;
	free(taken);
}

static void give_back(struct journal *j, struct journal_slot *slot)
{
	slot->id = 0;
	j->free_slots[j->num_free++] = (uint32_t)(slot - j->slots);
	atomic_fetch_sub_explicit(&j->num_open, 1, memory_order_relaxed);
}

/* -- the ring ----------------------------------------------------------------------------------- */

static size_t entry_bytes(size_t length)
{
	return (sizeof(struct journal_entry) + length + ENTRY_ALIGN - 1) / ENTRY_ALIGN * ENTRY_ALIGN;
}

static size_t place_of(const struct journal *j, uint64_t position)
{
	return (position - atomic_load_explicit(&j->head->origin, memory_order_relaxed)) % j->ring_bytes;
}

static struct journal_entry *entry_at(const struct journal *j, uint64_t position)
{
	return (struct journal_entry *)(j->ring + place_of(j, position));
}

static uint32_t checksum_of(const struct journal_entry *e, const void *record, size_t length)
{
	uLong sum = crc32(0, (const unsigned char *)&e->position, sizeof(e->position));

	return (uint32_t)crc32(sum, record, (uInt)length);
}

static void write_entry(struct journal *j, uint64_t position, const void *record, size_t length)
{
	struct journal_entry *e = entry_at(j, position);

	e->position = position;
	e->length = (uint32_t)length;
	e->checksum = checksum_of(e, record, length);
	memcpy(e + 1, record, length);
}

/* Where an entry of that many bytes goes. */
static uint64_t find_place(struct journal *j, uint64_t position, size_t bytes)
{
	size_t left;

	/* The writer has released everything, so it looks at nothing until head moves. */
	if (atomic_load_explicit(&j->head->tail, memory_order_acquire) == position) {
		if (position - atomic_load_explicit(&j->head->origin, memory_order_relaxed) > JOURNAL_KEPT)
			journal_give_back(j);
		atomic_store_explicit(&j->head->origin, position, memory_order_relaxed);
	}
	left = j->ring_bytes - place_of(j, position);
	if (left >= bytes)
		return position;
	write_entry(j, position, "", 0);
	entry_at(j, position)->length = LAP_END;
	return position + left;
}

/* An entry that was written whole at this position. */
static bool is_sound(const struct journal *j, uint64_t position, uint64_t head)
{
	const struct journal_entry *e = entry_at(j, position);
	size_t left = j->ring_bytes - place_of(j, position);
	size_t length = e->length == LAP_END ? 0 : e->length;
	size_t bytes = e->length == LAP_END ? left : entry_bytes(length);

	return e->position == position && length <= RECORD_MAX && bytes <= left && bytes <= head - position &&
	       e->checksum == checksum_of(e, e + 1, length);
}

static uint64_t behind(const struct journal *j, uint64_t position)
{
	const struct journal_entry *e = entry_at(j, position);

	if (e->length == LAP_END)
		return position + j->ring_bytes - place_of(j, position);
	return position + entry_bytes(e->length);
}

/* After a power failure the head may have reached the disk and entries before it not. */
static void cut_unsound(struct journal *j)
{
	uint64_t head = j->head->head, position = j->head->tail;

	while (position < head && is_sound(j, position, head)) {
		uint64_t record = entry_at(j, position)->length == LAP_END ? behind(j, position) : position;

		/* The end of a lap goes with the record that did not fit before it. */
		if (record >= head || !is_sound(j, record, head))
			break;
		position = behind(j, record);
	}
	if (position == head)
		return;
	log_warn("journal cut where it is damaged, path=%s lost_bytes=%" PRIu64, j->path, head - position);
	j->head->head = position;
}

/* -- opening ------------------------------------------------------------------------------------ */

struct journal *journal_open(const char *path, size_t ring_bytes, unsigned slots, struct err *err)
{
	struct journal *j = xcalloc(1, sizeof(*j));

	j->fd = -1;
	j->path = xstrdup(path);
	if (journal_open_file(j, ring_bytes, slots, err) < 0) {
		err_wrap(err, "journal %s", path);
		journal_close(j);
		return NULL;
	}
	j->free_slots = xcalloc(j->num_slots, sizeof(*j->free_slots));
	find_free(j);
	cut_unsound(j);
	return j;
}

void journal_close(struct journal *j)
{
	if (j == NULL)
		return;
	journal_close_file(j);
	free(j->free_slots);
	free(j->path);
	free(j);
}

const char *journal_id(const struct journal *j)
{
	return j->head->id;
}

/* -- the worker's side -------------------------------------------------------------------------- */

struct journal_slot *journal_admit(struct journal *j)
{
	unsigned num_open = atomic_load_explicit(&j->num_open, memory_order_relaxed);
	uint64_t used = atomic_load_explicit(&j->head->head, memory_order_relaxed) -
			atomic_load_explicit(&j->head->tail, memory_order_acquire);
	struct journal_slot *slot;

	/* This one, those open, and what one of them may leave unused at the ring's end. */
	if (j->num_free == 0 || used + (num_open + 2) * ENTRY_MAX > j->ring_bytes)
		return NULL;
	slot = &j->slots[j->free_slots[--j->num_free]];
	memset(slot, 0, sizeof(*slot));
	atomic_store_explicit(&j->num_open, num_open + 1, memory_order_relaxed);
	return slot;
}

void journal_append(struct journal *j, struct journal_slot *slot, const struct call_record *record)
{
	unsigned char packed[RECORD_MAX];
	size_t length = record_write(record, packed);
	uint64_t position = atomic_load_explicit(&j->head->head, memory_order_relaxed);

	position = find_place(j, position, entry_bytes(length));
	write_entry(j, position, packed, length);
	atomic_store_explicit(&j->head->head, position + entry_bytes(length), memory_order_release);
	/* Killed here, the call is in the ring and in its slot, and becomes one row; the other way round
	 * it would be in neither. */
	atomic_signal_fence(memory_order_seq_cst);
	give_back(j, slot);
}

void journal_forget(struct journal *j, struct journal_slot *slot)
{
	give_back(j, slot);
}

int journal_sync(struct journal *j, struct err *err)
{
	return fdatasync(j->fd) < 0 ? err_errno(err, "journal %s: handing it to the disk", j->path) : 0;
}

/* -- the writer's side -------------------------------------------------------------------------- */

uint64_t journal_head(const struct journal *j)
{
	return atomic_load_explicit(&j->head->head, memory_order_acquire);
}

uint64_t journal_tail(const struct journal *j)
{
	return atomic_load_explicit(&j->head->tail, memory_order_relaxed);
}

uint64_t journal_read(const struct journal *j, uint64_t position, struct call_record *ret)
{
	uint64_t head = journal_head(j);
	const struct journal_entry *e;

	if (position >= head)
		return 0;
	if (entry_at(j, position)->length == LAP_END)
		position = behind(j, position);
	e = entry_at(j, position);
	if (!record_read((const unsigned char *)(e + 1), e->length, ret))
		ret->id = 0;
	return behind(j, position);
}

void journal_release(struct journal *j, uint64_t position)
{
	/* On start only: the database knows more than a head that came back older from a power failure. */
	if (position > journal_head(j))
		atomic_store_explicit(&j->head->head, position, memory_order_release);
	atomic_store_explicit(&j->head->tail, position, memory_order_release);
}

unsigned journal_num_open(const struct journal *j)
{
	return atomic_load_explicit(&j->num_open, memory_order_relaxed);
}
