/* SPDX-License-Identifier: MIT */
/* The table of commands keeps its own rules. */
#include "check.h"
#include "cli/command.h"

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void every_command_has_help_and_a_function(void)
{
	for (const struct command *c = commands; c->noun != NULL; c++) {
		CHECK(c->run != NULL);
		CHECK(c->help != NULL && strlen(c->help) > 5);
		CHECK(c->help[strlen(c->help) - 1] != '.');
		CHECK(c->arguments != NULL && c->flags != NULL);
	}
}

static void no_command_is_there_twice(void)
{
	for (const struct command *a = commands; a->noun != NULL; a++)
		for (const struct command *b = a + 1; b->noun != NULL; b++)
			CHECK(!same_text(a->noun, b->noun) || !same_text(a->verb, b->verb));
}

static void the_verbs_of_a_noun_stand_together(void)
{
	for (const struct command *a = commands; a->noun != NULL; a++)
		for (const struct command *b = a + 1; b->noun != NULL; b++)
			if (same_text(a->noun, b->noun))
				CHECK(same_text(a->noun, (b - 1)->noun));
}

static void every_flag_of_a_command_exists(void)
{
	for (const struct command *c = commands; c->noun != NULL; c++) {
		const char *list = c->flags, *word;
		size_t len;

		while (next_word(&list, &word, &len)) {
			bool found = false;

			for (int id = 0; id < NUM_FLAGS; id++)
				found |= strlen(flags[id].name) == len && memcmp(flags[id].name, word, len) == 0;
			if (!found)
				printf("# %s %s: %.*s\n", c->noun, c->verb ? c->verb : "", (int)len, word);
			CHECK(found);
		}
	}
}

static void every_flag_is_taken_by_a_command_and_has_help(void)
{
	for (int id = 0; id < NUM_FLAGS; id++) {
		bool taken = false;

		for (const struct command *c = commands; c->noun != NULL; c++)
			taken |= command_takes(c, (enum flag_id)id);
		if (!taken)
			printf("# --%s\n", flags[id].name);
		CHECK(taken);
		CHECK(flags[id].help != NULL && *flags[id].help != '\0');
		CHECK((flags[id].argument == NULL) == (flags[id].kind == KIND_SWITCH));
	}
}

static void no_flag_is_there_twice(void)
{
	for (int a = 0; a < NUM_FLAGS; a++)
		for (int b = a + 1; b < NUM_FLAGS; b++) {
			CHECK(strcmp(flags[a].name, flags[b].name) != 0);
			CHECK(flags[a].letter == 0 || flags[a].letter != flags[b].letter);
		}
}

static void a_row_that_sends_says_what_and_where(void)
{
	for (const struct command *c = commands; c->noun != NULL; c++) {
		size_t min, max;

		CHECK((c->method == NULL) == (c->path == NULL));
		CHECK((c->method == NULL) == (c->done == NULL));
		if (c->run == change_run)
			CHECK(c->method != NULL);
		if (c->destructive)
			CHECK(command_takes(c, FLAG_YES) && command_takes(c, FLAG_REASON));
		options_arity(c->arguments, &min, &max);
		if (c->path != NULL && strchr(c->path, '%') != NULL)
			CHECK(min >= 1);
	}
}

CHECK_MAIN(TEST(every_command_has_help_and_a_function), TEST(no_command_is_there_twice),
	   TEST(the_verbs_of_a_noun_stand_together), TEST(every_flag_of_a_command_exists),
	   TEST(every_flag_is_taken_by_a_command_and_has_help), TEST(no_flag_is_there_twice),
	   TEST(a_row_that_sends_says_what_and_where))
