/* SPDX-License-Identifier: MIT */
/*
 * A worker between a raw client and a scripted provider: whatever becomes of a call, it has one
 * record, and nothing stays reserved.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "check.h"
#include "gateway/worker.h"
#include "ledger/journal.h"
#include "loop/httpd.h"
#include "loop/loop.h"
#include "routing/health.h"
#include "routing/publish.h"
#include "routing/view_private.h"
#include "store/writer.h"

/* No database here: records are read from the journal. */
void writer_wake(struct writer *writer)
{
	(void)writer;
}

/* -- the scripted provider: how it behaves is the model's name ---------------------------------- */

static struct upstream {
	struct loop *loop;
	struct httpd *httpd;
	pthread_t thread;
	struct loop_task stop;
	_Atomic int gone;
} upstream;

#define ANSWER                                                                                     \
	"{\"id\":\"u1\",\"object\":\"chat.completion\",\"model\":\"x\",\"choices\":[{\"index\":0,\"message\":" \
	"{\"role\":\"assistant\",\"content\":\"hi\"},\"finish_reason\":\"stop\"}],"                \
	"\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":10,\"total_tokens\":110}}"
#define CHUNK "data: {\"id\":\"u1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"},\"finish_reason\":null}]}\n\n"

static void up_ready(struct httpd_request *r)
{
	const char *body = httpd_body(r)->data;

	if (strstr(body, "\"model\":\"ok\"") || strstr(body, "\"model\": \"ok\"")) {
		httpd_reply(r, 200, "application/json", ANSWER, strlen(ANSWER));
	} else if (strstr(body, "e500")) {
		httpd_reply(r, 500, "application/json", "{\"error\":{\"message\":\"boom\"}}", 28);
	} else if (strstr(body, "e401")) {
		httpd_reply(r, 401, "application/json", "{\"error\":{\"message\":\"bad key\"}}", 31);
	} else if (strstr(body, "rubbish")) {
		httpd_reply(r, 200, "application/json", "<html>", 6);
	} else if (strstr(body, "reset")) {
		httpd_abort(r);
	} else if (strstr(body, "cut")) {
		httpd_stream(r, 200, "text/event-stream");
		httpd_write(r, CHUNK, strlen(CHUNK));
		httpd_end(r);
	} else if (strstr(body, "hang")) {
		httpd_stream(r, 200, "text/event-stream");
		httpd_write(r, CHUNK, strlen(CHUNK));
	}
	/* "stall": nothing at all */
}

static void up_nothing(struct httpd_request *r)
{
	(void)r;
}

static void up_gone(struct httpd_request *r)
{
	(void)r;
	upstream.gone++;
}

static const struct httpd_ops up_ops = {up_nothing, up_ready, up_gone, NULL, up_nothing};

static void *up_run(void *arg)
{
	(void)arg;
	loop_run(upstream.loop);
	return NULL;
}

static void up_stop(struct loop_task *task)
{
	(void)task;
	httpd_free(upstream.httpd);
	loop_stop(upstream.loop);
}

static void upstream_start(void)
{
	struct httpd_options o = {1, 1 << 20, 60, 100};

	upstream.loop = loop_new(NULL);
	upstream.httpd = httpd_new(upstream.loop, &up_ops, NULL, &o, NULL);
	upstream.stop.run = up_stop;
	httpd_listen_tcp(upstream.httpd, "127.0.0.1:0", NULL);
	pthread_create(&upstream.thread, NULL, up_run, NULL);
}

static void upstream_end(void)
{
	loop_post(upstream.loop, &upstream.stop);
	pthread_join(upstream.thread, NULL);
	loop_free(upstream.loop);
}

/* -- the gateway ----------------------------------------------------------------------------------- */

static struct health_table *health;
static struct publisher *publisher;
static struct journal *journal;
static struct worker *worker;
static struct budget *budget;
static struct limit *limit;
static uint64_t position;

static struct price price = {
	.num_tiers = 1,
	.tiers = {{.nusd_per_m = {[USAGE_INPUT] = 3 * NUSD_PER_USD, [USAGE_OUTPUT] = 15 * NUSD_PER_USD}}},
};

static void *view_alloc(struct view *v, size_t count, size_t size)
{
	return arena_alloc(&v->parts->arena, count * size);
}

