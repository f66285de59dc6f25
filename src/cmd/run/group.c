#include "cmd/run/group.h"

#include "base/memory.h"
#include "cli/jobs.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cmd/run/plan.h"
#include "cmd/run/report.h"
#include "cmd/run/work.h"
#include "io/bids.h"
#include "table/coupling.h"
#include "table/qc.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool wanted(const struct nvc_run_group_wish *w, const struct nvc_bids_name *name)
{
    return nvc_run_wanted(w->only, "sub-", name->participant_id) && nvc_run_wanted(w->sessions, "ses-", name->session) &&
           nvc_run_wanted(w->tasks, "task-", strcmp(name->task, "n/a") ? name->task : "rest") && nvc_run_wanted(w->spaces, "space-", name->space);
}

/* The rows of all tables of that ending, in the order of their names. */
static int gather(struct nvc_coupling *rows, const char *what, const struct nvc_run_group_wish *w, struct nvc_error *err)
{
    glob_t found = { 0 };
    int status = nvc_run_find(&found, w->out, "sub-*", what, err);
    for (size_t i = 0; !status && i < found.gl_pathc; i++) {
        struct nvc_bids_name name;
        status = nvc_bids_parse(&name, found.gl_pathv[i], err);
        if (status || !wanted(w, &name))
            continue;
        status = nvc_coupling_read(rows, found.gl_pathv[i], err);
    }
    globfree(&found);
    return status;
}

static bool same_row(const struct nvc_coupling_row *a, const struct nvc_coupling_row *b)
{
    return !strcmp(a->participant_id, b->participant_id) && !strcmp(a->index, b->index) && !strcmp(a->session, b->session) && !strcmp(a->task, b->task) &&
           !strcmp(a->run, b->run) && !strcmp(a->space, b->space) && !strcmp(a->region, b->region) && !strcmp(a->contrast, b->contrast);
}

/* What is said of grey matter belongs to no atlas, and each chain of several atlases says it again. */
static void drop_repeats(struct nvc_coupling *rows)
{
    size_t kept = 0;
    for (size_t i = 0; i < rows->n; i++) {
        bool said = false;
        for (size_t k = 0; !strcmp(rows->rows[i].atlas, "n/a") && k < kept && !said; k++)
            said = !strcmp(rows->rows[k].atlas, "n/a") && same_row(&rows->rows[k], &rows->rows[i]);
        if (!said)
            rows->rows[kept++] = rows->rows[i];
    }
    rows->n = kept;
}

/* nvc-group would take two spaces of a person for two runs. */
static int check_spaces(const struct nvc_coupling *rows, struct nvc_error *err)
{
    for (size_t i = 0; i < rows->n; i++)
        for (size_t k = i; k-- > 0 && rows->rows[k].participant_id == rows->rows[i].participant_id;) { /* interned: one text, one place */
            const struct nvc_coupling_row *one = &rows->rows[k], *other = &rows->rows[i];
            if (one->space != other->space && one->index == other->index && one->task == other->task && one->session == other->session)
                return nvc_fail(err, NVC_EDATA, "%s has results in the spaces %s and %s: say with --space which to compare", one->participant_id,
                                one->space, other->space);
        }
    return 0;
}

static int gather_coupling(struct nvc_coupling *rows, const struct nvc_run_group_wish *w, struct nvc_error *err)
{
    static const char *const kinds[] = { "coupling.tsv", "activity.tsv", "hrf.tsv", "cbf.tsv", "null.tsv" };
    int status = 0;
    for (size_t k = 0; !status && k < sizeof kinds / sizeof *kinds; k++)
        status = gather(rows, kinds[k], w, err);
    drop_repeats(rows);
    if (!status && !rows->n)
        status = nvc_fail(err, NVC_EDATA, "%s: no tables *_desc-nvc_coupling.tsv, _activity.tsv or _cbf.tsv; run the participant level first", w->out);
    return status ? status : check_spaces(rows, err);
}

/* The quality tables of all runs in one; *any: there was one. */
static int gather_quality(const char *path, bool *any, const struct nvc_run_group_wish *w, struct nvc_error *err)
{
    glob_t found = { 0 };
    struct nvc_text text = { 0 };
    int status = nvc_run_find(&found, w->out, "sub-*", "qc.tsv", err);
    *any = !status && found.gl_pathc;
    if (!status)
        status = nvc_qc_write_header(&text, err);
    for (size_t i = 0; !status && !w->dry_run && i < found.gl_pathc; i++) {
        struct nvc_bids_name name;
        struct nvc_table t = { 0 };
        status = nvc_bids_parse(&name, found.gl_pathv[i], err);
        if (status || !wanted(w, &name))
            continue;
        status = nvc_table_read(&t, found.gl_pathv[i], err);
        if (!status)
            status = nvc_qc_append(&text, &t, err);
        nvc_table_release(&t);
    }
    if (!status && *any && !w->dry_run)
        status = nvc_output(path, &text, &(struct nvc_sidecar) { .columns = nvc_qc_columns }, err);
    nvc_text_release(&text);
    globfree(&found);
    return status;
}

