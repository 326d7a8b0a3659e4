/* SPDX-License-Identifier: MIT */
/*
 * Requests of Bedrock's Converse are written from the internal form here, but for their messages.
 *
 * What all models know stands in inferenceConfig, toolConfig and outputConfig; what only one family knows
 * goes through to it in additionalModelRequestFields.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "dialects/anthropic.h"
#include "dialects/bedrock.h"
#include "dialects/interpreter.h"

struct request_writer {
	const struct conversation *c;
	const struct interpreter_target *target;
	const struct bedrock_family *family;
	struct anthropic_thinking thinking;     /* of Claude */
	struct buf *out, *extra;                /* extra: the inside of additionalModelRequestFields */
	struct err *err;
};

/* -- tools --------------------------------------------------------------------------------------- */

static bool has_tool_parts(const struct conversation *c)
{
	for (const struct message *m = c->messages; m != NULL; m = m->next)
		for (const struct part *p = m->parts; p != NULL; p = p->next)
			if (p->kind == PART_TOOL_CALL || p->kind == PART_TOOL_RESULT)
				return true;
	return false;
}

static void put_tool(struct request_writer *w, const struct tool *t)
{
	buf_puts(w->out, "{\"toolSpec\":{\"name\":");
	put_span(w->out, t->name);
	if (span_has_text(t->description))
		put_member(w->out, "description", t->description);
	if (t->strict && w->family->strict)
		buf_puts(w->out, ",\"strict\":true");
	buf_puts(w->out, ",\"inputSchema\":{\"json\":");
	if (jspan_is_object(t->schema))
		put_span(w->out, t->schema);
	else
		buf_puts(w->out, "{\"type\":\"object\",\"properties\":{}}");
	buf_puts(w->out, "}}}");
	bedrock_put_cache_point(w->out, w->family, t->cache);
}

static void put_tool_choice(struct request_writer *w)
{
	switch (w->c->tool_choice) {
	case TOOL_CHOICE_UNSAID:
	case TOOL_CHOICE_NONE:
		break;
	case TOOL_CHOICE_AUTO:
		buf_puts(w->out, ",\"toolChoice\":{\"auto\":{}}");
		break;
	case TOOL_CHOICE_REQUIRED:
		buf_puts(w->out, ",\"toolChoice\":{\"any\":{}}");
		break;
	case TOOL_CHOICE_NAMED:
		buf_puts(w->out, ",\"toolChoice\":{\"tool\":{\"name\":");
		put_span(w->out, w->c->tool_name);
		buf_puts(w->out, "}}");
		break;
	}
}

/* Converse has no word for one call at a time; Claude's own tool_choice does, in place of Converse's. */
static int put_one_at_a_time(struct request_writer *w)
{
	static const char *const types[] = {
		[TOOL_CHOICE_UNSAID] = "auto",
		[TOOL_CHOICE_AUTO] = "auto",
		[TOOL_CHOICE_NONE] = "none",
		[TOOL_CHOICE_REQUIRED] = "any",
		[TOOL_CHOICE_NAMED] = "tool",
	};

	if (w->family->reasoning != BEDROCK_REASONS_CLAUDE) {
		put_tool_choice(w);
		return refuse_field(w->target->drop_params, w->err, "parallel_tool_calls",
				    "this model cannot be kept to one call at a time");
	}
	buf_printf(w->extra, "%s\"tool_choice\":{\"type\":\"%s\"", w->extra->len > 0 ? "," : "", types[w->c->tool_choice]);
	put_member(w->extra, "name", w->c->tool_name);
	buf_puts(w->extra, ",\"disable_parallel_tool_use\":true}");
	return 0;
}

/* No tools is how Converse says none of them; but calls in the conversation need their tools to be there. */
static int put_tools(struct request_writer *w)
{
	bool none = w->c->tool_choice == TOOL_CHOICE_NONE;

	if (w->c->tools == NULL || (none && !has_tool_parts(w->c)))
		return 0;
	if (none && refuse_field(w->target->drop_params, w->err, "tool_choice",
				 "Bedrock cannot forbid tools in a conversation that has called some") < 0)
		return ERR_INVALID;
	buf_puts(w->out, ",\"toolConfig\":{\"tools\":[");
	for (const struct tool *t = w->c->tools; t != NULL; t = t->next) {
		put_tool(w, t);
		if (t->next != NULL)
			buf_putc(w->out, ',');
	}
	buf_putc(w->out, ']');
	if (!w->c->one_tool_at_a_time || none)
		put_tool_choice(w);
	else if (put_one_at_a_time(w) < 0)
		return ERR_INVALID;
	buf_putc(w->out, '}');
	return 0;
}

/* -- reasoning ----------------------------------------------------------------------------------- */