static void add_chain(struct view *v, const char *name, const struct view_provider *p, const char *first,
		      const char *second)
{
	struct view_chain *c = view_alloc(v, 1, sizeof(*c));
	const char *models[2] = {first, second};

	c->name = view_strdup(v, name);
	c->tiers = view_alloc(v, 2, sizeof(*c->tiers));
	c->timeout_ms = 2000;
	c->first_byte_ms = 200;
	c->idle_ms = 300;
	c->retries = 1;
	for (int i = 0; i < 2 && models[i] != NULL; i++) {
		struct view_target *t = view_alloc(v, 1, sizeof(*t));

		t->name = view_alloc(v, 1, 100);
		snprintf(t->name, 100, "%s/%s", p->name, models[i]);
		t->provider = p;
		t->provider_name = p->name;
		t->model = view_strdup(v, models[i]);
		t->weight = 1;
		t->health = health_get(health, t->name);
		t->price = &price;
		c->tiers[i].targets = t;
		c->tiers[i].num_targets = 1;
		c->num_tiers++;
	}
	map_put_text(&v->chains, name, c);
}

static struct view *make_view(void)
{
	static const char *const failing[] = {"e500", "e401", "rubbish", "reset", "stall", "cut", "hang"};
	struct view *v = view_new(health);
	struct view_provider *p = view_alloc(v, 1, sizeof(*p));
	struct view_team *team = view_alloc(v, 1, sizeof(*team));
	struct view_key *key = view_alloc(v, 1, sizeof(*key)), *dead = view_alloc(v, 1, sizeof(*dead));
	unsigned char hash[HASH_BYTES];

	p->name = view_strdup(v, "up");
	p->kind = provider_kind_find("openai");
	p->base_url = view_alloc(v, 1, 64);
	p->credential = view_strdup(v, "upstream-secret");
	snprintf(p->base_url, 64, "http://127.0.0.1:%u/v1", httpd_port(upstream.httpd));
	map_put_text(&v->providers, "up", p);
	add_chain(v, "ok", p, "ok", NULL);
	for (size_t i = 0; i < ARRAY_LEN(failing); i++) {
		char name[32];

		snprintf(name, sizeof(name), "%s-then-ok", failing[i]);
		add_chain(v, name, p, failing[i], "ok");
		snprintf(name, sizeof(name), "only-%s", failing[i]);
		add_chain(v, name, p, failing[i], NULL);
	}
	team->id = 1;
	team->name = view_strdup(v, "web");
	team->budgets = view_alloc(v, 1, sizeof(*team->budgets));
	team->budgets->budget = budget;
	team->budgets->model = "";
	team->num_budgets = 1;
	key->id = 7;
	key->team = dead->team = team;
	key->name = dead->name = view_strdup(v, "k");
	key->limit = limit;
	dead->id = 8;
	dead->state = KEY_REVOKED;
	hash_sha256("sk-tg-live", 10, hash);
	map_put(&v->keys, hash, sizeof(hash), key);
	hash_sha256("sk-tg-dead", 10, hash);
	map_put(&v->keys, hash, sizeof(hash), dead);
	return v;
}

static void set_up(bool power_safe)
{
	char path[] = "/tmp/tollgate-call-XXXXXX";
	static struct stats_table stats;
	struct worker_options o = {.listen = "127.0.0.1:0", .connections = 1000, .power_safe = power_safe, .stats = &stats};
	struct err err = {0};

	close(mkstemp(path));
	unlink(path);
	upstream_start();
	health = health_table_new();
	budget = budget_new(1, BUDGET_TEAM, (struct window){WINDOW_MONTH, 0}, BUDGET_STANDARD, NUSD_PER_USD);
	limit = limit_new(0, 0, 50);
	publisher = publisher_new(make_view());
	journal = journal_open(path, 1 << 20, 64, &err);
	unlink(path);
	o.publisher = publisher;
	o.journal = journal;
	worker = worker_start(&o, &err);
	if (worker == NULL || journal == NULL) {
		printf("# %s\n", err.text);
		exit(1);
	}
	position = journal_tail(journal);
}

static void tear_down(void)
{
	worker_free(worker);
	publisher_free(publisher);
	journal_close(journal);
	health_table_free(health);
	budget_unref(budget);
	limit_unref(limit);
	upstream_end();
}

