/* SPDX-License-Identifier: MIT */
/* Recorded responses pass through. */
#include "recorded.h"
#include "said.h"

static char *recorded_request(bool with_cost)
{
	json_t *request = json_deep_copy(json_object_get(json_object_get(recording, "request"), "body"));
	char *text;

	if (with_cost)
		json_object_set_new(request, "usage", json_pack("{s:b}", "include", 1));
	text = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	return text;
}

/* The output of the response, as the stream ends with it or the answer is. */
static json_t *recorded_response(void)
{
	const char *at = body;
	json_t *found = NULL;
	size_t len;

	if (!json_is_true(json_object_get(entry, "stream")))
		return json_loads(body, 0, NULL);
	for (; next_block(at, &len) != NULL; at += len) {
		json_t *data = block_data(at, len), *response = json_object_get(data, "response");

		if (json_is_object(json_object_get(response, "usage"))) {
			json_decref(found);
			found = json_incref(response);
		}
		json_decref(data);
	}
	return found;
}

static void check_finish(enum finish_reason got, const json_t *response)
{
	const char *reason = text_at(json_object_get(response, "incomplete_details"), "reason");
	bool calls = false;
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(response, "output"), i, item)
		calls = calls || strcmp(text_at(item, "type"), "function_call") == 0;
	if (strcmp(reason, "content_filter") == 0)
		EXPECT(got == FINISH_CONTENT_FILTER);
	else if (*reason != '\0')
		EXPECT(got == FINISH_LENGTH);
	else if (strncmp(text_at(response, "status"), "complete", 8) == 0)
		EXPECT(got == (calls ? FINISH_TOOL_CALLS : FINISH_STOP));
	else
		EXPECT(got == FINISH_NONE);
}

static void check_cost(const struct buf *out, const json_t *response)
{
	static const char ours[] = "\"cost\":0.0000015,";

	if (json_is_object(json_object_get(response, "usage")))
		EXPECT(strstr(out->data, ours) != NULL);
}

static void try_pass_through(bool with_cost)
{
	char *request = recorded_request(with_cost);
	json_t *response = recorded_response();
	struct run r;

	run_every_way(&r, &openai_responses, &openai_responses, request);
	EXPECT(r.result == 0);
	if (r.result != 0)
		printf("# %s\n", r.err.text);
	if (with_cost)
		check_cost(&r.out, response);
	else
		EXPECT(strcmp(r.out.data, body) == 0);
	check_usage(&r.outcome.usage);
	check_finish(r.outcome.finish, response);
	buf_release(&r.out);
	json_decref(response);
	free(request);
}

static void try_responses(void)
{
	try_pass_through(false);
	try_pass_through(true);
}

static void try_responses_error(void)
{
	try_error(&openai_responses);
}

static void recorded_responses_pass_through(void)
{
	each_entry("responses", true, try_responses);
}

static void recorded_errors_are_understood(void)
{
	each_entry("responses", false, try_responses_error);
}

int main(void)
{
	static const struct check_test tests[] = {TEST(recorded_responses_pass_through),
						  TEST(recorded_errors_are_understood)};

	return run_recorded(tests, ARRAY_LEN(tests));
}