static int write_rows(const struct nvc_coupling *rows, const char *path, struct nvc_error *err)
{
    struct nvc_text text = { 0 };
    int status = nvc_coupling_write(&text, rows, true, err);
    if (!status)
        status = nvc_output(path, &text, &(struct nvc_sidecar) { .columns = nvc_coupling_columns }, err);
    nvc_text_release(&text);
    return status;
}

/* What an earlier call wrote and this one does not: nobody may take it for a result. */
static void remove_stale(const char *folder, const char *name, bool wanted)
{
    static const char *const endings[] = { ".tsv", ".json" };
    struct nvc_error ignored;
    for (size_t k = 0; k < 2 && !wanted; k++) {
        char *path = nvc_sprintf(&ignored, "%s/%s%s", folder, name, endings[k]);
        if (path)
            (void)unlink(path);
        free(path);
    }
}

static int add_pair(struct nvc_command *c, const char *option, const char *value, struct nvc_error *err)
{
    if (!value)
        return 0;
    int status = nvc_command_add(c, err, "%s", option);
    return status ? status : nvc_command_add(c, err, "%s", value);
}

static int add_output(struct nvc_command *c, const char *option, const char *folder, const char *name, struct nvc_error *err)
{
    int status = nvc_command_add(c, err, "%s", option);
    return status ? status : nvc_command_add(c, err, "%s/%s", folder, name);
}

static int say_group(struct nvc_command *c, const struct nvc_run_group_wish *w, const char *participants, const char *folder,
                     const char *quality, const char *halves, struct nvc_error *err)
{
    const struct { const char *option, *value; } pairs[] = {
        { "-p", participants }, { "-g", w->group }, { "--case", w->case_label }, { "--control", w->control_label },
        { "-c", w->covariates }, { "--runs", w->runs }, { "--site", w->site }, { "--primary", w->primary },
        { "--permutations", w->permutations }, { "--scores", w->scores }, { "--lock", w->lock }, { "--qc", quality },
        { "--halves", halves }
    };
    static const struct { const char *option, *name; } outputs[] = {
        { "--demographics", "demographics.md" }, { "--flow", "flow.md" }, { "--sensitivity", "sensitivity.tsv" },
        { "--one-sample", "means.tsv" }, { "--methods", "methods.txt" }, { "--figure", "figure.png" },
        { "--forest", "forest.png" }, { "--roc", "roc.png" }, { "--also", "table.csv" }, { "--also", "table.md" },
        { "--also", "table.tex" }, { "--also", "table.html" }, { "-o", "table.tsv" }
    };
    int status = nvc_command_add(c, err, "nvc-group");
    for (size_t i = 0; !status && i < sizeof pairs / sizeof *pairs; i++)
        status = add_pair(c, pairs[i].option, pairs[i].value, err);
    for (size_t i = 0; !status && i < w->exclude.n; i++)
        status = add_pair(c, "--exclude", w->exclude.items[i], err);
    for (size_t i = 0; !status && i < w->control_regions.n; i++)
        status = add_pair(c, "--control-region", w->control_regions.items[i], err);
    if (!status)
        status = nvc_run_pass(c, w->pass, err);
    if (!status && w->scores)
        status = add_output(c, "--correlations", folder, "correlations.tsv", err);
    if (!status && w->control_regions.n)
        status = add_output(c, "--specificity", folder, "specificity.tsv", err);
    for (size_t i = 0; !status && i < sizeof outputs / sizeof *outputs; i++)
        status = add_output(c, outputs[i].option, folder, outputs[i].name, err);
    return status ? status : nvc_command_add(c, err, "%s/coupling.tsv", folder);
}

