/* SPDX-License-Identifier: MIT */
/*
 * The input of a request of OpenAI's Responses dialect is read into the internal form here.
 *
 * What the assistant said, thought and called are items of their own there; those that follow each
 * other become one message.
 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "dialects/responses.h"

struct input_reader {
	struct openai_request *request;
	struct message **end;           /* where the next message goes */
	struct message *last;
	struct part **parts;            /* where the last message's next part goes */
	struct jspan call_signature;    /* of the call that comes next */
	enum signer call_signer;
};

static struct part *new_part(struct openai_request *r, struct part ***end, enum part_kind kind)
{
	struct part *p = ARENA_NEW(r->arena, struct part);

	p->kind = kind;
	**end = p;
	*end = &p->next;
	return p;
}

static void begin_message(struct input_reader *in, enum role role)
{
	struct message *m;

	if (role == ROLE_ASSISTANT && in->last != NULL && in->last->role == ROLE_ASSISTANT)
		return;
	m = ARENA_NEW(in->request->arena, struct message);
	m->role = role;
	*in->end = m;
	in->end = &m->next;
	in->last = m;
	in->parts = &m->parts;
}

/* Content. */

static int read_text_part(struct openai_request *r, struct jspan part, struct part ***end)
{
	struct jspan text = said(part, "text");

	if (!jspan_is_string(text))
		return openai_wrong(r, "text", "a string");
	new_part(r, end, PART_TEXT)->text = text;
	return 0;
}

static int read_refusal_part(struct openai_request *r, struct jspan part, struct part ***end)
{
	new_part(r, end, PART_REFUSAL)->text = said(part, "refusal");
	return 0;
}

/* https://… stays a URL, data:… becomes what is in it. */
static int read_source(struct openai_request *r, struct jspan url, const char *member, struct part *p)
{
	if (url.len > 6 && strncmp(url.at, "\"data:", 6) != 0)
		p->url = url;
	else if (!span_split_data_url(url, r->arena, &p->media_type, &p->base64))
		return openai_wrong(r, member, "https://… or data:TYPE;base64,…");
	return 0;
}

static int read_image_part(struct openai_request *r, struct jspan part, struct part ***end)
{
	struct jspan url = said(part, "image_url");

	if (jspan_is_object(url))
		url = said(url, "url");
	if (!span_has_text(url))
		return openai_wrong(r, "image_url", "a URL (an id means something to its provider only)");
	return read_source(r, url, "image_url", new_part(r, end, PART_IMAGE));
}

static int read_file_part(struct openai_request *r, struct jspan part, struct part ***end)
{
	struct jspan data = said(part, "file_data"), url = said(part, "file_url");
	struct part *p;

	if (!span_has_text(data) && !span_has_text(url))
		return openai_wrong(r, "file_data", "data:TYPE;base64,… (an id means something to its provider only)");
	p = new_part(r, end, PART_DOCUMENT);
	p->title = said(part, "filename");
	if (!span_has_text(data))
		return read_source(r, url, "file_url", p);
	if (!span_split_data_url(data, r->arena, &p->media_type, &p->base64))
		return openai_wrong(r, "file_data", "data:TYPE;base64,…");
	return 0;
}

static const struct {
	const char *type;
	int (*read)(struct openai_request *, struct jspan part, struct part ***end);
} part_types[] = {
	{"input_text", read_text_part},
	{"output_text", read_text_part},
	{"text", read_text_part},
	{"input_image", read_image_part},
	{"input_file", read_file_part},
	{"refusal", read_refusal_part},
};

static int read_part(struct openai_request *r, struct jspan part, struct part ***end)
{
	struct jspan type = said(part, "type");
	struct part **at = *end;

	for (size_t i = 0; i < ARRAY_LEN(part_types); i++) {
		if (!jspan_equals(type, part_types[i].type))
			continue;
		if (part_types[i].read(r, part, end) < 0)
			return ERR_INVALID;
		(*at)->cache = said(part, "cache_control");
		return 0;
	}
	return openai_wrong(r, "type", "input_text, input_image, input_file, output_text or refusal, which other providers "
				       "understand too");
}

/* A string or a list of parts, under a member of input[number]. */
static int read_content(struct openai_request *r, size_t number, const char *member, struct jspan content,
			struct part ***end)
{
	struct jspan part = {0};

	if (jspan_is_string(content)) {
		new_part(r, end, PART_TEXT)->text = content;
		return 0;
	}
	if (!jspan_is_array(content))
		return openai_wrong(r, member, "a string or a list of parts");
	for (size_t i = 0; jspan_next_item(content, &part); i++) {
		openai_set_place(r, "input[%zu].%s[%zu]", number, member, i);
		if (read_part(r, part, end) < 0)
			return ERR_INVALID;
	}
	return 0;
}

/* Items. */

static int read_message(struct input_reader *in, size_t number, struct jspan item)
{
	static const struct {
		const char *name;
		enum role role;
	} roles[] = {{"user", ROLE_USER}, {"assistant", ROLE_ASSISTANT}, {"system", ROLE_SYSTEM}, {"developer", ROLE_SYSTEM}};
	struct jspan role = said(item, "role");

	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		if (!jspan_equals(role, roles[i].name))
			continue;
		begin_message(in, roles[i].role);
		return read_content(in->request, number, "content", said(item, "content"), &in->parts);
	}
	return openai_wrong(in->request, "role", "user, assistant, system or developer");
}

