/* SPDX-License-Identifier: MIT */
/*
 * OpenAI's audio: speech is made from JSON and comes back as bytes, which go through as they come;
 * transcriptions are made from a form with a file in it and come back as JSON, as plain text or as a stream.
 *
 * Reference: OpenAI's API description, audio.  A form keeps its boundary, so its Content-Type goes on.
 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "dialects/interpreter.h"
#include "dialects/multipart.h"
#include "dialects/openai.h"
#include "dialects/patch.h"
#include "dialects/sse.h"
#include "dialects/upstream_error.h"

/* A second of sound at 128 kbit/s is 16,000 bytes and about ten tokens. */
enum { BYTES_PER_TOKEN = 4, SOUND_BYTES_PER_TOKEN = 1600 };

static int wrong(const char *name, const char *expected, const char **ret_param, struct err *err)
{
	*ret_param = name;
	return err_set(err, ERR_INVALID, "%s: expected %s", name, expected);
}

/* -- speech -------------------------------------------------------------------------------------- */

static int scan_speech(const char *body, size_t len, struct request_facts *ret, const char **ret_param, struct err *err)
{
	enum { MODEL, INPUT, N };
	struct jfield f[N] = {{.name = "model"}, {.name = "input"}};

	*ret_param = NULL;
	if (jscan_object(body, len, f, N, err) < 0)
		return ERR_INVALID;
	ret->model = f[MODEL].value;
	if (!jspan_copy(ret->model, ret->model_name, sizeof(ret->model_name)) || ret->model_name[0] == '\0')
		return wrong("model", "a name of 1 to 200 characters", ret_param, err);
	if (!jspan_is_string(f[INPUT].value) || jspan_text_len(f[INPUT].value) == 0)
		return wrong("input", "the text to be spoken", ret_param, err);
	ret->input_estimate = (int64_t)(jspan_text_len(f[INPUT].value) / BYTES_PER_TOKEN) + 1;
	/* Sound goes to the client as it comes. */
	ret->stream = true;
	return 0;
}

static void adapt_speech(struct jspan body, const struct request_facts *facts, const struct interpreter_target *target,
			 struct patch *p)
{
	(void)body;
	buf_json_string(patch_replace(p, facts->model), target->model, strlen(target->model));
}

static int read_sound(struct reading *r, const struct sse_event *event, const struct event_sink *sink, struct err *err)
{
	(void)sink;
	(void)err;
	r->text_bytes += (int64_t)event->raw_len;
	r->started = true;
	r->finish = FINISH_STOP;
	return 0;
}

/* -- transcriptions ------------------------------------------------------------------------------ */

static void take_field(const struct multipart_part *part, struct request_facts *ret)
{
	if (multipart_name_is(part, "model")) {
		ret->model = part->value;
		if (part->value.len < sizeof(ret->model_name)) {
			memcpy(ret->model_name, part->value.at, part->value.len);
			ret->model_name[part->value.len] = '\0';
		}
	} else if (multipart_name_is(part, "stream")) {
		ret->stream = part->value.len == 4 && memcmp(part->value.at, "true", 4) == 0;
	}
}

static int scan_transcription(const char *body, size_t len, struct request_facts *ret, const char **ret_param,
			      struct err *err)
{
	struct multipart_part part;
	struct multipart m;
	bool file = false;
	int r;

	*ret_param = NULL;
	if (!multipart_begin(&m, body, len))
		return err_set(err, ERR_INVALID, "expected multipart/form-data with a file and a model in it");
	while ((r = multipart_next(&m, &part)) > 0) {
		take_field(&part, ret);
		if (part.is_file && multipart_name_is(&part, "file")) {
			file = true;
			ret->input_estimate = (int64_t)(part.value.len / SOUND_BYTES_PER_TOKEN) + 1;
		}
	}
	if (r < 0)
		return err_set(err, ERR_INVALID, "the form ends before its closing boundary");
	if (ret->model_name[0] == '\0' || memchr(ret->model.at, '\0', ret->model.len) != NULL)
		return wrong("model", "a name of 1 to 200 characters", ret_param, err);
	ret->wants_usage = true;
	return file ? 0 : wrong("file", "a file with sound in it", ret_param, err);
}