/* The page of the cohort from what say_group asked for. */
static int say_report(struct nvc_command *c, const struct nvc_run_group_wish *w, const char *folder, const char *quality, struct nvc_error *err)
{
    static const char *const shown[] = { "demographics.md", "flow.md", "table.tsv", "figure.png", "forest.png", "roc.png", "methods.txt" };
    int status = nvc_command_add(c, err, "nvc-report");
    if (!status)
        status = add_output(c, "-o", folder, "report.html", err);
    if (!status && quality)
        status = nvc_command_add(c, err, "%s", quality);
    for (size_t i = 0; !status && i < sizeof shown / sizeof *shown; i++)
        status = nvc_command_add(c, err, "%s/%s", folder, shown[i]);
    if (!status && w->scores)
        status = nvc_command_add(c, err, "%s/correlations.tsv", folder);
    return status || !w->control_regions.n ? status : nvc_command_add(c, err, "%s/specificity.tsv", folder);
}

static int go(struct nvc_job *job, bool wait, enum nvc_job_verdict *verdict, void *with, struct nvc_error *err)
{
    (void)job, (void)wait, (void)with, (void)err;
    *verdict = NVC_JOB_GO;
    return 0;
}

static int report(struct nvc_job *job, void *with, struct nvc_error *err)
{
    (void)with;
    if (job->status)
        return nvc_fail(err, job->status > NVC_ESYS ? NVC_EDATA : (enum nvc_status)job->status, "%s; log: %s", job->reason, job->log);
    nvc_note("%s", job->name);
    return 0;
}

static int compare(const struct nvc_run_group_wish *w, const char *participants, const char *folder, const char *quality,
                   const char *halves, struct nvc_error *err)
{
    struct nvc_command commands[2] = { { 0 } };
    struct nvc_job job = { .commands = commands, .n_commands = w->report ? 2 : 1 }, *jobs[] = { &job };
    int status = say_group(&commands[0], w, participants, folder, quality, halves, err);
    if (!status && w->report)
        status = say_report(&commands[1], w, folder, quality, err);
    for (size_t i = 0; !status && w->dry_run && i < job.n_commands; i++)
        (void)nvc_command_print(stdout, commands[i].argv);
    if (!status && !w->dry_run && !(job.log = nvc_sprintf(err, "%s/logs/group.log", w->out)))
        status = NVC_ESYS;
    if (!status && !w->dry_run && !(job.name = nvc_sprintf(err, "wrote %s/table.tsv, .csv, .md, .tex, .html", folder)))
        status = NVC_ESYS;
    if (!status && !w->dry_run)
        status = nvc_jobs_run(jobs, 1, 1, "tables", &(struct nvc_job_hooks) { go, report, NULL }, err);
    free(job.name);
    free(job.log);
    nvc_command_release(&commands[0]);
    nvc_command_release(&commands[1]);
    return status;
}

int nvc_run_group(const struct nvc_run_group_wish *w, struct nvc_error *err)
{
    struct nvc_coupling rows = { 0 }, halves = { 0 };
    if (!w->case_label)
        return nvc_fail(err, NVC_EUSAGE, "the group level needs --case LABEL: what column '%s' of the participants table says of a case",
                        w->group ? w->group : "group");
    char *folder = nvc_sprintf(err, "%s/group", w->out);
    char *table = folder ? nvc_sprintf(err, "%s/coupling.tsv", folder) : NULL;
    char *quality = table ? nvc_sprintf(err, "%s/qc.tsv", folder) : NULL;
    char *half = quality ? nvc_sprintf(err, "%s/halves.tsv", folder) : NULL;
    bool any = false;
    char *participants = w->participants_tsv ? nvc_strdup(w->participants_tsv, err) : nvc_sprintf(err, "%s/participants.tsv", w->root);
    int status = half && participants ? 0 : NVC_ESYS;
    if (!status && !w->dry_run)
        status = gather_coupling(&rows, w, err);
    if (!status && !w->dry_run)
        status = nvc_make_folders(folder, err);
    if (!status && !w->dry_run)
        status = write_rows(&rows, table, err);
    if (!status)
        status = gather(&halves, "halves.tsv", w, err);
    drop_repeats(&halves);
    if (!status && halves.n && !w->dry_run)
        status = write_rows(&halves, half, err);
    if (!status)
        status = gather_quality(quality, &any, w, err);
    if (!status && !w->dry_run) {
        remove_stale(folder, "halves", halves.n > 0);
        remove_stale(folder, "qc", any);
        remove_stale(folder, "correlations", w->scores != NULL);
        remove_stale(folder, "specificity", w->control_regions.n > 0);
    }
    if (!status)
        status = compare(w, participants, folder, any ? quality : NULL, halves.n ? half : NULL, err);
    nvc_coupling_release(&rows);
    nvc_coupling_release(&halves);
    free(half);
    free(quality);
    free(participants);
    free(table);
    free(folder);
    return status;
}
