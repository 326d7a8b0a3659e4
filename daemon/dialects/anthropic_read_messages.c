/* SPDX-License-Identifier: MIT */
/*
 * The messages of a request of Anthropic's dialect are read into the internal form here.
 *
 * Results of tools stand in a message of the user's there, and in one of their own here.  A document that is text
 * becomes text, so that everybody can be told.
 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "dialects/anthropic.h"

/* Where the parts of a list go. */
struct part_list {
	struct part **end;
	struct jspan last_call_signature;       /* for the call that comes next */
};

static struct part *add_part(struct anthropic_request *r, struct part_list *list, enum part_kind kind)
{
	struct part *p = ARENA_NEW(r->arena, struct part);

	p->kind = kind;
	*list->end = p;
	list->end = &p->next;
	return p;
}

static int read_content(struct anthropic_request *r, struct jspan content, struct part_list *list);

static int read_text(struct anthropic_request *r, struct jspan block, struct part_list *list)
{
	struct part *p = add_part(r, list, PART_TEXT);

	p->text = said(block, "text");
	p->cache = said(block, "cache_control");
	return jspan_is_string(p->text) ? 0 : anthropic_wrong(r, "text", "a string");
}

/* A span's characters without quotes; media types and base64 have no escapes but for the slash. */
static struct jspan bare(struct anthropic_request *r, struct jspan string)
{
	struct jspan inner = {string.at + 1, string.len - 2};
	struct buf text;

	if (memchr(inner.at, '\\', inner.len) == NULL)
		return inner;
	buf_init(&text, string.len);
	jspan_text(string, &text);
	inner = (struct jspan){arena_copy(r->arena, text.data, text.len), text.len};
	buf_release(&text);
	return inner;
}

/* What goes into a JSON string again as it is. */
static bool is_plain(struct jspan s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] == '"' || s.at[i] == '\\' || (unsigned char)s.at[i] < 0x20)
			return false;
	return true;
}

/* False where it is neither bytes nor a URL. */
static bool read_source(struct anthropic_request *r, struct jspan source, struct part *p)
{
	struct jspan type = said(source, "type"), data = said(source, "data"), media = said(source, "media_type");

	if (jspan_equals(type, "url")) {
		p->url = said(source, "url");
		return span_has_text(p->url);
	}
	if (!jspan_equals(type, "base64") || !jspan_is_string(data) || !jspan_is_string(media))
		return false;
	p->media_type = bare(r, media);
	p->base64 = bare(r, data);
	return is_plain(p->media_type) && is_plain(p->base64);
}

static int read_image(struct anthropic_request *r, struct jspan block, struct part_list *list)
{
	struct part *p = add_part(r, list, PART_IMAGE);

	p->cache = said(block, "cache_control");
	if (!read_source(r, said(block, "source"), p))
		return anthropic_wrong(r, "source", "base64 or a url (a file_id means something to Anthropic only)");
	return 0;
}

static void add_text(struct anthropic_request *r, struct jspan text, struct part_list *list)
{
	if (span_has_text(text))
		add_part(r, list, PART_TEXT)->text = text;
}

/* Plain text, or blocks: what is around it in the document comes before it. */
static int read_inline_document(struct anthropic_request *r, struct jspan block, struct part_list *list)
{
	struct jspan source = said(block, "source"), content = said(source, "content");

	add_text(r, said(block, "title"), list);
	add_text(r, said(block, "context"), list);
	if (jspan_equals(said(source, "type"), "content"))
		return read_content(r, content, list);
	if (!jspan_is_string(said(source, "data")))
		return anthropic_wrong(r, "source.data", "a string");
	add_text(r, said(source, "data"), list);
	return 0;
}

static int read_document(struct anthropic_request *r, struct jspan block, struct part_list *list)
{
	struct jspan source = said(block, "source"), citations = said(block, "citations");
	bool cite = false;
	struct part *p;

	if (jspan_bool(said(citations, "enabled"), &cite) && cite)
		anthropic_keep_extra(r, (struct jspan){"\"citations\"", 11}, citations);
	if (jspan_equals(said(source, "type"), "text") || jspan_equals(said(source, "type"), "content"))
		return read_inline_document(r, block, list);
	add_text(r, said(block, "context"), list);
	p = add_part(r, list, PART_DOCUMENT);
	p->title = said(block, "title");
	p->cache = said(block, "cache_control");
	if (!read_source(r, source, p))
		return anthropic_wrong(r, "source", "base64, text, content or a url (a file_id means something to Anthropic only)");
	return 0;
}

static int read_tool_use(struct anthropic_request *r, struct jspan block, struct part_list *list)
{
	struct part *p = add_part(r, list, PART_TOOL_CALL);

	p->id = said(block, "id");
	p->name = said(block, "name");
	p->arguments = said(block, "input");
	p->cache = said(block, "cache_control");
	if (list->last_call_signature.at != NULL) {
		p->signature = list->last_call_signature;
		p->signer = SIGNER_GOOGLE;
		list->last_call_signature = (struct jspan){0};
	}
	if (!span_has_text(p->id))
		return anthropic_wrong(r, "id", "a string");
	return span_has_text(p->name) ? 0 : anthropic_wrong(r, "name", "the name of a tool");
}

static int read_tool_result(struct anthropic_request *r, struct jspan block, struct part_list *list)
{
	struct part *p = add_part(r, list, PART_TOOL_RESULT);
	struct part_list inner = {.end = &p->parts};

	p->id = said(block, "tool_use_id");
	p->cache = said(block, "cache_control");
	jspan_bool(said(block, "is_error"), &p->failed);
	if (!span_has_text(p->id))
		return anthropic_wrong(r, "tool_use_id", "the id of a call");
	return read_content(r, said(block, "content"), &inner);
}

