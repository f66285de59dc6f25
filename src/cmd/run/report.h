/* Pages of nvc-run --report, and finding what chains have left in OUT. */
#ifndef NVC_CMD_RUN_REPORT_H
#define NVC_CMD_RUN_REPORT_H

#include "cmd/run/plan.h"

#include <glob.h>

/* Outputs of all chains of a participant ("sub-*": of everybody) whose names end in _desc-nvc_<what>, in the order of their names.
 * globfree afterwards, also after a failure. */
int nvc_run_find(glob_t *found, const char *out, const char *participant, const char *what, struct nvc_error *err) NVC_CHECKED;

/* Remove every file whose path begins with prefix and "_". */
void nvc_run_remove_all(const char *prefix);

/* The page of a participant, OUT/<participant>.html, from all that stands in OUT; no commands when that is nothing. */
int nvc_run_report_init(struct nvc_run_task *task, const char *participant, const char *out, struct nvc_error *err) NVC_CHECKED;

#endif
