/* SPDX-License-Identifier: MIT */
/* Any text is read as a chain: what is taken prints as text and as JSON that read back as the same chain. */
#include "config/chain_spec.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "fuzz.h"

static void print(const struct chain_spec *spec, struct buf *text, struct buf *json)
{
	json_t *object = chain_spec_json(spec);
	char *printed = json_dumps(object, JSON_COMPACT);

	chain_spec_text(spec, text);
	buf_puts(json, printed);
	REQUIRE(!text->failed && !json->failed);
	free(printed);
	json_decref(object);
}

static void try_again(const struct chain_spec *spec)
{
	static struct chain_spec by_text, by_json;
	struct buf text, json, again_text, again_json;
	struct err err = {0};

	buf_init(&text, 1 << 16);
	buf_init(&json, 1 << 16);
	buf_init(&again_text, 1 << 16);
	buf_init(&again_json, 1 << 16);
	print(spec, &text, &json);
	chain_spec_init(&by_text);
	REQUIRE(chain_spec_parse_text(&by_text, text.data, &err) == 0);
	chain_spec_init(&by_json);
	REQUIRE(chain_spec_parse(&by_json, json.data, &err) == 0);
	print(&by_json, &again_text, &again_json);
	REQUIRE(strcmp(text.data, again_text.data) == 0 && strcmp(json.data, again_json.data) == 0);
	buf_clear(&again_text);
	chain_spec_text(&by_text, &again_text);
	REQUIRE(strcmp(text.data, again_text.data) == 0);
	buf_release(&text);
	buf_release(&json);
	buf_release(&again_text);
	buf_release(&again_json);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	static struct chain_spec spec;
	struct err err = {0};
	char *text = malloc(len + 1);

	memcpy(text, data, len);
	text[len] = '\0';
	chain_spec_init(&spec);
	if ((text[0] == '{' ? chain_spec_parse(&spec, text, &err) : chain_spec_parse_text(&spec, text, &err)) == 0)
		try_again(&spec);
	else
		REQUIRE(err.text[0] != '\0');
	free(text);
	return 0;
}