/* low, medium and high are all that anybody knows. */
static const char *effort_of(const struct conversation *c)
{
	static const char *const names[] = {
		[EFFORT_MINIMAL] = "low",
		[EFFORT_LOW] = "low",
		[EFFORT_MEDIUM] = "medium",
		[EFFORT_HIGH] = "high",
		[EFFORT_XHIGH] = "high",
	};

	return names[c->effort > EFFORT_NONE ? c->effort : effort_of_budget(c->reasoning_budget)];
}

static void put_claude_thinking(struct request_writer *w)
{
	switch (w->thinking.style) {
	case THINKS_NOT:
		if (w->c->thinking.at == NULL)
			return;
		buf_puts(w->extra, "\"thinking\":");
		put_span(w->extra, w->c->thinking);
		break;
	case THINKS_BY_BUDGET:
		buf_printf(w->extra, "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":%" PRId64 "}",
			   w->thinking.budget);
		break;
	case THINKS_BY_EFFORT:
		buf_printf(w->extra, "\"thinking\":{\"type\":\"adaptive\"},\"output_config\":{\"effort\":\"%s\"}",
			   w->thinking.effort);
		break;
	}
}

static int put_reasoning(struct request_writer *w)
{
	bool asked = w->c->reasoning_budget >= 0 || w->c->effort > EFFORT_NONE;

	if (w->family->reasoning == BEDROCK_REASONS_CLAUDE) {
		put_claude_thinking(w);
		return 0;
	}
	if (w->c->thinking.at != NULL && refuse_field(w->target->drop_params, w->err, "thinking",
						      "this is no model of Anthropic's; reasoning_effort is for all") < 0)
		return ERR_INVALID;
	if (!asked)
		return 0;
	switch (w->family->reasoning) {
	case BEDROCK_REASONS_NOT:
	case BEDROCK_REASONS_CLAUDE:
		return refuse_field(w->target->drop_params || w->c->reasoning_optional, w->err, w->c->reasoning_field,
				    "this model cannot be told how to reason");
	case BEDROCK_REASONS_NOVA:
		buf_printf(w->extra, "\"reasoningConfig\":{\"type\":\"enabled\",\"maxReasoningEffort\":\"%s\"}",
			   effort_of(w->c));
		break;
	case BEDROCK_REASONS_OPENAI:
		buf_printf(w->extra, "\"reasoning_effort\":\"%s\"", effort_of(w->c));
		break;
	case BEDROCK_REASONS_CONFIG:
		buf_printf(w->extra, "\"reasoning_config\":\"%s\"", effort_of(w->c));
		break;
	}
	return 0;
}

/* -- what the answer should be like -------------------------------------------------------------- */

/* The scale ends at 1 for every model: what is hotter is as hot as can be. */
static int put_temperature(struct request_writer *w, struct buf *out)
{
	struct jspan value = w->c->params[PARAM_TEMPERATURE];
	char text[32];

	if (value.at == NULL)
		return 0;
	if (value.len >= sizeof(text) || (*value.at != '-' && (*value.at < '0' || *value.at > '9')))
		return err_set(w->err, ERR_INVALID, "temperature: expected a number");
	memcpy(text, value.at, value.len);
	text[value.len] = '\0';
	if (strtod(text, NULL) >= 1)
		copy_text(text, sizeof(text), "1");
	else if (w->thinking.style != THINKS_NOT)
		return refuse_field(w->target->drop_params, w->err, "temperature",
				    "Anthropic's models take none but 1 while they reason");
	buf_printf(out, ",\"temperature\":%s", text);
	return 0;
}

static int put_stop(struct request_writer *w, struct buf *out)
{
	struct jspan stop = w->c->params[PARAM_STOP];

	if (stop.at == NULL)
		return 0;
	if (!jspan_is_array(stop) && !jspan_is_string(stop))
		return err_set(w->err, ERR_INVALID, "stop: expected a string or a list of strings");
	buf_puts(out, jspan_is_array(stop) ? ",\"stopSequences\":" : ",\"stopSequences\":[");
	put_span(out, stop);
	if (!jspan_is_array(stop))
		buf_putc(out, ']');
	return 0;
}

/* Unsaid, a model puts out as much as it can; but a budget to think with has to fit below it. */
static int64_t max_tokens(const struct request_writer *w)
{
	int64_t most = w->c->max_output;

	if (w->thinking.style == THINKS_BY_BUDGET)
		return w->thinking.max_tokens;
	if (w->target->max_output >= 0 && (most < 0 || most > w->target->max_output))
		most = w->target->max_output;
	return most;
}

static int put_inference(struct request_writer *w)
{
	int64_t most = max_tokens(w);
	struct buf inside;
	int rc = 0;

	buf_init(&inside, w->out->max);
	if (most >= 0)
		buf_printf(&inside, ",\"maxTokens\":%" PRId64, most);
	if (put_temperature(w, &inside) < 0 || put_stop(w, &inside) < 0)
		rc = ERR_INVALID;
	put_member(&inside, "topP", w->c->params[PARAM_TOP_P]);
	if (rc == 0 && inside.len > 0)
		buf_printf(w->out, ",\"inferenceConfig\":{%s}", inside.data + 1);
	buf_release(&inside);
	return rc;
}

