/* SPDX-License-Identifier: MIT */
/* Tables stand straight, whatever is in them. */
#include "cli/table.h"

#include <stdlib.h>

#include "check.h"

static const struct column columns[] = {
	{"NAME", "name", cell_text, COLUMN_SHRINKS},
	{"COST", "cost_usd", cell_money, COLUMN_RIGHT},
	{"LAST", "last", cell_text, 0},
};

/* The table of this JSON as text; the caller frees it. */
static char *table_of(const char *json, int width)
{
	json_t *items = json_loads(json, 0, NULL);
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	table_print_width(out, columns, 3, items, width, 0);
	fclose(out);
	json_decref(items);
	return text;
}

static void check_table(const char *json, int width, const char *wanted)
{
	char *text = table_of(json, width);

	CHECK_TEXT(text, wanted);
	free(text);
}

static void numbers_stand_to_the_right_and_unknown_is_a_dash(void)
{
	check_table("[{\"name\":\"a\",\"cost_usd\":\"12.5\",\"last\":1},{\"name\":\"long name\",\"cost_usd\":null,\"last\":true}]", 0,
		    "NAME         COST  LAST\n"
		    "a          $12.50  1\n"
		    "long name       -  yes\n");
}

static void wide_characters_take_two_cells(void)
{
	check_table("[{\"name\":\"\xe6\x97\xa5\xe6\x9c\xac\",\"cost_usd\":\"1\",\"last\":\"x\"},{\"name\":\"abcd\",\"cost_usd\":\"1\",\"last\":\"y\"}]", 0,
		    "NAME   COST  LAST\n"
		    "\xe6\x97\xa5\xe6\x9c\xac  $1.00  x\n"
		    "abcd  $1.00  y\n");
}

static void hostile_text_is_made_visible(void)
{
	check_table("[{\"name\":\"a\\u001b[2Jb\\nc\",\"cost_usd\":\"0\",\"last\":\"\xe2\x80\xae\"}]", 0,
		    "NAME          COST  LAST\n"
		    "a\\x1b[2Jb c  $0.00  \\u202e\n");
}

static void a_narrow_terminal_cuts_what_may_be_cut(void)
{
	check_table("[{\"name\":\"a very long name indeed\",\"cost_usd\":\"1\",\"last\":\"end\"}]", 26,
		    "NAME            COST  LAST\n"
		    "a very long \xe2\x80\xa6  $1.00  end\n");
}

static void an_object_is_a_line_per_column(void)
{
	json_t *object = json_pack("{s:s, s:[s, s]}", "name", "n", "last", "x", "y");
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	table_print_object(out, columns, 3, object);
	fclose(out);
	CHECK_TEXT(text, "NAME  n\nCOST  -\nLAST  x, y\n");
	free(text);
	json_decref(object);
}

CHECK_MAIN(TEST(numbers_stand_to_the_right_and_unknown_is_a_dash), TEST(wide_characters_take_two_cells),
	   TEST(hostile_text_is_made_visible), TEST(a_narrow_terminal_cuts_what_may_be_cut),
	   TEST(an_object_is_a_line_per_column))
