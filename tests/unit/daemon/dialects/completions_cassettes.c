/* SPDX-License-Identifier: MIT */
/* Recorded completions and counts of input tokens pass through. */
#include "recorded.h"

static char *recorded_request(void)
{
	json_t *request = json_deep_copy(json_object_get(json_object_get(recording, "request"), "body"));
	char *text;

	if (json_is_true(json_object_get(entry, "stream")))
		json_object_set_new(request, "stream", json_true());
	json_object_del(request, "stream_options");
	text = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	return text;
}

static void check_finish(enum finish_reason got)
{
	const char *want = json_string_value(json_array_get(json_object_get(entry, "finish_reasons"), 0));

	EXPECT(want != NULL && got == (strcmp(want, "length") == 0 ? FINISH_LENGTH : FINISH_STOP));
}

static void try_completion(void)
{
	char *request = recorded_request();
	struct run r;

	run_every_way(&r, &openai_completions, &openai_completions, request);
	EXPECT(r.result == 0);
	EXPECT(strcmp(r.out.data, body) == 0);
	check_usage(&r.outcome.usage);
	check_finish(r.outcome.finish);
	buf_release(&r.out);
	free(request);
}

static void try_count(void)
{
	char *request = recorded_request();
	struct run r;

	run_every_way(&r, &openai_count, &openai_count, request);
	EXPECT(r.result == 0);
	EXPECT(strcmp(r.out.data, body) == 0);
	EXPECT(r.outcome.usage.count[USAGE_INPUT] ==
	       json_integer_value(json_object_get(json_object_get(entry, "usage"), "input_tokens")));
	EXPECT(r.outcome.usage.source[USAGE_INPUT] == USAGE_REPORTED);
	EXPECT(r.outcome.usage.source[USAGE_OUTPUT] != USAGE_REPORTED);
	buf_release(&r.out);
	free(request);
}

static void recorded_completions_pass_through(void)
{
	each_entry("completions", true, try_completion);
}

static void recorded_counts_pass_through(void)
{
	each_entry("responses.input_tokens", true, try_count);
}

int main(void)
{
	static const struct check_test tests[] = {TEST(recorded_completions_pass_through), TEST(recorded_counts_pass_through)};

	return run_recorded(tests, ARRAY_LEN(tests));
}
