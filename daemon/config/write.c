/* SPDX-License-Identifier: MIT */
/* A state is written as a configuration file here. */
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "config/config.h"
#include "config/objects.h"

static const char preface[] =
	"# Secrets that are stored encrypted are not in this file: give them again as env:NAME or file:PATH.\n";

struct writer {
	yaml_emitter_t emitter;
	bool failed;
};

static int append(void *arg, unsigned char *data, size_t len)
{
	return buf_add(arg, data, len);
}

/* The event is the emitter's from here on, even when it fails. */
static void emit(struct writer *w, yaml_event_t *event, int made)
{
	if (!made || !yaml_emitter_emit(&w->emitter, event))
		w->failed = true;
}

static void begin_mapping(struct writer *w, bool flow)
{
	yaml_event_t event;

	emit(w, &event,
	     yaml_mapping_start_event_initialize(&event, NULL, NULL, 1,
						 flow ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE));
}

static void end_mapping(struct writer *w)
{
	yaml_event_t event;

	emit(w, &event, yaml_mapping_end_event_initialize(&event));
}

static void begin_list(struct writer *w, bool flow)
{
	yaml_event_t event;

	emit(w, &event,
	     yaml_sequence_start_event_initialize(&event, NULL, NULL, 1,
						  flow ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE));
}

static void end_list(struct writer *w)
{
	yaml_event_t event;

	emit(w, &event, yaml_sequence_end_event_initialize(&event));
}

static void scalar(struct writer *w, const char *text, bool quoted)
{
	yaml_event_t event;

	emit(w, &event,
	     yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text, (int)strlen(text), 1, 1,
					  quoted ? YAML_DOUBLE_QUOTED_SCALAR_STYLE : YAML_ANY_SCALAR_STYLE));
}

/* Numbers and literals as jansson prints them. */
static void literal(struct writer *w, const json_t *value)
{
	struct buf text;

	buf_init(&text, 64);
	json_print(value, &text);
	scalar(w, text.data, false);
	buf_release(&text);
}

/* Anything, on one line; but a list of lists has a line for each. */
static void write_value(struct writer *w, const json_t *value, bool flow)
{
	const char *name;
	json_t *item;
	size_t i;

	if (json_is_string(value)) {
		scalar(w, json_string_value(value), source_needs_quotes(json_string_value(value)));
	} else if (json_is_array(value)) {
		begin_list(w, flow || !json_is_array(json_array_get(value, 0)));
		json_array_foreach(value, i, item)
			write_value(w, item, true);
		end_list(w);
	} else if (json_is_object(value)) {
		begin_mapping(w, true);
		json_object_foreach((json_t *)(uintptr_t)value, name, item) {
			scalar(w, name, source_needs_quotes(name));
			write_value(w, item, true);
		}
		end_mapping(w);
	} else {
		literal(w, value);
	}
}

/* What an answer shows and a file cannot say goes away. */
static json_t *only_fields(const json_t *object, const struct field *fields)
{
	json_t *kept = json_object(), *value;

	for (; fields->name != NULL; fields++) {
		value = json_object_get(object, fields->name);
		if (value != NULL && !json_is_null(value) && !fields->input_only)
			json_object_set(kept, fields->name, value);
	}
	return kept;
}

static json_t *only_members(const json_t *list, const struct field *members)
{
	json_t *kept = json_array(), *item;
	size_t i;

	json_array_foreach(list, i, item)
		json_array_append_new(kept, only_fields(item, members));
	return kept;
}

/* Answers say a credential where bodies say an api_key. */
static const json_t *field_value(const json_t *object, const struct field *field)
{
	const json_t *value = json_object_get(object, field->name);
	const char *text;

	if (value == NULL && strcmp(field->name, "api_key") == 0)
		value = json_object_get(object, "credential");
	if (strcmp(field->name, "api_key") != 0)
		return value;
	text = json_string_value(value);
	return text != NULL && (text_starts(text, "env:") || text_starts(text, "file:")) ? value : NULL;
}

/* What goes without saying. */
static bool is_default(const struct field *field, const json_t *value)
{
	if (value == NULL || json_is_null(value) || json_is_false(value))
		return true;
	if (json_is_array(value) || json_is_object(value))
		return json_array_size(value) == 0 && json_object_size(value) == 0;
	return strcmp(field->name, "state") == 0 && strcmp(json_string_value(value), "enabled") == 0;
}

static void write_field(struct writer *w, const struct field *field, const json_t *value)
{
	json_t *kept;

	scalar(w, field->name, false);
	if (field->members == NULL) {
		write_value(w, value, false);
		return;
	}
	kept = only_members(value, field->members);
	write_value(w, kept, false);
	json_decref(kept);
}

static void write_object(struct writer *w, const struct shape *shape, const json_t *object)
{
	begin_mapping(w, false);
	for (const struct field *field = shape->fields; field->name != NULL; field++) {
		const json_t *value = field_value(object, field);

		if (!field->input_only && !is_default(field, value))
			write_field(w, field, value);
	}
	end_mapping(w);
}

static void write_list(struct writer *w, const struct shape *shape, const json_t *list)
{
	json_t *object;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	scalar(w, shape->list, false);
	begin_list(w, false);
	json_array_foreach(list, i, object)
		write_object(w, shape, object);
	end_list(w);
}

static void write_document(struct writer *w, const json_t *const lists[])
{
	yaml_event_t event;

	emit(w, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
	emit(w, &event, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1));
	begin_mapping(w, false);
	for (int i = 0; object_shapes[i].list != NULL; i++)
		write_list(w, &object_shapes[i], lists[i]);
	end_mapping(w);
	emit(w, &event, yaml_document_end_event_initialize(&event, 1));
	emit(w, &event, yaml_stream_end_event_initialize(&event));
}

int config_write(const json_t *providers, const json_t *chains, const json_t *teams, const json_t *prices,
		 struct buf *out, struct err *err)
{
	const json_t *const lists[] = {providers, chains, teams, prices};
	struct writer w = {.failed = false};

	buf_puts(out, preface);
	if (!yaml_emitter_initialize(&w.emitter))
		return err_set(err, ERR_SYSTEM, "libyaml does not start");
	yaml_emitter_set_output(&w.emitter, append, out);
	yaml_emitter_set_unicode(&w.emitter, 1);
	yaml_emitter_set_width(&w.emitter, -1);
	write_document(&w, lists);
	yaml_emitter_delete(&w.emitter);
	if (out->failed)
		return err_set(err, ERR_FULL, "the state is larger than %zu bytes as a file", out->max);
	return w.failed ? err_set(err, ERR_SYSTEM, "the state cannot be written as YAML") : 0;
}
