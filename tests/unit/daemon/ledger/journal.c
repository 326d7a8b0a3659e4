/* SPDX-License-Identifier: MIT */
#include "ledger/journal_private.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "check.h"
#include "random_record.h"
#include "temporary.h"

#define RING (64 * 1024)

static struct journal *opened(const char *path)
{
	struct err err = {0};
	struct journal *j = journal_open(path, RING, 8, &err);

	CHECK_TEXT(err.text, "");
	return j;
}

/* A record with that id and little else. */
static struct call_record *numbered(int64_t id)
{
	static struct call_record r;

	r = (struct call_record){.id = id, .cost_nusd = id * 3, .model = "m"};
	usage_init(&r.usage);
	return &r;
}

static void append(struct journal *j, int64_t id)
{
	struct journal_slot *slot = journal_admit(j);

	CHECK(slot != NULL);
	slot->id = id;
	slot->team_id = 5;
	journal_append(j, slot, numbered(id));
}

/* Reads all there is; returns how many, and the last id. */
static int drain(struct journal *j, int64_t *ret_last, bool release)
{
	static struct call_record r;
	uint64_t position = journal_tail(j), next;
	int count = 0;

	for (; (next = journal_read(j, position, &r)) != 0; position = next, count++)
		*ret_last = r.id;
	CHECK(position == journal_head(j));
	if (release)
		journal_release(j, position);
	return count;
}

static void what_was_appended_is_read_in_order_also_after_reopening(void)
{
	const char *path = temporary_path("j");
	char id[32], copy[512];
	struct journal *j;
	int64_t last = 0;

	copy_text(copy, sizeof(copy), path);
	j = opened(copy);
	copy_text(id, sizeof(id), journal_id(j));
	CHECK_INT(strlen(id), 16);
	for (int i = 1; i <= 10; i++)
		append(j, i);
	CHECK_INT(drain(j, &last, false), 10);
	journal_close(j);
	j = opened(copy);
	CHECK_TEXT(journal_id(j), id);
	CHECK_INT(drain(j, &last, true), 10);
	CHECK_INT(last, 10);
	CHECK_INT(drain(j, &last, true), 0);
	journal_close(j);
	j = opened(copy);
	CHECK_INT(drain(j, &last, true), 0);
	journal_close(j);
}

static void a_full_ring_refuses_and_recovers(void)
{
	struct journal *j = opened(temporary_path("j"));
	struct journal_slot *slot;
	int64_t last = 0, count = 0;

	while ((slot = journal_admit(j)) != NULL)
		journal_append(j, slot, numbered(++count));
	CHECK(count > 100);
	CHECK_INT(drain(j, &last, true), count);
	CHECK_INT(last, count);
	append(j, 1);
	journal_close(j);
}

static void more_open_calls_than_slots_are_refused(void)
{
	struct journal *j = opened(temporary_path("j"));
	struct journal_slot *slots[8];

	for (int i = 0; i < 8; i++)
		slots[i] = journal_admit(j);
	CHECK(slots[7] != NULL);
	CHECK(journal_admit(j) == NULL);
	CHECK_INT(journal_num_open(j), 8);
	journal_forget(j, slots[3]);
	CHECK(journal_admit(j) == slots[3]);
	journal_close(j);
}

/* Whoever was admitted can append, whatever the others' records took. */
static void room_set_aside_is_there_however_long_the_records_are(void)
{
	struct journal *j = opened(temporary_path("j"));
	struct call_record *r = calloc(1, sizeof(*r));
	struct journal_slot *open[8];
	int64_t last = 0, appended = 0, read = 0;
	int num = 0;

	memset(r, 'x', sizeof(*r));
	r->num_entries = RECORD_ATTEMPTS;
	for (int i = 0; i < 20000; i++) {
		struct journal_slot *slot = num < 8 && random_below(2) == 0 ? journal_admit(j) : NULL;

		if (slot != NULL) {
			open[num++] = slot;
		} else if (num > 0) {
			r->id = ++appended;
			journal_append(j, open[--num], r);
			if (journal_head(j) - journal_tail(j) > RING)
				CHECK(!"the ring was overrun");
		}
		if (random_below(16) == 0)
			read += drain(j, &last, true);
	}
	CHECK_INT(read + drain(j, &last, true), appended);
	CHECK_INT(last, appended);
	free(r);
	journal_close(j);
}