/* -- the client ------------------------------------------------------------------------------------- */

static int dial(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)worker_port(worker))};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, "127.0.0.1", &a.sin_addr);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		perror("connect");
	return fd;
}

static void send_chat(int fd, const char *secret, const char *body)
{
	char text[2048];
	int n = snprintf(text, sizeof(text),
			 "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
			 "Connection: close\r\nContent-Length: %zu\r\n\r\n%s",
			 secret, strlen(body), body);

	CHECK(write(fd, text, (size_t)n) == n);
}

/* Everything until the server closes, or until what is awaited has come. */
static const char *receive(int fd, const char *until)
{
	static char text[65536];
	struct pollfd p = {fd, POLLIN, 0};
	size_t len = 0;

	text[0] = '\0';
	while (len < sizeof(text) - 1 && poll(&p, 1, 5000) > 0) {
		ssize_t n = read(fd, text + len, sizeof(text) - 1 - len);

		if (n <= 0)
			break;
		len += (size_t)n;
		text[len] = '\0';
		if (until != NULL && strstr(text, until) != NULL)
			break;
	}
	return text;
}

static const char *chat(const char *secret, const char *body)
{
	int fd = dial();
	const char *answer;

	send_chat(fd, secret, body);
	answer = receive(fd, NULL);
	close(fd);
	return answer;
}

static const char *ask(const char *model, bool stream)
{
	char body[256];

	snprintf(body, sizeof(body), "{\"model\":\"%s\",\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}",
		 model, stream ? "true" : "false");
	return chat("sk-tg-live", body);
}

/* The next record, waited for. */
static struct call_record *next_record(void)
{
	static struct call_record record;

	for (int i = 0; i < 500; i++) {
		uint64_t next = journal_read(journal, position, &record);

		if (next != 0) {
			position = next;
			journal_release(journal, next);
			return &record;
		}
		usleep(10000);
	}
	memset(&record, 0xff, sizeof(record));
	return &record;
}

/* Nothing more was written, nothing is held. */
static void all_is_released(void)
{
	static struct call_record none;
	struct budget_state b;
	struct limit_state l;

	CHECK_INT(journal_read(journal, position, &none), 0);
	CHECK_INT(journal_num_open(journal), 0);
	CHECK_INT(atomic_load(&worker_stats(worker)->open), 0);
	budget_read(budget, clock_wall_ms(), &b);
	CHECK_INT(b.reserved_nusd, 0);
	limit_read(limit, clock_mono_us(), &l);
	CHECK_INT(l.parallel_left, 50);
}

/* -- the tests --------------------------------------------------------------------------------------- */

static void an_answer_passes_with_its_record(void)
{
	const char *answer = ask("ok", false);
	struct call_record *r = next_record();

	CHECK(strstr(answer, "HTTP/1.1 200") == answer);
	CHECK(strstr(answer, ANSWER) != NULL);
	CHECK(strcasestr(answer, "x-tollgate-cost-usd: 0.00045\r\n") != NULL);
	CHECK(strcasestr(answer, "x-tollgate-target: up/ok\r\n") != NULL);
	CHECK_INT(r->status, 200);
	CHECK_INT(r->result, CALL_ANSWERED);
	CHECK_INT(r->team_id, 1);
	CHECK_INT(r->key_id, 7);
	CHECK_INT(r->usage.count[USAGE_INPUT], 100);
	CHECK_INT(r->cost_nusd, 450000);
	CHECK_INT(r->num_attempts, 1);
	CHECK_INT(r->attempts[0].reason, ATTEMPT_OK);
	all_is_released();
}

static void falls_over(const char *model, enum attempt_reason reason, unsigned tries)
{
	const char *answer = ask(model, false);
	struct call_record *r = next_record();

	CHECK(strstr(answer, "HTTP/1.1 200") == answer);
	CHECK_INT(r->result, CALL_ANSWERED);
	CHECK_INT(r->num_attempts, tries + 1);
	CHECK_INT(r->attempts[0].reason, reason);
	CHECK_TEXT(r->model, "ok");
	CHECK_INT(r->cost_nusd, 450000);
	all_is_released();
}