static int read_thinking(struct anthropic_request *r, struct jspan block, struct part_list *list)
{
	struct jspan text = said(block, "thinking"), signature = said(block, "signature");
	struct part read = {.kind = PART_REASONING};
	struct part *p;

	if (anthropic_unmark(r->arena, signature, &read)) {
		list->last_call_signature = read.signature;
		return 0;
	}
	p = add_part(r, list, PART_REASONING);
	p->text = span_has_text(text) ? text : (struct jspan){0};
	p->signature = read.signature;
	p->signer = read.signer;
	p->id = read.id;
	p->encrypted = p->text.at == NULL && p->signer == SIGNER_OPENAI;
	return 0;
}

static int read_redacted(struct anthropic_request *r, struct jspan block, struct part_list *list)
{
	struct part *p = add_part(r, list, PART_REASONING);

	anthropic_unmark(r->arena, said(block, "data"), p);
	p->encrypted = true;
	return 0;
}

static const struct {
	const char *type;
	int (*read)(struct anthropic_request *, struct jspan block, struct part_list *);
} block_types[] = {
	{"text", read_text},
	{"image", read_image},
	{"document", read_document},
	{"tool_use", read_tool_use},
	{"tool_result", read_tool_result},
	{"thinking", read_thinking},
	{"redacted_thinking", read_redacted},
};

static int read_block(struct anthropic_request *r, struct jspan block, struct part_list *list)
{
	struct jspan type = said(block, "type");

	for (size_t i = 0; i < ARRAY_LEN(block_types); i++)
		if (jspan_equals(type, block_types[i].type))
			return block_types[i].read(r, block, list);
	if (!span_has_text(type))
		return anthropic_wrong(r, "type", "the type of a block");
	anthropic_keep_extra(r, type, block);
	return 0;
}

/* name: of the list, behind the place where it stands. */
static int read_blocks(struct anthropic_request *r, struct jspan blocks, const char *name, struct part_list *list)
{
	struct jspan item = {0};
	char outer[sizeof(r->place)];

	copy_text(outer, sizeof(outer), r->place);
	for (size_t i = 0; jspan_next_item(blocks, &item); i++) {
		anthropic_set_place(r, "%.60s%s[%zu]", outer, name, i);
		if (read_block(r, item, list) < 0)
			return ERR_INVALID;
	}
	copy_text(r->place, sizeof(r->place), outer);
	return 0;
}

/* A string, a list of blocks, or nothing. */
static int read_content(struct anthropic_request *r, struct jspan content, struct part_list *list)
{
	if (jspan_is_string(content)) {
		add_part(r, list, PART_TEXT)->text = content;
		return 0;
	}
	if (content.at != NULL && !jspan_is_array(content))
		return anthropic_wrong(r, "content", "a string or a list of blocks");
	return read_blocks(r, content, ".content", list);
}

/* Messages. */

static struct message *add_message(struct anthropic_request *r, struct message ***end, enum role role, struct part *parts)
{
	struct message *m = ARENA_NEW(r->arena, struct message);

	m->role = role;
	m->parts = parts;
	**end = m;
	*end = &m->next;
	return m;
}

/* Each result is a message of its own, and what else the user said comes behind them. */
static void add_user(struct anthropic_request *r, struct part *parts)
{
	struct part *rest = NULL, **rest_end = &rest, *next;

	for (struct part *p = parts; p != NULL; p = next) {
		next = p->next;
		p->next = NULL;
		if (p->kind == PART_TOOL_RESULT) {
			add_message(r, &r->messages_end, ROLE_TOOL, p);
		} else {
			*rest_end = p;
			rest_end = &p->next;
		}
	}
	if (rest != NULL)
		add_message(r, &r->messages_end, ROLE_USER, rest);
}

static int read_message(struct anthropic_request *r, struct jspan item)
{
	struct jspan role = said(item, "role");
	struct part *parts = NULL;
	struct part_list list = {.end = &parts};

	if (read_content(r, said(item, "content"), &list) < 0)
		return ERR_INVALID;
	if (jspan_equals(role, "user"))
		add_user(r, parts);
	else if (jspan_equals(role, "assistant"))
		add_message(r, &r->messages_end, ROLE_ASSISTANT, parts);
	else if (jspan_equals(role, "system"))
		add_message(r, &r->messages_end, ROLE_SYSTEM, parts);
	else
		return anthropic_wrong(r, "role", "user, assistant or system");
	return 0;
}

int anthropic_read_messages(struct anthropic_request *r, struct jspan value, int unused)
{
	struct jspan item = {0};

	(void)unused;
	for (size_t i = 0; jspan_next_item(value, &item); i++) {
		anthropic_set_place(r, "messages[%zu]", i);
		if (read_message(r, item) < 0)
			return ERR_INVALID;
	}
	r->place[0] = '\0';
	return 0;
}

int anthropic_read_system(struct anthropic_request *r, struct jspan value, int unused)
{
	struct part *parts = NULL;
	struct part_list list = {.end = &parts};

	(void)unused;
	anthropic_set_place(r, "system");
	if (jspan_is_string(value))
		add_text(r, value, &list);
	else if (read_blocks(r, value, "", &list) < 0)
		return ERR_INVALID;
	if (parts != NULL)
		add_message(r, &r->system_end, ROLE_SYSTEM, parts);
	r->place[0] = '\0';
	return 0;
}
