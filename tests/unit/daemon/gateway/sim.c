/* SPDX-License-Identifier: MIT */
/* The simulated provider answers as a real one would, at the pace it is told. */
#include "gateway/sim.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "check.h"
#include "loop/loop.h"

struct seen {
	struct loop *loop;
	struct sim *sim;
	struct buf body;
	int status, heads, bodies, dones;
	int refuse;             /* bodies not to take */
	bool cancel_in_body;
};

static void on_head(void *arg, int status)
{
	struct seen *s = arg;

	s->status = status;
	s->heads++;
}

static bool on_body(void *arg, const char *data, size_t len)
{
	struct seen *s = arg;

	s->bodies++;
	if (s->refuse > 0) {
		s->refuse--;
		return false;
	}
	buf_add(&s->body, data, len);
	if (s->cancel_in_body)
		sim_cancel(s->sim);
	return true;
}

static void on_done(void *arg, const struct fetch_end *end)
{
	struct seen *s = arg;

	CHECK_INT(end->error, FETCH_OK);
	s->dones++;
}

static const struct fetch_ops ops = {on_head, on_body, on_done};

static struct seen *begin(const char *options, const char *model, const char *body)
{
	struct seen *s = calloc(1, sizeof(*s));

	s->loop = loop_new(NULL);
	buf_init(&s->body, 1 << 20);
	s->sim = sim_start(s->loop, options, model, body, strlen(body), 7, &ops, s);
	return s;
}

static void run(struct seen *s)
{
	for (int i = 0; i < 500 && s->dones == 0; i++)
		loop_turn(s->loop, 20);
}

static void end(struct seen *s)
{
	buf_release(&s->body);
	loop_free(s->loop);
	free(s);
}

static void it_answers_with_as_many_tokens_as_it_says(void)
{
	struct seen *s = begin("{\"tokens\": 9}", "m", "{\"messages\":[]}");
	json_t *answer;

	CHECK_INT(s->heads, 0);
	run(s);
	CHECK_INT(s->status, 200);
	answer = json_parse(s->body.data, s->body.len, NULL);
	CHECK(answer != NULL);
	CHECK_TEXT(json_text_peek(answer, "model"), "m");
	CHECK_INT(json_int_peek(json_object_get(answer, "usage"), "completion_tokens", -1), 9);
	json_decref(answer);
	end(s);
}

static void max_tokens_cuts_it(void)
{
	struct seen *s = begin("{\"tokens\": 50}", "m", "{\"max_tokens\": 3}");
	json_t *answer;

	run(s);
	answer = json_parse(s->body.data, s->body.len, NULL);
	CHECK_INT(json_int_peek(json_object_get(answer, "usage"), "completion_tokens", -1), 3);
	json_decref(answer);
	end(s);
}

static void a_stream_ends_with_usage_and_done(void)
{
	struct seen *s = begin("{\"tokens\": 4, \"rate\": 500}", "m", "{\"stream\": true}");
	const char *tail = "data: [DONE]\n\n";

	run(s);
	CHECK(s->bodies > 1);
	CHECK(strstr(s->body.data, "\"completion_tokens\":4") != NULL);
	CHECK(s->body.len > strlen(tail));
	CHECK_TEXT(s->body.data + s->body.len - strlen(tail), tail);
	end(s);
}

static void a_model_has_options_of_its_own(void)
{
	struct seen *s = begin("{\"tokens\": 4, \"models\": {\"bad\": {\"error_rate\": 1, \"error_status\": 529}}}", "bad", "{}");

	run(s);
	CHECK_INT(s->status, 529);
	CHECK(strstr(s->body.data, "\"error\"") != NULL);
	end(s);
}

static void what_was_not_taken_comes_again(void)
{
	struct seen *s = begin("{\"tokens\": 2}", "m", "{}");

	s->refuse = 2;
	for (int i = 0; i < 2; i++) {
		loop_turn(s->loop, 20);
		CHECK_INT(s->dones, 0);
		CHECK_INT(s->body.len, 0);
		sim_resume(s->sim);
	}
	run(s);
	CHECK_INT(s->dones, 1);
	CHECK(s->body.len > 0);
	end(s);
}

static void cancelled_in_a_callback_it_says_nothing_more(void)
{
	struct seen *s = begin("{\"tokens\": 100, \"rate\": 1000}", "m", "{\"stream\": true}");

	s->cancel_in_body = true;
	for (int i = 0; i < 20; i++)
		loop_turn(s->loop, 5);
	CHECK_INT(s->bodies, 1);
	CHECK_INT(s->dones, 0);
	end(s);
}

CHECK_MAIN(TEST(it_answers_with_as_many_tokens_as_it_says), TEST(max_tokens_cuts_it),
	   TEST(a_stream_ends_with_usage_and_done), TEST(a_model_has_options_of_its_own),
	   TEST(what_was_not_taken_comes_again), TEST(cancelled_in_a_callback_it_says_nothing_more))