/* The schema is a text here, not an object. */
static int put_format(struct request_writer *w)
{
	if (w->c->format == FORMAT_JSON)
		return refuse_field(w->target->drop_params, w->err, "response_format",
				    "Bedrock writes JSON by a schema only (json_schema)");
	if (w->c->format != FORMAT_SCHEMA)
		return 0;
	buf_puts(w->out, ",\"outputConfig\":{\"textFormat\":{\"type\":\"json_schema\",\"structure\":{\"jsonSchema\":{\"schema\":");
	buf_json_string(w->out, w->c->format_schema.at, w->c->format_schema.len);
	if (span_has_text(w->c->format_name))
		put_member(w->out, "name", w->c->format_name);
	buf_puts(w->out, "}}}}");
	return 0;
}

/* Whose call it is goes where AWS keeps what its log of invocations is filtered by. */
static int put_user(struct request_writer *w)
{
	static const char taken[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 :_@$#=/+,-.";
	struct jspan user = w->c->params[PARAM_USER];
	char text[257];

	if (!span_has_text(user))
		return 0;
	if (!jspan_copy(user, text, sizeof(text)) || text[strspn(text, taken)] != '\0')
		return refuse_field(w->target->drop_params, w->err, "user",
				    "Bedrock takes up to 256 letters, digits and characters of \":_@$#=/+,-.\"");
	buf_puts(w->out, ",\"requestMetadata\":{\"user\":");
	put_span(w->out, user);
	buf_putc(w->out, '}');
	return 0;
}

static void put_top_k(struct request_writer *w)
{
	struct jspan top_k = w->c->params[PARAM_TOP_K];

	if (top_k.at == NULL || w->family->top_k[0] == NULL)
		return;
	buf_printf(w->extra, "%s%s", w->extra->len > 0 ? "," : "", w->family->top_k[0]);
	put_span(w->extra, top_k);
	buf_puts(w->extra, w->family->top_k[1]);
}

static int check_params(struct request_writer *w)
{
	unsigned known = 1u << PARAM_TEMPERATURE | 1u << PARAM_TOP_P | 1u << PARAM_STOP | 1u << PARAM_USER;

	if (w->family->top_k[0] != NULL)
		known |= 1u << PARAM_TOP_K;
	return conversation_check(w->c, known, w->target->drop_params, "Bedrock", w->err);
}

/* Claude's own rules hold here too; they know it by the name it has at Anthropic. */
static int decide_thinking(struct request_writer *w)
{
	struct interpreter_target target = *w->target;
	const char *name = strstr(target.model, "claude-");

	if (w->family->reasoning != BEDROCK_REASONS_CLAUDE)
		return 0;
	if (name != NULL)
		target.model = name;
	return anthropic_decide_thinking(w->c, &target, &w->thinking, w->err);
}

static int write_all(struct request_writer *w)
{
	if (check_params(w) < 0 || decide_thinking(w) < 0)
		return ERR_INVALID;
	buf_putc(w->out, '{');
	if (bedrock_put_messages(w->c, w->family, w->out, w->err) < 0 || put_inference(w) < 0 || put_reasoning(w) < 0 ||
	    put_tools(w) < 0 || put_format(w) < 0 || put_user(w) < 0)
		return ERR_INVALID;
	put_top_k(w);
	if (w->extra->len > 0)
		buf_printf(w->out, ",\"additionalModelRequestFields\":{%s}", w->extra->data);
	buf_putc(w->out, '}');
	return 0;
}

/* What is counted is what is read: the conversation and its tools. */
static int write_count(struct request_writer *w)
{
	buf_puts(w->out, "{\"input\":{\"converse\":{");
	if (bedrock_put_messages(w->c, w->family, w->out, w->err) < 0 || put_tools(w) < 0)
		return ERR_INVALID;
	buf_puts(w->out, "}}}");
	return 0;
}

static int write_with(int (*write)(struct request_writer *), const struct conversation *c,
		      const struct interpreter_target *target, struct buf *out, struct err *err)
{
	struct buf extra;
	struct request_writer w = {
		.c = c,
		.target = target,
		.family = bedrock_family_of(target->model),
		.out = out,
		.extra = &extra,
		.err = err,
	};
	int rc;

	buf_init(&extra, out->max);
	rc = write(&w);
	if (extra.failed)
		out->failed = true;
	buf_release(&extra);
	return rc;
}

int bedrock_write_request(const struct conversation *c, const struct interpreter_target *target, struct buf *out,
			  struct err *err)
{
	return write_with(write_all, c, target, out, err);
}

int bedrock_write_count_request(const struct conversation *c, const struct interpreter_target *target, struct buf *out,
				struct err *err)
{
	return write_with(write_count, c, target, out, err);
}
