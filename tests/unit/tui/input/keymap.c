/* SPDX-License-Identifier: MIT */
/* The keymap keeps its promises: one meaning for a key, nothing dangerous near the fingers. */
#include "input/keymap.h"

#include <string.h>

#include "check.h"

static const struct row {
	enum context context;
	const char *key;
	enum request request;
} rows[] = {
#define CONTEXT(id, parent)
#define BIND(context, key, request, bar) {CONTEXT_##context, key, REQUEST_##request},
#include "input/keymap.def"
#undef CONTEXT
#undef BIND
};

#define NUM_ROWS (sizeof(rows) / sizeof(rows[0]))

static void complain(const struct row *row, const char *why)
{
	printf("# context %d, key %s: %s\n", (int)row->context, row->key, why);
	check_failed = true;
}

static void no_key_has_two_meanings_in_one_context(void)
{
	for (size_t i = 0; i < NUM_ROWS; i++)
		for (size_t j = 0; j < i; j++)
			if (rows[i].context == rows[j].context && strcmp(rows[i].key, rows[j].key) == 0)
				complain(&rows[i], "bound twice");
}

static void a_key_means_what_it_means_in_the_context_around(void)
{
	for (size_t i = 0; i < NUM_ROWS; i++) {
		enum request around = keymap_lookup(context_parent(rows[i].context), key_parse(rows[i].key));

		if (around != REQUEST_NONE && around != rows[i].request)
			complain(&rows[i], "means something else one context up");
	}
}

static void every_key_is_one_that_exists(void)
{
	for (size_t i = 0; i < NUM_ROWS; i++)
		if (key_parse(rows[i].key) == K_NONE)
			complain(&rows[i], "no such key");
}

static void moving_is_the_same_everywhere_and_never_changes_anything(void)
{
	static const struct {
		const char *key;
		enum request request;
	} moves[] = {{"j", REQUEST_MOVE_DOWN}, {"k", REQUEST_MOVE_UP}, {"g", REQUEST_FIRST}, {"G", REQUEST_LAST}};

	for (size_t i = 0; i < NUM_ROWS; i++)
		for (size_t m = 0; m < sizeof(moves) / sizeof(moves[0]); m++)
			if (strcmp(rows[i].key, moves[m].key) == 0 && rows[i].request != moves[m].request)
				complain(&rows[i], "does not move");
}

static void what_changes_something_needs_an_admin(void)
{
	for (int r = REQUEST_NONE + 1; r < NUM_REQUESTS; r++) {
		const struct request_info *info = request_info((enum request)r);

		if ((info->group == GROUP_CHANGE) != ((info->needs & NEEDS_ADMIN) != 0)) {
			printf("# %s\n", info->name);
			check_failed = true;
		}
	}
}

static void names_of_requests_are_words_of_their_own(void)
{
	for (int r = REQUEST_NONE + 1; r < NUM_REQUESTS; r++)
		CHECK_INT(request_find(request_info((enum request)r)->name), r);
	CHECK_INT(request_find("no-such-thing"), REQUEST_NONE);
}

static void the_key_that_opens_a_question_never_answers_it(void)
{
	static const enum context boxes[] = {CONTEXT_BOX, CONTEXT_BOX_REASON, CONTEXT_BOX_DRAIN, CONTEXT_BOX_ROTATE};

	for (size_t i = 0; i < NUM_ROWS; i++)
		for (size_t b = 0; b < sizeof(boxes) / sizeof(boxes[0]); b++)
			if (request_info(rows[i].request)->group == GROUP_CHANGE &&
			    keymap_lookup(boxes[b], key_parse(rows[i].key)) == REQUEST_YES)
				complain(&rows[i], "confirms, too");
}

static void a_dialog_hears_no_key_of_the_screen_below(void)
{
	CHECK_INT(keymap_lookup(CONTEXT_BOX, key_parse("t")), REQUEST_NONE);
	CHECK_INT(keymap_lookup(CONTEXT_FORM, key_parse("1")), REQUEST_NONE);
	CHECK_INT(keymap_lookup(CONTEXT_SECRET, key_parse("Esc")), REQUEST_NONE);
	CHECK_INT(keymap_lookup(CONTEXT_PROVIDERS, key_parse("1")), REQUEST_GO_OVERVIEW);
}

static void the_bar_is_never_cut_and_keeps_the_help(void)
{
	char text[512];

	for (int c = CONTEXT_NONE + 1; c < NUM_CONTEXTS; c++)
		for (int width = 0; width <= 120; width++) {
			size_t len = strlen(keymap_bar((enum context)c, width, NULL, NULL, text, sizeof(text)));

			CHECK((int)len <= width);
			CHECK(len == 0 || text[len - 1] != ' ');
		}
	CHECK_TEXT(keymap_bar(CONTEXT_PROVIDERS, 6, NULL, NULL, text, sizeof(text)), "? help");
	CHECK_TEXT(keymap_bar(CONTEXT_PROVIDERS, 28, NULL, NULL, text, sizeof(text)), "t on/off  d drain  ? help");
}

static bool refuses_all_changes(void *arg, enum request r)
{
	(void)arg;
	return request_info(r)->group == GROUP_CHANGE;
}

static void what_cannot_be_had_stands_in_parentheses(void)
{
	char text[512];

	keymap_bar(CONTEXT_PROVIDERS, 200, refuses_all_changes, NULL, text, sizeof(text));
	CHECK(strstr(text, "(t on/off)") != NULL);
	CHECK(strstr(text, "  / filter") != NULL);
}

static void a_message_names_the_key_that_is_bound(void)
{
	CHECK_TEXT(keymap_key_of(CONTEXT_CHAIN, REQUEST_WRITE_DRAFT), "w");
	CHECK_TEXT(keymap_key_of(CONTEXT_PROVIDERS, REQUEST_HELP), "?");
	CHECK(keymap_key_of(CONTEXT_PROVIDERS, REQUEST_WRITE_DRAFT) == NULL);
}

CHECK_MAIN(TEST(no_key_has_two_meanings_in_one_context), TEST(a_key_means_what_it_means_in_the_context_around),
	   TEST(every_key_is_one_that_exists), TEST(moving_is_the_same_everywhere_and_never_changes_anything),
	   TEST(what_changes_something_needs_an_admin), TEST(names_of_requests_are_words_of_their_own),
	   TEST(the_key_that_opens_a_question_never_answers_it), TEST(a_dialog_hears_no_key_of_the_screen_below),
	   TEST(the_bar_is_never_cut_and_keeps_the_help), TEST(what_cannot_be_had_stands_in_parentheses),
	   TEST(a_message_names_the_key_that_is_bound))
