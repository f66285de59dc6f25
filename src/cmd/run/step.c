#include "cmd/run/step.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* What comes after the stem in the names of outputs. */
#define OURS(NAME) "desc-nvc_" NAME
static const char *const endings[RUN_N_VALUES] = {
    [RUN_MASK] = OURS("mask.nii.gz"), [RUN_SERIES] = OURS("timeseries.tsv"), [RUN_DESIGN] = OURS("design.tsv"), [RUN_GLM] = OURS("glm.tsv"),
    [RUN_COUPLING] = OURS("coupling.tsv"), [RUN_HABITUATION] = OURS("habituation.tsv"), [RUN_HALVES] = OURS("halves.tsv"), [RUN_NULL] = OURS("null.tsv"),
    [RUN_QC] = OURS("qc.tsv"),
    [RUN_ACTIVITY] = OURS("activity.tsv"), [RUN_SHAPE] = OURS("hrf.tsv"), [RUN_FLOW] = OURS("cbf.tsv"), [RUN_PICTURE] = OURS("qc.png"),
    [RUN_OVERLAP] = OURS("overlap.tsv"), [RUN_ALFF_MAP] = "stat-alff_boldmap.nii.gz", [RUN_REHO_MAP] = "stat-reho_boldmap.nii.gz",
    [RUN_ALFF_FIRST] = "desc-first_stat-alff_boldmap.nii.gz", [RUN_ALFF_SECOND] = "desc-second_stat-alff_boldmap.nii.gz",
    [RUN_REHO_FIRST] = "desc-first_stat-reho_boldmap.nii.gz", [RUN_REHO_SECOND] = "desc-second_stat-reho_boldmap.nii.gz",
    [RUN_FLOW_MAP] = "cbf.nii.gz", [RUN_ODD_MAP] = "desc-odd_cbf.nii.gz", [RUN_EVEN_MAP] = "desc-even_cbf.nii.gz",
    [RUN_PARCEL_MASK] = OURS("parcels.nii.gz"), [RUN_REST_PARCELS] = OURS("restparcels.nii.gz"), [RUN_FLOW_PARCELS] = OURS("flowparcels.nii.gz"),
    [RUN_PARCEL_ACTIVITY] = OURS("parcelactivity.tsv"), [RUN_PARCEL_FLOW] = OURS("parcelcbf.tsv")
};

void run_set(struct run_values *v, enum run_value which, const char *text)
{
    v->one[which] = text;
    v->of[which] = (struct nvc_list) { &v->one[which], text ? 1 : 0 };
}

void run_set_all(struct run_values *v, enum run_value which, char **texts, size_t n)
{
    v->of[which] = (struct nvc_list) { (const char *const *)texts, n };
}

int run_watch(struct nvc_run_task *t, char *path, struct nvc_error *err)
{
    int status = path ? nvc_grow(&t->files, &t->cap_files, t->n_files + 1, sizeof *t->files, err) : NVC_ESYS;
    if (status)
        free(path);
    else
        t->files[t->n_files++] = path;
    return status;
}

char *run_output_path(const struct nvc_run_task *task, enum run_value made, struct nvc_error *err)
{
    return nvc_sprintf(err, "%s_%s", task->prefix, endings[made]);
}

/* Every output of the steps, in the order in which they are made. */
static int name_outputs(struct nvc_run_task *t, const struct run_chain *chain, struct run_values *v, bool all, struct nvc_error *err)
{
    int status = 0;
    for (const struct run_step *step = chain->steps; step < chain->steps + chain->n_steps; step++)
        for (const struct run_word *w = step->words; !status && w->value && (all || run_has(v, step->when)); w++) {
            if (w->how != RUN_MAKES && !(w->how == RUN_LEAVES && run_has(v, w->when)))
                continue;
            status = run_watch(t, run_output_path(t, w->value, err), err);
            if (!status)
                run_set(v, w->value, t->files[t->n_files - 1]);
        }
    return status;
}

static int add_word(struct nvc_command *c, const struct run_word *w, struct nvc_list values, struct nvc_error *err)
{
    int status = 0;
    if (w->how == RUN_LEAVES)
        return 0;
    if (w->value == RUN_PASS)
        return nvc_run_pass(c, values, err);
    for (size_t i = 0; !status && i < values.n; i++) {
        if (w->option)
            status = nvc_command_add(c, err, "%s", w->option);
        if (!status && w->how != RUN_SAYS)
            status = nvc_command_add(c, err, "%s", values.items[i]);
    }
    return status;
}

static int add_step(struct nvc_run_task *t, const struct run_step *step, const struct run_values *v, struct nvc_error *err)
{
    struct nvc_command *c = &t->job.commands[t->job.n_commands++];
    int status = nvc_command_add(c, err, "%s", step->command);
    for (const struct run_word *w = step->words; !status && w->value; w++)
        status = add_word(c, w, v->of[w->value], err);
    return status;
}

int run_build(struct nvc_run_task *t, const struct run_chain *chain, struct run_values *v, const char *missing, struct nvc_error *err)
{
    int status = 0;
    run_set(v, RUN_ALWAYS, "");
    for (const enum run_value *in = chain->inputs; !status && !missing && *in; in++)
        for (size_t i = 0; !status && i < v->of[*in].n; i++)
            status = run_watch(t, nvc_strdup(v->of[*in].items[i], err), err);
    t->n_inputs = t->n_files;
    if (!status)
        status = name_outputs(t, chain, v, missing != NULL, err);
    if (status || missing)
        return status;
    if (!(t->job.commands = nvc_array(chain->n_steps, sizeof *t->job.commands, err)))
        return NVC_ESYS;
    for (size_t i = 0; !status && i < chain->n_steps; i++)
        if (run_has(v, chain->steps[i].when))
            status = add_step(t, &chain->steps[i], v, err);
    return status;
}