static struct jspan join_texts(struct openai_request *r, struct jspan parts)
{
	struct jspan part = {0}, all = {0};

	while (jspan_next_item(parts, &part))
		if (span_has_text(said(part, "text")))
			all = span_join(r->arena, all, said(part, "text"));
	return all;
}

static bool starts_with(struct jspan plain, const char *word)
{
	return plain.len >= strlen(word) && memcmp(plain.at, word, strlen(word)) == 0;
}

/* A string without the first n of its characters. */
static struct jspan without(struct openai_request *r, struct jspan s, size_t n)
{
	char *text;

	if (n == 0)
		return s;
	text = arena_copy(r->arena, s.at + n, s.len - n);
	text[0] = '"';
	return (struct jspan){text, s.len - n};
}

/* What we wrote before a signature says whose it is, and what it belongs to. */
static void read_signature(struct input_reader *in, struct jspan encrypted, struct part *p)
{
	struct jspan behind;
	size_t n;

	p->signer = responses_signer(encrypted, &n);
	behind = (struct jspan){encrypted.at + 1 + n, encrypted.len - 1 - n};
	if (n > 0 && starts_with(behind, RESPONSES_OF_CALL)) {
		in->call_signer = p->signer;
		in->call_signature = without(in->request, encrypted, n + strlen(RESPONSES_OF_CALL));
		return;
	}
	p->encrypted = n > 0 ? starts_with(behind, RESPONSES_ENCRYPTED) : p->text.at == NULL;
	p->signature = without(in->request, encrypted, n + (n > 0 && p->encrypted ? strlen(RESPONSES_ENCRYPTED) : 0));
}

static int read_reasoning(struct input_reader *in, size_t number, struct jspan item)
{
	struct jspan encrypted = said(item, "encrypted_content");
	struct part p = {.kind = PART_REASONING};

	(void)number;
	p.text = join_texts(in->request, said(item, "summary"));
	if (p.text.at == NULL)
		p.text = join_texts(in->request, said(item, "content"));
	if (span_has_text(encrypted))
		read_signature(in, encrypted, &p);
	if (p.text.at == NULL && p.signature.at == NULL)
		return 0;
	p.id = said(item, "id");
	begin_message(in, ROLE_ASSISTANT);
	*new_part(in->request, &in->parts, PART_REASONING) = p;
	return 0;
}

static int read_call(struct input_reader *in, size_t number, struct jspan item)
{
	struct part *p;

	(void)number;
	if (!span_has_text(said(item, "call_id")))
		return openai_wrong(in->request, "call_id", "a string");
	if (!span_has_text(said(item, "name")))
		return openai_wrong(in->request, "name", "a string");
	begin_message(in, ROLE_ASSISTANT);
	p = new_part(in->request, &in->parts, PART_TOOL_CALL);
	p->id = said(item, "call_id");
	p->name = said(item, "name");
	p->arguments = span_plain(in->request->arena, said(item, "arguments"));
	p->signature = in->call_signature;
	p->signer = in->call_signer;
	in->call_signature = (struct jspan){0};
	in->call_signer = SIGNER_UNSAID;
	return 0;
}

static int read_output(struct input_reader *in, size_t number, struct jspan item)
{
	struct part *result, **inner;

	if (!span_has_text(said(item, "call_id")))
		return openai_wrong(in->request, "call_id", "the id of a call");
	begin_message(in, ROLE_TOOL);
	result = new_part(in->request, &in->parts, PART_TOOL_RESULT);
	result->id = said(item, "call_id");
	inner = &result->parts;
	return read_content(in->request, number, "output", said(item, "output"), &inner);
}

static const struct {
	const char *type;
	int (*read)(struct input_reader *, size_t number, struct jspan item);
} item_types[] = {
	{"message", read_message},
	{"reasoning", read_reasoning},
	{"function_call", read_call},
	{"function_call_output", read_output},
};

static int read_item(struct input_reader *in, size_t number, struct jspan item)
{
	struct jspan type = said(item, "type");

	openai_set_place(in->request, "input[%zu]", number);
	if (type.at == NULL && said(item, "role").at != NULL)
		return read_message(in, number, item);
	for (size_t i = 0; i < ARRAY_LEN(item_types); i++)
		if (jspan_equals(type, item_types[i].type))
			return item_types[i].read(in, number, item);
	if (jspan_equals(type, "item_reference"))
		return openai_wrong(in->request, "type", "the item itself: only the provider that keeps it knows what it "
							 "refers to (store: false makes clients send items whole)");
	return openai_wrong(in->request, "type", "message, reasoning, function_call or function_call_output, which other "
						 "providers understand too");
}

int responses_read_input(struct openai_request *r, struct jspan input, int unused)
{
	struct input_reader in = {.request = r, .end = &r->c->messages};
	struct jspan item = {0};

	(void)unused;
	if (jspan_is_string(input)) {
		begin_message(&in, ROLE_USER);
		new_part(r, &in.parts, PART_TEXT)->text = input;
		return 0;
	}
	for (size_t i = 0; jspan_next_item(input, &item); i++)
		if (read_item(&in, i, item) < 0)
			return ERR_INVALID;
	return 0;
}