static void the_second_target_answers_when_the_first_fails(void)
{
	falls_over("e500-then-ok", ATTEMPT_SERVER_ERROR, 2);
	falls_over("e401-then-ok", ATTEMPT_AUTH, 1);
	falls_over("rubbish-then-ok", ATTEMPT_BAD_ANSWER, 1);
	falls_over("reset-then-ok", ATTEMPT_RESET, 2);
	falls_over("stall-then-ok", ATTEMPT_FIRST_BYTE_TIMEOUT, 1);
}

static void when_all_fail_the_last_status_and_all_attempts_are_told(void)
{
	const char *answer = ask("only-e500", false);
	struct call_record *r = next_record();

	CHECK(strstr(answer, "HTTP/1.1 500") == answer);
	CHECK(strstr(answer, "up: boom (HTTP 500)") != NULL);
	CHECK(strstr(answer, "\"attempts\":[{\"target\":\"up/e500\",\"status\":500") != NULL);
	CHECK_INT(r->result, CALL_FAILED);
	CHECK_INT(r->cost_nusd, 0);
	CHECK_TEXT(r->error, "upstream_error");
	answer = ask("only-e401", false);
	r = next_record();
	CHECK(strstr(answer, "HTTP/1.1 502") == answer);
	CHECK(strstr(answer, "upstream-secret") == NULL);
	answer = ask("only-stall", false);
	r = next_record();
	CHECK(strstr(answer, "HTTP/1.1 504") == answer);
	CHECK_TEXT(r->error, "upstream_timeout");
	CHECK_INT(r->cost_nusd, COST_UNKNOWN);
	all_is_released();
}

static void a_cut_stream_ends_with_an_error_event(void)
{
	const char *answer = ask("cut-then-ok", true);
	struct call_record *r = next_record();

	CHECK(strstr(answer, "HTTP/1.1 200") == answer);
	CHECK(strstr(answer, "\"content\":\"hi\"") != NULL);
	CHECK(strstr(answer, "data: {\"error\"") != NULL);
	CHECK_INT(r->result, CALL_FAILED);
	CHECK(r->flags & CALL_STREAM);
	CHECK(r->flags & CALL_ESTIMATED);
	CHECK_INT(r->num_attempts, 1);
	CHECK(r->cost_nusd > 0);
	all_is_released();
}

static void a_stream_that_goes_silent_ends_with_an_error_event(void)
{
	const char *answer = ask("only-hang", true);
	struct call_record *r = next_record();

	CHECK(strstr(answer, "data: {\"error\"") != NULL);
	CHECK_INT(r->attempts[0].reason, ATTEMPT_CUT);
	all_is_released();
}

static void a_client_that_leaves_stops_the_upstream(void)
{
	int before = upstream.gone, fd = dial();
	uint64_t left;
	struct call_record *r;

	send_chat(fd, "sk-tg-live", "{\"model\":\"only-hang\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}");
	CHECK(strstr(receive(fd, "\"content\":\"hi\""), "\"content\":\"hi\"") != NULL);
	close(fd);
	left = clock_mono_us();
	while (upstream.gone == before && clock_mono_us() - left < 2000000)
		usleep(1000);
	CHECK(clock_mono_us() - left < 100000);
	r = next_record();
	CHECK_INT(r->result, CALL_ABORTED);
	CHECK_TEXT(r->error, "client_gone");
	all_is_released();
}

static void a_client_that_leaves_before_its_body_is_whole_has_a_record(void)
{
	int fd = dial();
	const char head[] = "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nx-api-key: sk-tg-live\r\n"
			    "Content-Length: 100\r\n\r\n{\"model\":";

	CHECK(write(fd, head, sizeof(head) - 1) == (ssize_t)sizeof(head) - 1);
	usleep(20000);
	close(fd);
	CHECK_INT(next_record()->result, CALL_ABORTED);
	all_is_released();
}

