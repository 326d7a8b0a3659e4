/* SPDX-License-Identifier: MIT */
/* The one table of what failures mean: retry and fallback follow from it. */
#include "gateway/verdict.h"

/*
 * There is no verdict "give up": before the first byte any failure goes on to the next target; the
 * deadline and the client's leaving end the call elsewhere.
 */
static const struct verdict rules[] = {
	/*                              again  counts timeout may_bill */
	[ATTEMPT_OK] = {false, true, false, false},
	[ATTEMPT_REFUSED] = {false, true, false, false},
	[ATTEMPT_CONNECT_TIMEOUT] = {false, true, true, false},
	[ATTEMPT_TLS] = {false, true, false, false},
	[ATTEMPT_RESET] = {true, true, false, true},
	[ATTEMPT_FIRST_BYTE_TIMEOUT] = {false, true, true, true},
	[ATTEMPT_IDLE_TIMEOUT] = {false, true, true, true},
	[ATTEMPT_DEADLINE] = {false, false, true, true},
	[ATTEMPT_RATE_LIMITED] = {false, true, false, false},
	[ATTEMPT_SERVER_ERROR] = {true, true, false, false},
	[ATTEMPT_AUTH] = {false, true, false, false},
	[ATTEMPT_NOT_FOUND] = {false, true, false, false},
	[ATTEMPT_BAD_REQUEST] = {false, false, false, false},
	[ATTEMPT_BAD_ANSWER] = {false, true, false, true},
	[ATTEMPT_CUT] = {false, true, false, true},
	[ATTEMPT_CLIENT_GONE] = {false, false, false, true},
	[ATTEMPT_CANNOT_EXPRESS] = {false, false, false, false},
	[ATTEMPT_NO_CREDENTIAL] = {false, false, false, false},
	[ATTEMPT_NO_SOCKET] = {false, false, false, false},
};

const struct verdict *verdict_of(enum attempt_reason reason)
{
	return &rules[reason];
}

enum attempt_reason reason_of_status(int status)
{
	switch (status) {
	case 401:
	case 403:
		return ATTEMPT_AUTH;
	case 404:
		return ATTEMPT_NOT_FOUND;
	case 408:
		return ATTEMPT_SERVER_ERROR;
	case 429:
		return ATTEMPT_RATE_LIMITED;
	}
	return status >= 500 ? ATTEMPT_SERVER_ERROR : ATTEMPT_BAD_REQUEST;
}

enum attempt_reason reason_of_fetch(enum fetch_error error)
{
	switch (error) {
	case FETCH_RESOLVE:
	case FETCH_REFUSED:
		return ATTEMPT_REFUSED;
	case FETCH_CONNECT_TIMEOUT:
		return ATTEMPT_CONNECT_TIMEOUT;
	case FETCH_TLS:
		return ATTEMPT_TLS;
	case FETCH_PROTOCOL:
		return ATTEMPT_BAD_ANSWER;
	case FETCH_NO_SOCKET:
		return ATTEMPT_NO_SOCKET;
	case FETCH_OK:
	case FETCH_RESET:
	case FETCH_EMPTY:
	case FETCH_OTHER:
		break;
	}
	return ATTEMPT_RESET;
}
