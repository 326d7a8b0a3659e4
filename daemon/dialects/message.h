/* SPDX-License-Identifier: MIT */
/*
 * message.h — the internal form: what a conversation, an answer and a stream are, whoever speaks.
 *
 * Text is kept as it stands in the JSON it was read from, a string with its quotes and escapes, since
 * nearly all of it is only carried from one body into another; so is every number, schema and object
 * (struct jspan).  Such a span borrows the text, or an arena where it had to be made.  A span that
 * says nothing has at == NULL.
 *
 * To widen it for a dialect that can say more: add a kind of part, a parameter or an event here; the
 * compiler then names every dialect that has to decide.
 */
#ifndef DIALECTS_MESSAGE_H
#define DIALECTS_MESSAGE_H

#include "base/arena.h"
#include "dialects/dialect.h"

enum role {
	ROLE_SYSTEM,
	ROLE_USER,
	ROLE_ASSISTANT,
	ROLE_TOOL,
};

enum part_kind {
	PART_TEXT,
	PART_IMAGE,
	PART_DOCUMENT,
	PART_TOOL_CALL,
	PART_TOOL_RESULT,
	PART_REASONING,
	PART_REFUSAL,
};

/* Whose signature it is: to anybody else it is noise, and some refuse a conversation for it. */
enum signer {
	SIGNER_UNSAID,                  /* sent by a client that does not say: taken to be the target's own */
	SIGNER_ANTHROPIC,               /* "anthropic-claude-v1" in OpenRouter's reasoning_details.format */
	SIGNER_GOOGLE,                  /* "google-gemini-v1" */
	SIGNER_OPENAI,                  /* "openai-responses-v1" */
	SIGNER_XAI,                     /* "xai-responses-v1" */
};

struct part {
	enum part_kind kind;
	struct jspan text;              /* TEXT, REASONING, REFUSAL */
	struct jspan url;               /* IMAGE, DOCUMENT: where it is; or else its bytes: */
	struct jspan media_type;        /* "image/png", without quotes */
	struct jspan base64;            /* without quotes */
	struct jspan title;             /* DOCUMENT */
	struct jspan id, name;          /* TOOL_CALL; TOOL_RESULT has the call's id, REASONING its own or none */
	struct jspan arguments;         /* TOOL_CALL: text that is a JSON object, unless the model erred */
	struct jspan signature;         /* REASONING, TOOL_CALL: shows its author that nobody changed it */
	enum signer signer;             /* who that is */
	bool encrypted;                 /* REASONING: signature is all there is */
	bool failed;                    /* TOOL_RESULT: the tool could not */
	struct part *parts;             /* TOOL_RESULT: what it gave */
	struct jspan cache;             /* cache_control, as Anthropic defines it: the prompt is cached up to here */
	struct part *next;
};

struct message {
	enum role role;
	struct part *parts;
	struct message *next;
};

struct tool {
	struct jspan name, description;
	struct jspan schema;            /* JSON schema of the arguments, verbatim; none: no arguments */
	bool strict;
	struct jspan cache;
	struct tool *next;
};

enum tool_choice {
	TOOL_CHOICE_UNSAID,
	TOOL_CHOICE_AUTO,
	TOOL_CHOICE_NONE,
	TOOL_CHOICE_REQUIRED,
	TOOL_CHOICE_NAMED,
};

enum answer_format {
	FORMAT_TEXT,
	FORMAT_JSON,                    /* any JSON object */
	FORMAT_SCHEMA,                  /* JSON by a schema */
};

/* Numbers and lists that more than one family knows, kept verbatim. */
enum param {
	PARAM_TEMPERATURE,
	PARAM_TOP_P,
	PARAM_TOP_K,
	PARAM_STOP,                     /* a list of strings, or one string */
	PARAM_SEED,
	PARAM_FREQUENCY_PENALTY,
	PARAM_PRESENCE_PENALTY,
	PARAM_LOGPROBS,
	PARAM_TOP_LOGPROBS,
	PARAM_NUM_CHOICES,
	PARAM_USER,
	NUM_PARAMS
};

enum effort {
	EFFORT_UNSAID,
	EFFORT_NONE,
	EFFORT_MINIMAL,
	EFFORT_LOW,
	EFFORT_MEDIUM,
	EFFORT_HIGH,
	EFFORT_XHIGH,
};

/* Something said that only the client's dialect knows. */
struct extra {
	struct jspan name, value;
	struct extra *next;
};

/* A text to be made a vector of. */
struct input {
	struct jspan text;
	struct input *next;
};

struct conversation {
	struct message *messages;
	struct tool *tools;
	enum tool_choice tool_choice;
	struct jspan tool_name;         /* NAMED */
	bool one_tool_at_a_time;
	struct jspan params[NUM_PARAMS];
	const char *const *param_names; /* as the client says them, for complaints; NULL: as OpenAI does */
	int64_t max_output;             /* tokens, or -1 */
	enum answer_format format;
	struct jspan format_name, format_schema;
	enum effort effort;             /* of reasoning */
	int64_t reasoning_budget;       /* tokens, or -1 */
	bool reasoning_optional;        /* allowed rather than asked for: a model that cannot goes without */
	const char *reasoning_field;    /* what the client said it with, for complaints */
	struct jspan thinking;          /* Anthropic's own object, where a client of another family sent it */
	bool stream;
	struct extra *extras;

