#include "cmd/run/report.h"

#include "base/memory.h"
#include "cmd/run/step.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* OUT as a pattern that matches nothing but OUT. */
static int add_escaped(struct nvc_text *pattern, const char *path, struct nvc_error *err)
{
    int status = 0;
    for (; !status && *path; path++)
        status = nvc_text_printf(pattern, err, "%s%c", strchr("*?[]\\", *path) ? "\\" : "", *path);
    return status;
}

void nvc_run_remove_all(const char *prefix)
{
    struct nvc_text pattern = { 0 };
    struct nvc_error ignored;
    glob_t found = { 0 };
    if (!add_escaped(&pattern, prefix, &ignored) && !nvc_text_puts(&pattern, "_*", &ignored) && !glob(pattern.data, 0, NULL, &found))
        for (size_t i = 0; i < found.gl_pathc; i++)
            (void)unlink(found.gl_pathv[i]);
    globfree(&found);
    nvc_text_release(&pattern);
}

int nvc_run_find(glob_t *found, const char *out, const char *participant, const char *what, struct nvc_error *err)
{
    static const char *const places[] = { "/func/*_desc-nvc_", "/ses-*/func/*_desc-nvc_", "/perf/*_desc-nvc_", "/ses-*/perf/*_desc-nvc_" };
    struct nvc_text pattern = { 0 };
    int status = 0;
    *found = (glob_t) { 0 };
    for (size_t k = 0; !status && k < sizeof places / sizeof *places; k++) {
        pattern.len = 0;
        status = add_escaped(&pattern, out, err);
        if (!status)
            status = nvc_text_printf(&pattern, err, "/%s%s%s", participant, places[k], what);
        if (!status && glob(pattern.data, k ? GLOB_APPEND : 0, NULL, found) == GLOB_NOSPACE)
            status = nvc_fail(err, NVC_ESYS, "out of memory");
    }
    nvc_text_release(&pattern);
    return status;
}

int nvc_run_report_init(struct nvc_run_task *task, const char *participant, const char *out, struct nvc_error *err)
{
    static const char *const shown[] = { "qc.tsv", "qc.png", "coupling.tsv", "activity.tsv", "hrf.tsv", "cbf.tsv", "overlap.tsv", "glm.tsv" };
    *task = (struct nvc_run_task) { .lock = -1 };
    char *name = nvc_sprintf(err, "%s_report", participant);
    int status = run_name(task, name, nvc_sprintf(err, "%s/%s", out, participant), out, err);
    if (!status && !(task->job.commands = nvc_array(1, sizeof *task->job.commands, err)))
        status = NVC_ESYS;
    for (size_t k = 0; !status && k < sizeof shown / sizeof *shown; k++) {
        glob_t found;
        status = nvc_run_find(&found, out, participant, shown[k], err);
        for (size_t i = 0; !status && i < found.gl_pathc; i++)
            status = run_watch(task, nvc_strdup(found.gl_pathv[i], err), err);
        globfree(&found);
    }
    task->n_inputs = task->n_files;
    char *page = nvc_sprintf(err, "%s/%s.html", out, participant);
    if (!status)
        status = run_watch(task, page, err);
    else
        free(page);
    if (status || !task->n_inputs)
        return status;
    struct nvc_command *c = &task->job.commands[task->job.n_commands++];
    status = nvc_command_add(c, err, "nvc-report");
    if (!status)
        status = nvc_command_add(c, err, "-o");
    if (!status)
        status = nvc_command_add(c, err, "%s", task->files[task->n_inputs]);
    for (size_t i = 0; !status && i < task->n_inputs; i++)
        status = nvc_command_add(c, err, "%s", task->files[i]);
    return status;
}
