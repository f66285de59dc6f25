/* Carrying out what nvc-run planned: several chains at a time, none that is done already, and a word at the
 * end on those that failed. */
#ifndef NVC_CMD_RUN_WORK_H
#define NVC_CMD_RUN_WORK_H

#include "cmd/run/plan.h"

#include <stdbool.h>
#include <stddef.h>

/* OUT/dataset_description.json. */
int nvc_run_describe(const char *out, struct nvc_error *err) NVC_CHECKED;

/* Run the tasks.  Each is locked while it is at work, so that another nvc-run on the same OUT waits for it; one
 * whose stamp holds is left out unless `force`.  The outputs of a chain that fails are removed: what stands
 * in OUT is from chains that ended well.  Returns 0 when no task failed, NVC_EDATA when one did (each is
 * named with its reason on standard error), NVC_ESYS. */
/* what: the word for so many of them, "runs". */
int nvc_run_work(struct nvc_run_task *tasks, size_t n, const char *out, size_t n_parallel, const char *what, bool force,
                 struct nvc_error *err) NVC_CHECKED;

/* Remove what an earlier nvc-run left of a task that cannot be done, and release it. */
void nvc_run_task_forget(struct nvc_run_task *task);

#endif