static void a_worker_whose_writer_keeps_up_stays_on_the_first_pages(void)
{
	char path[512];
	struct journal *j;
	char page[4096];
	int64_t last;
	int fd, touched = 0;

	copy_text(path, sizeof(path), temporary_path("j"));
	j = opened(path);
	for (int i = 1; i <= 5000; i++) {
		append(j, i);
		drain(j, &last, true);
	}
	fd = open(path, O_RDONLY);
	while (read(fd, page, sizeof(page)) == (ssize_t)sizeof(page))
		touched += page[0] != 0 || memcmp(page, page + 1, sizeof(page) - 1) != 0;
	close(fd);
	/* The head, a slot, the first page of the ring. */
	CHECK_INT(touched, 3);
	journal_close(j);
}

#define MANY 60000

struct reader {
	struct journal *journal;
	int64_t count, wrong;
};

static size_t resident_kib(const struct journal *j)
{
	size_t resident = 0;
	unsigned long start = (unsigned long)j->ring, from, until, kib;
	char line[256];
	bool inside = false;
	FILE *f = fopen("/proc/self/smaps", "r");

	CHECK(f != NULL);
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%lx-%lx ", &from, &until) == 2)
			inside = start >= from && start < until;
		else if (inside && sscanf(line, "Rss: %lu kB", &kib) == 1)
			resident += kib;
	}
	if (f != NULL)
		fclose(f);
	return resident;
}

static void pages_that_a_burst_made_resident_are_given_back(void)
{
	struct err err = {0};
	struct journal *j = journal_open(temporary_path("j"), 16 << 20, 8, &err);
	int64_t count = 0, last = 0;

	while (journal_head(j) < (12 << 20))
		append(j, ++count);
	CHECK(resident_kib(j) > 12000);
	CHECK_INT(drain(j, &last, true), count);
	append(j, ++count);
	CHECK(resident_kib(j) < 1500);
	CHECK_INT(drain(j, &last, true), 1);
	CHECK_INT(last, count);
	journal_close(j);
}

static void *read_all(void *arg)
{
	struct reader *reader = arg;
	struct call_record *r = calloc(1, sizeof(*r));
	uint64_t position = journal_tail(reader->journal);

	while (reader->count < MANY) {
		uint64_t next = journal_read(reader->journal, position, r);

		if (next == 0) {
			sched_yield();
			continue;
		}
		reader->wrong += r->id != ++reader->count || r->cost_nusd != r->id * 7;
		position = next;
		if (reader->count % 5 == 0 || reader->count == MANY)
			journal_release(reader->journal, position);
	}
	free(r);
	return NULL;
}

static void thousands_of_laps_lose_nothing_with_a_reader_beside(void)
{
	struct reader reader = {opened(temporary_path("j")), 0, 0};
	struct call_record *r = calloc(1, sizeof(*r));
	pthread_t thread;

	pthread_create(&thread, NULL, read_all, &reader);
	for (int64_t id = 1; id <= MANY;) {
		struct journal_slot *slot = journal_admit(reader.journal);

		if (slot == NULL) {
			sched_yield();
			continue;
		}
		random_record(r);
		r->id = id++;
		r->cost_nusd = r->id * 7;
		journal_append(reader.journal, slot, r);
	}
	pthread_join(thread, NULL);
	CHECK_INT(reader.count, MANY);
	CHECK_INT(reader.wrong, 0);
	CHECK(journal_head(reader.journal) > (uint64_t)MANY * 1000);
	free(r);
	journal_close(reader.journal);
}

/* The child appends until it is killed and tells each id whose append has returned. */
static void append_until_killed(const char *path, int tell)
{
	struct err err = {0};
	struct journal *j = journal_open(path, RING, 8, &err);
	struct call_record *r = calloc(1, sizeof(*r));
	struct journal_slot *slot;

	for (int64_t id = 1;; id++) {
		slot = journal_admit(j);
		if (slot == NULL) {
			journal_release(j, journal_head(j));
			slot = journal_admit(j);
		}
		slot->id = id;
		random_record(r);
		r->id = id;
		journal_append(j, slot, r);
		if (write(tell, &id, sizeof(id)) != (ssize_t)sizeof(id))
			_exit(1);
	}
}

