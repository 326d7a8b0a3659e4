/* SPDX-License-Identifier: MIT */
/* The journal's file is made whole, opened, checked and mapped here. */
#include "ledger/journal_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"

/* Of the file and of the records in it. */
#define VERSION (1 << 8 | RECORD_VERSION)

static size_t round_up(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

static size_t slots_bytes(unsigned slots)
{
	return round_up(slots * sizeof(struct journal_slot), JOURNAL_PAGE);
}

static int write_head(int fd, size_t ring_bytes, unsigned slots, struct err *err)
{
	struct journal_head head = {
		.magic = JOURNAL_MAGIC,
		.version = VERSION,
		.slot_bytes = sizeof(struct journal_slot),
		.num_slots = slots,
		.ring_bytes = ring_bytes,
	};

	id_random(head.id, "", JOURNAL_ID_LEN);
	if (pwrite(fd, &head, sizeof(head), 0) != (ssize_t)sizeof(head))
		return err_errno(err, "writing the journal's head");
	return 0;
}

static void sync_directory(const char *path)
{
	char *name = xstrdup(path), *slash = strrchr(name, '/');
	int fd;

	if (slash != NULL)
		*slash = '\0';
	fd = open(slash != NULL ? name : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(name);
}

/* Under another name first: a journal is there whole or not at all. */
static int make_file(const char *path, size_t ring_bytes, unsigned slots, struct err *err)
{
	char *unfinished = xasprintf("%s.part", path);
	off_t size;
	int fd, rc = 0;

	ring_bytes = round_up(ring_bytes > RING_MIN ? ring_bytes : RING_MIN, JOURNAL_PAGE);
	size = (off_t)(JOURNAL_PAGE + slots_bytes(slots) + ring_bytes);
	fd = open(unfinished, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0) {
		rc = err_errno(err, "making %s", unfinished);
		goto out;
	}
	errno = posix_fallocate(fd, 0, size);
	if (errno != 0)
		rc = err_errno(err, "setting %lld bytes aside", (long long)size);
	if (rc == 0)
		rc = write_head(fd, ring_bytes, slots, err);
	if (rc == 0 && (fsync(fd) < 0 || rename(unfinished, path) < 0))
		rc = err_errno(err, "finishing it");
	if (rc == 0)
		sync_directory(path);
	else
		unlink(unfinished);
	close(fd);
out:
	free(unfinished);
	return rc;
}

/* A file that holds nothing: whatever its version, there is nothing to lose. */
static bool is_empty(int fd, const struct journal_head *head)
{
	if (head->head != head->tail || head->slot_bytes < sizeof(int64_t))
		return false;
	for (unsigned i = 0; i < head->num_slots; i++) {
		int64_t id;

		/* A slot begins with its id, in every version. */
		if (pread(fd, &id, sizeof(id), (off_t)(JOURNAL_PAGE + (size_t)i * head->slot_bytes)) != (ssize_t)sizeof(id) ||
		    id != 0)
			return false;
	}
	return true;
}

static bool is_of_this_version(const struct journal_head *head)
{
	return head->version == VERSION && head->slot_bytes == sizeof(struct journal_slot);
}

static bool is_sound_head(const struct journal_head *head, off_t file_size)
{
	return head->ring_bytes >= RING_MIN && head->head >= head->tail && head->head - head->tail <= head->ring_bytes &&
	       head->head % ENTRY_ALIGN == 0 && head->tail % ENTRY_ALIGN == 0 && head->origin % ENTRY_ALIGN == 0 &&
	       file_size >= (off_t)(JOURNAL_PAGE + slots_bytes(head->num_slots) + head->ring_bytes);
}

/* 1 when the file may be made anew. */
static int read_head(struct journal *j, struct err *err)
{
	struct journal_head head;
	struct stat st;

	if (flock(j->fd, LOCK_EX | LOCK_NB) < 0)
		return err_set(err, ERR_CONFLICT, "another tollgated is using it");
	if (pread(j->fd, &head, sizeof(head), 0) != (ssize_t)sizeof(head) || fstat(j->fd, &st) < 0 ||
	    memcmp(head.magic, JOURNAL_MAGIC, sizeof(JOURNAL_MAGIC)) != 0)
		return err_set(err, ERR_INVALID, "it is no journal of tollgate's");
	if (!is_of_this_version(&head) && is_empty(j->fd, &head))
		return 1;
	if (!is_of_this_version(&head))
		return err_set(err, ERR_INVALID,
			       "it holds calls that another version of tollgated left when it was killed; start and stop that one "
			       "once, so that it takes them over");
	if (!is_sound_head(&head, st.st_size))
		return err_set(err, ERR_INVALID, "it is damaged; move it away to start without the calls it holds");
	j->num_slots = head.num_slots;
	j->ring_bytes = head.ring_bytes;
	j->size = JOURNAL_PAGE + slots_bytes(j->num_slots) + j->ring_bytes;
	return 0;
}

static int map_file(struct journal *j, struct err *err)
{
	unsigned char *base = mmap(NULL, j->size, PROT_READ | PROT_WRITE, MAP_SHARED, j->fd, 0);

	if (base == MAP_FAILED)
		return err_errno(err, "mapping it");
	/* Reading ahead would make pages resident that nobody needs. */
	madvise(base, j->size, MADV_RANDOM);
	j->head = (struct journal_head *)base;
	j->slots = (struct journal_slot *)(base + JOURNAL_PAGE);
	j->ring = base + JOURNAL_PAGE + slots_bytes(j->num_slots);
	return 0;
}

static int open_once(struct journal *j, struct err *err)
{
	j->fd = open(j->path, O_RDWR | O_CLOEXEC);
	return j->fd < 0 ? err_errno(err, "opening it") : read_head(j, err);
}

int journal_open_file(struct journal *j, size_t ring_bytes, unsigned slots, struct err *err)
{
	int rc = 0;

	if (access(j->path, F_OK) < 0)
		rc = make_file(j->path, ring_bytes, slots, err);
	if (rc == 0)
		rc = open_once(j, err);
	if (rc == 1) {
		close(j->fd);
		j->fd = -1;
		rc = make_file(j->path, ring_bytes, slots, err);
		rc = rc == 0 ? open_once(j, err) : rc;
	}
	return rc == 0 ? map_file(j, err) : rc;
}

void journal_close_file(struct journal *j)
{
	if (j->head != NULL)
		munmap(j->head, j->size);
	if (j->fd >= 0)
		close(j->fd);
}

/* What is in them stays in the file. */
void journal_give_back(const struct journal *j)
{
	if (j->ring_bytes > JOURNAL_KEPT)
		madvise(j->ring + JOURNAL_KEPT, j->ring_bytes - JOURNAL_KEPT, MADV_DONTNEED);
}

void journal_each_taken(const struct journal *j, void (*each)(void *arg, const struct journal_slot *, unsigned), void *arg)
{
	enum { BATCH = 64 };
	struct journal_slot *batch = xcalloc(BATCH, sizeof(*batch));

	for (unsigned at = 0; at < j->num_slots; at += BATCH) {
		ssize_t got = pread(j->fd, batch, BATCH * sizeof(*batch), (off_t)(JOURNAL_PAGE + at * sizeof(*batch)));

		for (unsigned i = 0; i < BATCH && at + i < j->num_slots &&
				     got >= (ssize_t)((i + 1) * sizeof(*batch)); i++)
			if (batch[i].id != 0)
				each(arg, &batch[i], at + i);
	}
	free(batch);
}

