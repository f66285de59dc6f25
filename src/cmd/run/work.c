#include "config.h"

#include "cmd/run/work.h"

#include "base/memory.h"
#include "cli/lock.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/stamp.h"
#include "cmd/run/report.h"
#include "io/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int nvc_run_describe(const char *out, struct nvc_error *err)
{
    struct nvc_text text = { 0 };
    json_t *about = json_pack("{s:s, s:s, s:s, s:[{s:s, s:s}]}", "Name", "Neurovascular coupling indices", "BIDSVersion", "1.10.0",
                              "DatasetType", "derivative", "GeneratedBy", "Name", "nvctools", "Version", PACKAGE_VERSION);
    char *path = nvc_sprintf(err, "%s/dataset_description.json", out);
    int status = path ? nvc_json_write(&text, about, 2, err) : NVC_ESYS;
    if (!status)
        status = nvc_output(path, &text, NULL, err);
    nvc_text_release(&text);
    json_decref(about);
    free(path);
    return status;
}

struct work {
    const char *lock;
    bool force;
    size_t n_done, n_unchanged, n_failed;
};

static json_t *stamp_of(const struct nvc_run_task *t, size_t n_files, struct nvc_error *err)
{
    return nvc_stamp_make(t->job.commands, t->job.n_commands, t->files, n_files, err);
}

/* A file with its sidecar and, of a mask, its table. */
static void remove_output(const char *path)
{
    static const char *const endings[] = { ".json", ".tsv" };
    struct nvc_error ignored;
    char *stem = nvc_bids_stem(path, &ignored);
    (void)unlink(path);
    for (size_t k = 0; stem && k < sizeof endings / sizeof *endings; k++) {
        char *beside = nvc_sprintf(&ignored, "%s%s", stem, endings[k]);
        if (beside)
            (void)unlink(beside);
        free(beside);
    }
    free(stem);
}

/* Of a run that failed nothing stays, neither of this time nor of an earlier one: nobody may take it for a result. */
static void remove_outputs(const struct nvc_run_task *t)
{
    if (t->sole)
        nvc_run_remove_all(t->prefix);
    for (size_t i = t->n_inputs; i < t->n_files; i++)
        remove_output(t->files[i]);
}

static int begin(struct nvc_job *job, bool wait, enum nvc_job_verdict *verdict, void *with, struct nvc_error *err)
{
    struct nvc_run_task *t = (struct nvc_run_task *)job;
    struct work *w = with;
    *verdict = NVC_JOB_SKIP;
    if (!job->n_commands) { /* something is missing: the plan says what */
        remove_outputs(t);
        (void)unlink(t->stamp);
        w->n_failed++;
        return 0;
    }
    int status = nvc_lock_take(&t->lock, w->lock, job->name, wait, err);
    if (status || t->lock < 0) {
        *verdict = NVC_JOB_LATER;
        return status;
    }
    json_t *now = stamp_of(t, t->n_files, err);
    t->before = now ? stamp_of(t, t->n_inputs, err) : NULL;
    if (!t->before)
        return (int)err->status;
    bool unchanged = !w->force && nvc_stamp_holds(t->stamp, now);
    json_decref(now);
    if (unchanged) {
        nvc_lock_drop(t->lock);
        w->n_unchanged++;
        return 0;
    }
    if (unlink(t->stamp) && errno != ENOENT)
        return nvc_fail(err, NVC_ESYS, "%s: %s", t->stamp, strerror(errno));
    *verdict = NVC_JOB_GO;
    return nvc_make_folders(t->folder, err);
}

/* The work is done, but only for inputs that stayed as they were. */
static int write_stamp(const struct nvc_run_task *t, struct nvc_error *err)
{
    json_t *now = stamp_of(t, t->n_files, err), *inputs = now ? stamp_of(t, t->n_inputs, err) : NULL;
    int status = inputs ? 0 : (int)err->status;
    if (!status && json_equal(inputs, t->before))
        status = nvc_stamp_write(t->stamp, now, err);
    else if (!status)
        nvc_warn("%s: an input changed while it was read; the next nvc-run will do this run again", t->job.name);
    json_decref(inputs);
    json_decref(now);
    return status;
}

static int ended(struct nvc_job *job, void *with, struct nvc_error *err)
{
    struct nvc_run_task *t = (struct nvc_run_task *)job;
    struct work *w = with;
    int status = 0;
    if (job->status) {
        remove_outputs(t);
        w->n_failed++;
    } else {
        status = write_stamp(t, err);
        w->n_done++;
    }
    nvc_lock_drop(t->lock);
    return status;
}

static double now_s(void)
{
    struct timespec t = { 0 };
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void name_failures(const struct nvc_run_task *tasks, size_t n, const char *out)
{
    bool logged = false;
    for (size_t i = 0; i < n; i++) {
        struct nvc_error line;
        if (!tasks[i].job.status)
            continue;
        logged |= tasks[i].job.n_commands > 0;
        (void)nvc_fail(&line, NVC_EDATA, "%s: %s", tasks[i].job.name, tasks[i].job.reason);
        nvc_complain(&line);
    }
    if (logged)
        nvc_note("what was run and said stands in %s/logs, one .log for each of these names", out);
}

void nvc_run_task_forget(struct nvc_run_task *task)
{
    remove_outputs(task);
    (void)unlink(task->stamp);
    nvc_run_task_release(task);
}

int nvc_run_work(struct nvc_run_task *tasks, size_t n, const char *out, size_t n_parallel, const char *what, bool force,
                 struct nvc_error *err)
{
    struct work w = { .force = force };
    double start = now_s();
    char *lock = nvc_sprintf(err, "%s/logs/.lock", out);
    struct nvc_job **jobs = lock ? nvc_array(n, sizeof(struct nvc_job *), err) : NULL;
    int status = jobs ? 0 : (int)err->status;
    for (size_t i = 0; !status && i < n; i++)
        jobs[i] = &tasks[i].job;
    w.lock = lock;
    if (!status)
        status = nvc_jobs_run(jobs, n, n_parallel, "runs", &(struct nvc_job_hooks) { begin, ended, &w }, err);
    free(jobs);
    free(lock);
    if (status)
        return status;
    name_failures(tasks, n, out);
    nvc_note("%zu %s: %zu done, %zu unchanged, %zu failed, in %.1f s", n, what, w.n_done, w.n_unchanged, w.n_failed, now_s() - start);
    return w.n_failed ? nvc_fail(err, NVC_EDATA, "%zu of %zu %s failed", w.n_failed, n, what) : 0;
}