static void note_open(void *arg, const struct journal_slot *slot)
{
	*(int64_t *)arg = slot->id;
}

/* Everything told is in the ring, once; what is in the ring and was not told is the last one alone. */
static void check_after_kill(const char *path, int64_t told)
{
	struct journal *j = opened(path);
	struct call_record *r = calloc(1, sizeof(*r));
	int64_t expected = 0, open = 0;
	uint64_t position = journal_tail(j), next;

	for (; (next = journal_read(j, position, r)) != 0; position = next) {
		CHECK(expected == 0 || r->id == expected);
		expected = r->id + 1;
	}
	CHECK(position == journal_head(j));
	CHECK(expected == 0 || expected == told + 1 || expected == told + 2);
	journal_each_open(j, note_open, &open);
	CHECK(open == 0 || open == told + 1);
	journal_clear_open(j);
	open = 0;
	journal_each_open(j, note_open, &open);
	CHECK_INT(open, 0);
	free(r);
	journal_close(j);
}

static void kill_9_at_any_moment_loses_nothing_that_was_appended(void)
{
	for (int round = 0; round < 25; round++) {
		char path[512];
		int64_t told = 0, id;
		int ends[2];
		pid_t child;

		copy_text(path, sizeof(path), temporary_path("j"));
		CHECK_INT(pipe(ends), 0);
		random_next();
		child = fork();
		if (child == 0) {
			close(ends[0]);
			append_until_killed(path, ends[1]);
		}
		close(ends[1]);
		while (told < 1 + random_below(4000) && read(ends[0], &id, sizeof(id)) == (ssize_t)sizeof(id))
			told = id;
		kill(child, SIGKILL);
		while (read(ends[0], &id, sizeof(id)) == (ssize_t)sizeof(id))
			told = id;
		waitpid(child, NULL, 0);
		close(ends[0]);
		check_after_kill(path, told);
	}
}

static void a_slot_left_open_says_what_is_known(void)
{
	char path[512];
	struct journal *j;
	struct journal_slot *slot;
	int64_t open = 0;

	copy_text(path, sizeof(path), temporary_path("j"));
	j = opened(path);
	slot = journal_admit(j);
	slot->id = 77;
	journal_close(j);
	j = opened(path);
	journal_each_open(j, note_open, &open);
	CHECK_INT(open, 77);
	/* Until it is cleared its place is not given away. */
	for (int i = 0; i < 7; i++)
		CHECK(journal_admit(j) != NULL);
	CHECK(journal_admit(j) == NULL);
	journal_close(j);
}

/* Where the first page of the ring begins in a file of 8 slots. */
static off_t ring_offset(void)
{
	return (off_t)(4096 + (8 * sizeof(struct journal_slot) + 4095) / 4096 * 4096);
}

static void a_damaged_entry_cuts_the_journal_before_it(void)
{
	char path[512];
	struct journal *j;
	int64_t last = 0;
	uint64_t third;
	int fd;

	copy_text(path, sizeof(path), temporary_path("j"));
	j = opened(path);
	append(j, 1);
	append(j, 2);
	third = journal_head(j);
	append(j, 3);
	append(j, 4);
	journal_close(j);
	fd = open(path, O_RDWR);
	CHECK_INT(pwrite(fd, "rubbish", 7, ring_offset() + (off_t)third + 20), 7);
	close(fd);
	log_set_level(LOG_ERROR);
	j = opened(path);
	log_set_level(LOG_INFO);
	CHECK_INT(drain(j, &last, true), 2);
	CHECK_INT(last, 2);
	append(j, 5);
	CHECK_INT(drain(j, &last, true), 1);
	CHECK_INT(last, 5);
	journal_close(j);
}