static void adapt_transcription(struct jspan body, const struct request_facts *facts,
				const struct interpreter_target *target, struct patch *p)
{
	(void)body;
	buf_puts(patch_replace(p, facts->model), target->model);
}

/* {type: tokens, input_tokens, output_tokens, input_token_details: {audio_tokens}}; seconds have no column. */
static void read_usage(struct jspan object, struct usage *u)
{
	enum { INPUT, OUTPUT, DETAILS, N };
	struct jfield f[N] = {{.name = "input_tokens"}, {.name = "output_tokens"}, {.name = "input_token_details"}};
	int64_t n;

	if (!jspan_fields(object, f, N))
		return;
	if (jspan_int(f[INPUT].value, &n))
		usage_set(u, USAGE_INPUT, n, USAGE_REPORTED);
	if (jspan_int(f[OUTPUT].value, &n))
		usage_set(u, USAGE_OUTPUT, n, USAGE_REPORTED);
	if (jspan_int(jspan_member(f[DETAILS].value, "audio_tokens"), &n))
		usage_set(u, USAGE_INPUT_AUDIO, n, USAGE_REPORTED);
}

static int read_text(const char *text, size_t len, struct reading *r, struct err *err)
{
	enum { USAGE, ERROR, N };
	struct jfield f[N] = {{.name = "usage"}, {.name = "error"}};

	r->started = true;
	r->text_bytes += (int64_t)len;
	/* response_format may be text, srt or vtt. */
	if (jscan_object(text, len, f, N, NULL) < 0)
		return 0;
	if (!jspan_is_null(f[ERROR].value))
		return upstream_error_inside(f[ERROR].value, err);
	read_usage(f[USAGE].value, &r->usage);
	return 0;
}

static int read_transcription(struct jspan body, struct arena *arena, struct answer *ret, struct err *err)
{
	(void)arena;
	ret->reading.finish = FINISH_STOP;
	ret->reading.ended = true;
	return read_text(body.at, body.len, &ret->reading, err);
}

static int read_event(struct reading *r, const struct sse_event *event, const struct event_sink *sink, struct err *err)
{
	(void)sink;
	if (!event->has_data)
		return 0;
	if (sse_name_is(event, "transcript.text.done") || sse_data_is(event, "[DONE]")) {
		r->finish = FINISH_STOP;
		r->ended = true;
	}
	return read_text(event->data, event->data_len, r, err);
}

static void write_end(struct writing *w, const struct usage *u, int64_t cost_nusd, bool with_mark, struct buf *out)
{
	(void)w;
	(void)u;
	(void)cost_nusd;
	(void)with_mark;
	(void)out;
}

static const char *const form_headers[] = {"content-type", NULL};

const struct dialect openai_speech = {
	.name = "openai_speech",
	.operation = OPERATION_SPEECH,
	.framing = FRAMING_NONE,
	.keeps_type = true,
	.scan_request = scan_speech,
	.write_error = openai_write_error,
	.read_error = upstream_error_read,
	.adapt_request = adapt_speech,
	.read_event = read_sound,
	.write_end = write_end,
};

const struct dialect openai_transcriptions = {
	.name = "openai_transcriptions",
	.operation = OPERATION_TRANSCRIBE,
	.keeps_type = true,
	.forwarded_headers = form_headers,
	.scan_request = scan_transcription,
	.write_error = openai_write_error,
	.write_stream_error = openai_write_stream_error,
	.read_error = upstream_error_read,
	.adapt_request = adapt_transcription,
	.read_answer = read_transcription,
	.read_event = read_event,
	.write_end = write_end,
};
