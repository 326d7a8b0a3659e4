/* SPDX-License-Identifier: MIT */
/* Any bytes are a client's request: what is taken becomes, for each kind of provider, a body that is JSON. */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "dialects/interpreter.h"
#include "dialects/provider_kind.h"
#include "fuzz.h"

static void translate(const char *body, size_t len, const struct request_facts *facts,
		      const struct provider_kind *kind, bool drop_params)
{
	struct interpreter_target target = {
		.dialect = provider_endpoint(kind, &openai_chat)->dialect,
		.model = "the-model",
		.quirks = kind->quirks,
		.drop_params = drop_params,
		.max_output = drop_params ? 100 : -1,
	};
	struct interpreter *interpreter = interpreter_new(&openai_chat, body, len, facts, &target);
	struct buf out;
	struct err err = {0};

	buf_init(&out, 1 << 20);
	if (interpreter_request(interpreter, &out, &err) == 0)
		REQUIRE(jscan_object(out.data, out.len, NULL, 0, NULL) == 0);
	else
		REQUIRE(err.text[0] != '\0');
	buf_release(&out);
	interpreter_free(interpreter);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct request_facts facts;
	const char *param = NULL;
	struct err err = {0};
	char *body = malloc(len + 1);

	memcpy(body, data, len);
	body[len] = '\0';
	request_facts_init(&facts);
	if (openai_chat.scan_request(body, len, &facts, &param, &err) < 0) {
		REQUIRE(err.text[0] != '\0');
	} else {
		REQUIRE(facts.num_choices >= 1 && facts.max_output >= -1 && facts.input_estimate >= 0);
		for (const struct provider_kind *kind = provider_kinds; kind->name != NULL; kind++)
			for (int drop = 0; drop < 2; drop++)
				translate(body, len, &facts, kind, drop);
	}
	free(body);
	return 0;
}