static void what_is_no_journal_is_refused_in_words(void)
{
	struct err err = {0};
	char path[512];
	struct journal *j;
	int fd;

	copy_text(path, sizeof(path), temporary_path("j"));
	j = opened(path);
	CHECK(journal_open(path, RING, 8, &err) == NULL);
	CHECK(strstr(err.text, "another tollgated is using it") != NULL);
	journal_close(j);
	CHECK_INT(truncate(path, 20000), 0);
	CHECK(journal_open(path, RING, 8, &err) == NULL);
	CHECK(strstr(err.text, "it is damaged") != NULL);
	fd = open(path, O_RDWR | O_TRUNC);
	CHECK_INT(write(fd, "hello", 5), 5);
	close(fd);
	CHECK(journal_open(path, RING, 8, &err) == NULL);
	CHECK(strstr(err.text, "it is no journal of tollgate's") != NULL);
}

/* Makes it look like another version's: the number stands behind magic and id. */
static void change_version(const char *path)
{
	uint32_t version = 77;
	int fd = open(path, O_RDWR);

	CHECK_INT(pwrite(fd, &version, sizeof(version), offsetof(struct journal_head, version)), sizeof(version));
	close(fd);
}

static void another_versions_journal_is_replaced_when_empty_and_kept_when_not(void)
{
	struct err err = {0};
	char path[512], id[32];
	struct journal_slot *slot;
	struct journal *j;
	int64_t last;

	copy_text(path, sizeof(path), temporary_path("j"));
	j = opened(path);
	append(j, 1);
	journal_close(j);
	change_version(path);
	CHECK(journal_open(path, RING, 8, &err) == NULL);
	CHECK(strstr(err.text, "it holds calls that another version") != NULL);
	unlink(path);
	j = opened(path);
	append(j, 1);
	drain(j, &last, true);
	slot = journal_admit(j);
	slot->id = 5;
	journal_close(j);
	change_version(path);
	CHECK(journal_open(path, RING, 8, &err) == NULL);
	unlink(path);
	j = opened(path);
	append(j, 1);
	drain(j, &last, true);
	copy_text(id, sizeof(id), journal_id(j));
	journal_close(j);
	change_version(path);
	j = opened(path);
	CHECK(strcmp(journal_id(j), id) != 0);
	append(j, 2);
	CHECK_INT(drain(j, &last, true), 1);
	journal_close(j);
}

static void a_full_disk_is_an_error_when_it_is_made_and_leaves_nothing(void)
{
	struct rlimit before, small;
	struct err err = {0};
	char path[512];
	struct stat st;

	copy_text(path, sizeof(path), temporary_path("j"));
	getrlimit(RLIMIT_FSIZE, &before);
	small = (struct rlimit){32 * 1024, before.rlim_max};
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	CHECK(journal_open(path, RING, 8, &err) == NULL);
	setrlimit(RLIMIT_FSIZE, &before);
	signal(SIGXFSZ, SIG_DFL);
	CHECK(strstr(err.text, "setting ") != NULL);
	CHECK(stat(path, &st) < 0);
	journal_close(opened(path));
}

static void what_was_synced_is_handed_to_the_disk(void)
{
	struct err err = {0};
	struct journal *j = opened(temporary_path("j"));

	append(j, 1);
	CHECK_INT(journal_sync(j, &err), 0);
	journal_close(j);
}

CHECK_MAIN(TEST(what_was_appended_is_read_in_order_also_after_reopening), TEST(a_full_ring_refuses_and_recovers),
	   TEST(more_open_calls_than_slots_are_refused), TEST(room_set_aside_is_there_however_long_the_records_are),
	   TEST(a_worker_whose_writer_keeps_up_stays_on_the_first_pages),
	   TEST(pages_that_a_burst_made_resident_are_given_back),
	   TEST(thousands_of_laps_lose_nothing_with_a_reader_beside),
	   TEST(kill_9_at_any_moment_loses_nothing_that_was_appended), TEST(a_slot_left_open_says_what_is_known),
	   TEST(a_damaged_entry_cuts_the_journal_before_it), TEST(what_is_no_journal_is_refused_in_words),
	   TEST(another_versions_journal_is_replaced_when_empty_and_kept_when_not),
	   TEST(a_full_disk_is_an_error_when_it_is_made_and_leaves_nothing),
	   TEST(what_was_synced_is_handed_to_the_disk))