	/* OPERATION_EMBED has these instead of messages. */
	struct input *inputs;
	int64_t dimensions;             /* of a vector; 0: not said */
	struct jspan purpose;           /* what it is for: "query", "document" … */
	bool base64;                    /* the client wants numbers packed */
};

struct choice {
	int index;
	struct part *parts;
	enum finish_reason finish;
	struct jspan logprobs;          /* of its tokens, as OpenAI has them: {"content": […]}; or none */
	struct choice *next;
};

struct vector {
	struct jspan numbers;           /* a list */
	struct vector *next;
};

struct answer {
	struct choice *choices;
	struct vector *vectors;         /* of OPERATION_EMBED, in the order of the inputs */
	struct reading reading;
};

enum stream_event_kind {
	EVENT_START,                    /* the answer has begun; once for each choice */
	EVENT_TEXT,                     /* text */
	EVENT_REASONING,                /* text */
	EVENT_SIGNATURE,                /* text: the signature of the reasoning before it */
	EVENT_ENCRYPTED,                /* text: reasoning that only its author can read */
	EVENT_REFUSAL,                  /* text */
	EVENT_TOOL_CALL,                /* id, name: a call begins */
	EVENT_ARGUMENTS,                /* text: some of the call's arguments */
	EVENT_FINISH,                   /* finish: the choice is over */
};

struct stream_event {
	enum stream_event_kind kind;
	int choice;
	unsigned index;                 /* which call, or which piece of reasoning, of the choice; from 0 */
	struct jspan text, id, name;    /* SIGNATURE, ENCRYPTED may have an id, too */
	struct jspan signature;         /* TOOL_CALL: of its author, or none */
	struct jspan logprobs;          /* TEXT: of its tokens, as in struct choice; the text may be empty */
	enum signer signer;             /* REASONING, SIGNATURE, ENCRYPTED, TOOL_CALL */
	enum finish_reason finish;
};

/* Where a reader's events go.  Spans in them live as long as the call. */
struct event_sink {
	void (*take)(void *arg, const struct stream_event *);
	void *arg;
};

/* "anthropic-claude-v1"; "unknown" for what is unsaid.  And back: false for somebody we do not know. */
const char *signer_format(enum signer signer);
bool signer_of_format(struct jspan format, enum signer *ret);

void conversation_init(struct conversation *c);

/*
 * Refuses what the target cannot say: parameters that are not among those known (a bit each), and all
 * extras.  What says nothing (null, n: 1, a penalty of 0) is let go, and with drop_params everything.
 */
int conversation_check(const struct conversation *c, unsigned known_params, bool drop_params,
		       const char *target_title, struct err *err);

/* The effort that stands for a budget of so many tokens. */
enum effort effort_of_budget(int64_t budget);

/* Takes down a member that only the client's dialect knows. */
void conversation_add_extra(struct conversation *c, struct arena *arena, struct jmember m);

/* "field: why, what to do"; 0 with drop_params. */
int refuse_field(bool drop_params, struct err *err, const char *field, const char *why);

/* Hands an event to the sink and counts its text. */
void reading_emit(struct reading *r, const struct event_sink *sink, const struct stream_event *event);

/* Takes a part of an answer into account, as reading_emit does for events. */
void reading_count_part(struct reading *r, const struct part *part);

/* The whole answer as the events of a stream. */
void answer_replay(const struct answer *answer, const struct event_sink *sink);

/* Appends the text of these parts of one kind, joined, as one JSON string; returns how many there are
 * and writes nothing for none. */
unsigned parts_join_text(const struct part *parts, enum part_kind kind, struct buf *out);

/* A member of an object; none where it is absent or null. */
struct jspan said(struct jspan object, const char *name);

/* Whether it is a string, and not the empty one. */
bool span_has_text(struct jspan s);

/* Appends a span as it is; null where it says nothing. */
void put_span(struct buf *out, struct jspan s);

/* Appends ,"name":value where the value says something. */
void put_member(struct buf *out, const char *name, struct jspan value);

/* A JSON string made from plain text, in the arena. */
struct jspan span_from_text(struct arena *arena, const char *text, size_t len);

/* Two strings as one; either may say nothing. */
struct jspan span_join(struct arena *arena, struct jspan a, struct jspan b);

/* A string's characters as plain text in the arena; what is no string stays as it is. */
struct jspan span_plain(struct arena *arena, struct jspan s);

/* "data:TYPE;base64,DATA" in a JSON string: fills in type and data.  False when it is no such URL. */
bool span_split_data_url(struct jspan url, struct arena *arena, struct jspan *ret_type,
			 struct jspan *ret_base64);

#endif