static void refusals_have_their_status_code_and_record(void)
{
	static const struct {
		const char *secret, *body, *status, *code;
		int result;
	} rows[] = {
		{"sk-tg-dead", "{}", "403", "key_revoked", CALL_REFUSED},
		{"sk-tg-live", "{", "400", "invalid_request", CALL_REFUSED},
		{"sk-tg-live", "{\"model\":3}", "400", "invalid_request", CALL_REFUSED},
		{"sk-tg-live", "{\"model\":\"nope\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}", "404", "model_not_found", CALL_REFUSED},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *answer = chat(rows[i].secret, rows[i].body);
		struct call_record *r = next_record();
		char status[32];

		snprintf(status, sizeof(status), "HTTP/1.1 %s", rows[i].status);
		CHECK(strstr(answer, status) == answer);
		CHECK(strstr(answer, rows[i].code) != NULL);
		CHECK_INT(r->result, rows[i].result);
		CHECK_TEXT(r->error, rows[i].code);
	}
	all_is_released();
}

static void strangers_are_counted_and_make_no_record(void)
{
	const char *answer = chat("sk-tg-nobody", "{}");

	CHECK(strstr(answer, "HTTP/1.1 401") == answer);
	CHECK(strstr(answer, "invalid_api_key") != NULL);
	CHECK_INT(atomic_load(&worker_stats(worker)->strays[STRAY_UNKNOWN_KEY]), 1);
	all_is_released();
}

static void a_budget_used_up_is_402(void)
{
	const char *answer;

	budget_set_amount(budget, 100, BUDGET_STANDARD);
	answer = ask("ok", false);
	CHECK(strstr(answer, "HTTP/1.1 402") == answer);
	CHECK(strstr(answer, "team_budget_exceeded") != NULL);
	CHECK(strcasestr(answer, "x-should-retry: false") != NULL);
	CHECK_INT(next_record()->status, 402);
	budget_set_amount(budget, NUSD_PER_USD, BUDGET_STANDARD);
	all_is_released();
}

static void a_journal_without_room_is_503(void)
{
	struct journal_slot *taken[64];
	unsigned n = 0;
	const char *answer;

	/* The worker is idle, so its side of the journal may be used here. */
	while (n < 64 && (taken[n] = journal_admit(journal)) != NULL)
		n++;
	answer = ask("ok", false);
	CHECK(strstr(answer, "HTTP/1.1 503") == answer);
	CHECK(strstr(answer, "storage_error") != NULL);
	while (n > 0)
		journal_forget(journal, taken[--n]);
	CHECK(strstr(ask("ok", false), "HTTP/1.1 200") != NULL);
	CHECK_INT(next_record()->status, 200);
	all_is_released();
}

static void keep_alive_carries_one_call_after_another(void)
{
	const char text[] = "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sk-tg-live\r\n"
			    "Content-Length: 59\r\n\r\n{\"model\":\"ok\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]} ";
	int fd = dial();

	for (int i = 0; i < 3; i++) {
		CHECK(write(fd, text, sizeof(text) - 1) == (ssize_t)sizeof(text) - 1);
		CHECK(strstr(receive(fd, "\"total_tokens\":110}}"), "HTTP/1.1 200") != NULL);
		CHECK_INT(next_record()->status, 200);
	}
	close(fd);
	all_is_released();
}

/* The same with durability: power, where an answer waits for its record to reach the disk. */
static void power_safe_answers_refusals_and_streams_are_the_same(void)
{
	tear_down();
	set_up(true);
	an_answer_passes_with_its_record();
	refusals_have_their_status_code_and_record();
	a_cut_stream_ends_with_an_error_event();
	a_client_that_leaves_stops_the_upstream();
	keep_alive_carries_one_call_after_another();
}

int main(void)
{
	static const struct check_test tests[] = {
		TEST(an_answer_passes_with_its_record),
		TEST(the_second_target_answers_when_the_first_fails),
		TEST(when_all_fail_the_last_status_and_all_attempts_are_told),
		TEST(a_cut_stream_ends_with_an_error_event),
		TEST(a_stream_that_goes_silent_ends_with_an_error_event),
		TEST(a_client_that_leaves_stops_the_upstream),
		TEST(a_client_that_leaves_before_its_body_is_whole_has_a_record),
		TEST(refusals_have_their_status_code_and_record),
		TEST(strangers_are_counted_and_make_no_record),
		TEST(a_budget_used_up_is_402),
		TEST(a_journal_without_room_is_503),
		TEST(keep_alive_carries_one_call_after_another),
		TEST(power_safe_answers_refusals_and_streams_are_the_same),
	};
	int failed;

	set_up(false);
	failed = check_run(tests, ARRAY_LEN(tests));
	tear_down();
	return failed;
}
