#include "base/memory.h"
#include "cli/cmd.h"
#include "cli/output.h"
#include "cmd/shared/bold.h"
#include "cmd/coupling/job.h"
#include "math/lsq.h"
#include "model/coupling/coupling_flow.h"
#include "model/coupling/coupling_rows.h"
#include "table/coupling.h"
#include "table/series.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

static const char *const compat_names[] = { "none", "mica", NULL };
static const char *const davis_names[] = { "3t", "classic", "griffeth", NULL };

static const struct coupling_options defaults = { .output = "-", .bootstrap = 400, .draws = 4000, .seed = 1, .radius_mm = 9, .max_lag_s = 12 };

static const struct nvc_opt opts[] = {
    OPT_GROUP("Input"),
    OPT_INPUT(struct coupling_options, confounds, 'c', "confounds", "TSV", "*.tsv",
              "confounds table of the run; the mean of its framewise_displacement goes into column mean_fd"),
    OPT_LIST(struct coupling_options, rows, 0, "rows", "TSV", "rows of nvc-cbf, nvc-activity or nvc-cvr of the same person: ratios, scaled responses, errors",
             .glob = "*.tsv", .flags = NVC_OPT_NO_INPUT),
    OPT_LIST(struct coupling_options, parcel_rows, 0, "parcel-rows", "TSV", "rows of nvc-cbf and nvc-activity over parcels of grey matter: the flow line",
             .glob = "*.tsv"),
    OPT_GROUP("Maps"),
    OPT_ORIENTATION(struct coupling_options, orientation),
    OPT_INPUT(struct coupling_options, cbf, 0, "cbf", "NIFTI", "*.nii*", "map of flow", .flags = NVC_OPT_NO_INPUT),
    OPT_LIST(struct coupling_options, activity, 0, "activity", "NAME=MAP", "map of activity on the same grid: alff, falff, reho, dc, or another name"),
    OPT_INPUT(struct coupling_options, mask, 'm', "mask", "NIFTI", "*.nii*", "regions of nvc-mask on that grid"),
    OPT_INPUT(struct coupling_options, grey, 0, "grey", "NIFTI", "*.nii*",
              "probability of grey matter: reference (over 0.5), surroundings, and held constant in the partial correlation"),
    OPT_INPUT(struct coupling_options, tsnr, 0, "tsnr", "NIFTI", "*.nii*", "tSNR, held constant in the partial correlation"),
    OPT_LIST(struct coupling_options, cbf_half, 0, "cbf-half", "NIFTI", "flow of half of the repetitions; twice", .glob = "*.nii*"),
    OPT_LIST(struct coupling_options, activity_half, 0, "activity-half", "NAME=MAP", "activity of half of the run; twice for each name"),
    OPT_INPUT(struct coupling_options, parcels, 0, "parcels", "NIFTI", "*.nii*", "label image of grey-matter parcels: the flow line"),
    OPT_REAL(struct coupling_options, radius_mm, 0, "radius", "MM", "mm", 1, 50, "radius of the neighbourhoods of local coupling"),
    OPT_TEXT(struct coupling_options, imco_maps, 0, "imco-maps", "PREFIX", "local coupling of every voxel of --grey: PREFIX_imco-NAME_slope.nii.gz and _r2"),
    OPT_INT(struct coupling_options, bootstrap, 0, "bootstrap", "N", 0, 100000, "draws of the interval of a correlation across voxels; 0: closed form"),
    OPT_CHOICE(struct coupling_options, compat, 0, "compat", "HOW", compat_names, "also the correlation of the zero-padded volumes, as a published package has it"),
    OPT_TEXT(struct coupling_options, bids_name, 0, "bids-name", "NAME", "file name to read subject and session from, when that of the map of flow does not say"),
    OPT_GROUP("Flow and BOLD measured together"),
    OPT_INPUT(struct coupling_options, flow_series, 0, "flow-series", "TSV", "*.tsv", "series of flow of the regions (nvc-cbf, nvc-extract)",
              .flags = NVC_OPT_NO_INPUT),
    OPT_INPUT(struct coupling_options, bold_series, 0, "bold-series", "TSV", "*.tsv", "series of BOLD of the same regions and volumes"),
    OPT_REAL(struct coupling_options, max_lag_s, 0, "max-lag", "SECONDS", "s", 0, 60, "furthest lag that nvc_rt_lag looks at"),
    OPT_INPUT(struct coupling_options, flow_glm, 0, "flow-glm", "TSV", "*.tsv", "table of nvc-glm on the series of flow: calibrates the responses of GLM"),
    OPT_TEXT(struct coupling_options, co2, 0, "co2", "CONDITION", "the condition that changes flow but not oxygen use"),
    OPT_CHOICE(struct coupling_options, davis, 0, "davis", "WHICH", davis_names, "alpha and beta of the Davis model: .20 1.3, .38 1.5, .14 .91"),
    OPT_INT(struct coupling_options, draws, 0, "draws", "N", 400, 1000000, "Monte-Carlo draws of its intervals"),
    OPT_INT(struct coupling_options, seed, 0, "seed", "N", 0, INT_MAX, "seed of the random numbers"),
    OPT_GROUP("Output"),
    OPT_OUTPUT(struct coupling_options, halves, 0, "halves", "TSV", "*.tsv",
               "with --cbf-half and --activity-half: the indices of each half, as runs odd and even, for nvc-group and nvc-reliability"),
    OPT_OUTPUT(struct coupling_options, output, 'o', "output", "TSV", "*.tsv", "the coupling table"),
    OPT_END
};

static const struct nvc_arg args_table[] = {
    { "GLM", "table of nvc-glm; without it, and without --rows, --cbf and --flow-series, standard input", "*.tsv", 0, 1 },
    { 0 }
};

static const struct nvc_output outputs[] = {
    { "coupling", "one row per region, contrast and index", nvc_coupling_columns },
    { NULL, NULL, NULL }
};

static const struct nvc_example examples[] = {
    { "nvc-coupling -c sub-01/func/*_desc-confounds_timeseries.tsv glm.tsv > coupling.tsv", "all indices of a run" },
    { "nvc-cbf -m bla.nii.gz --grey sub-01/perf/*_probseg.nii.gz --maps flow --halves sub-01/perf/*_asl.nii.gz > flow.tsv", "flow of the same person" },
    { "nvc-activity -m bla.nii.gz --maps rest sub-01/func/*_bold.nii.gz > rest.tsv", "and activity" },
    { "nvc-coupling --rows flow.tsv --rows rest.tsv > nvc.tsv", "flow against activity, region by region" },
    { "nvc-coupling -m bla.nii.gz --cbf flow_cbf.nii.gz --activity alff=rest_stat-alff_boldmap.nii.gz --activity reho=rest_stat-reho_boldmap.nii.gz "
      "--grey sub-01/perf/*_probseg.nii.gz --rows flow.tsv --rows rest.tsv --bids-name sub-01_task-rest > maps.tsv", "and across voxels" },
    { NULL, NULL }
};

static const char *const see_also[] = { "nvc-glm(1)", "nvc-cbf(1)", "nvc-activity(1)", "nvc-group(1)", "nvc-tables(5)", NULL };

int coupling_mark(struct nvc_marks *marks, const struct nvc_input_mark *mark, struct nvc_error *err)
{
    int status = nvc_grow(&marks->items, &marks->cap, marks->n + 1, sizeof *marks->items, err);
    if (!status)
        marks->items[marks->n++] = *mark;
    return status;
}

struct job {
    const struct coupling_options *o;
    struct nvc_coupling out, halves, rows, parcels;
    struct nvc_glm_table glm, flow;
    struct nvc_marks marks;
};

static int read_table(struct job *j, struct nvc_table *t, const char *path, struct nvc_error *err)
{
    int status = nvc_table_read(t, path, err);
    return status ? status : coupling_mark(&j->marks, &(struct nvc_input_mark){ path, t->crc32, t->bytes }, err);
}

static int read_rows(struct job *j, struct nvc_coupling *rows, const struct nvc_list *paths, struct nvc_error *err)
{
    int status = 0;
    for (size_t i = 0; i < paths->n && !status; i++) {
        struct nvc_table t = { 0 };
        if (!(status = read_table(j, &t, paths->items[i], err)))
            status = nvc_coupling_parse(rows, &t, err);
        nvc_table_release(&t);
    }
    return status;
}

static int read_glm(struct job *j, struct nvc_glm_table *glm, const char *path, char **name, struct nvc_error *err)
{
    struct nvc_table t = { 0 };
    int status = read_table(j, &t, path, err);
    if (!status && !(status = nvc_glm_parse(glm, &t, err)))
        status = (*name = nvc_strdup(t.path, err)) ? 0 : NVC_ESYS;
    nvc_table_release(&t);
    return status;
}

/* The rows of the estimates of a run, and those scaled by what --rows says of the vessels. */
static int of_glm(struct job *j, const char *path, struct nvc_error *err)
{
    double mean_fd_mm = NAN;
    struct nvc_table confounds = { 0 };
    char *name = NULL;
    int status = read_glm(j, &j->glm, path, &name, err);
    if (!status && j->o->confounds && !(status = read_table(j, &confounds, j->o->confounds, err)))
        status = nvc_mean_fd(&mean_fd_mm, &confounds, err);
    if (!status && (status = nvc_coupling_of_glm(&j->out, &j->glm, mean_fd_mm, err)))
        status = nvc_fail_in(err, "%s", name);
    if (!status)
        status = nvc_coupling_scaled(&j->out, j->out.n, &j->rows, err);
    nvc_table_release(&confounds);
    free(name);
    return status;
}

static int of_calibration(struct job *j, struct nvc_error *err)
{
    const struct nvc_davis *const models[] = { &nvc_davis_3t, &nvc_davis_classic, &nvc_davis_griffeth };
    struct nvc_response *bold = NULL, *flow = NULL;
    struct nvc_calibration k = { .co2 = j->o->co2, .davis = *models[j->o->davis], .n_draws = (size_t)j->o->draws, .seed = (uint64_t)j->o->seed };
    char *name = NULL;
    int status = read_glm(j, &j->flow, j->o->flow_glm, &name, err);
    if (!status && !(status = nvc_glm_responses(&bold, &k.n_bold, &j->glm, err)))
        status = nvc_glm_responses(&flow, &k.n_flow, &j->flow, err);
    k.bold = bold, k.flow = flow;
    if (!status && (status = nvc_coupling_calibrated(&j->out, &k, err)))
        status = nvc_fail_in(err, "%s", name);
    free(bold);
    free(flow);
    free(name);
    return status;
}

static int of_series(struct job *j, struct nvc_error *err)
{
    const char *const paths[] = { j->o->flow_series, j->o->bold_series };
    struct nvc_series s[2] = { { 0 }, { 0 } };
    int status = 0;
    for (int k = 0; k < 2 && !status; k++) {
        struct nvc_table t = { 0 };
        if (!(status = read_table(j, &t, paths[k], err)))
            status = nvc_series_parse(&s[k], &t, err);
        nvc_table_release(&t);
    }
    if (!status && (status = nvc_coupling_temporal(&j->out, &s[0], &s[1], j->o->max_lag_s, err)))
        status = nvc_fail_in(err, "%s", paths[0]);
    nvc_series_release(&s[0]);
    nvc_series_release(&s[1]);
    return status;
}

static int check(const struct coupling_options *o, bool glm, struct nvc_error *err)
{
    if ((o->cbf || o->activity.n) && !(o->cbf && o->activity.n && o->mask))
        return nvc_fail(err, NVC_EUSAGE, "a coupling of maps needs --cbf, --activity NAME=MAP and --mask");
    if (!o->cbf && (o->mask || o->grey || o->tsnr || o->parcels || o->cbf_half.n || o->activity_half.n || o->compat || o->imco_maps))
        return nvc_fail(err, NVC_EUSAGE, "--mask, --grey, --tsnr, --parcels, --cbf-half, --activity-half, --imco-maps and --compat go with --cbf");
    if (o->halves && !(o->cbf_half.n && o->activity_half.n))
        return nvc_fail(err, NVC_EUSAGE, "--halves goes with --cbf-half and --activity-half");
    if (nvc_output_apart(o->output, o->halves, "--halves", err))
        return NVC_EUSAGE;
    if (!o->flow_series != !o->bold_series)
        return nvc_fail(err, NVC_EUSAGE, "--flow-series and --bold-series go together");
    if (!o->flow_glm != !o->co2 || (o->flow_glm && !glm))
        return nvc_fail(err, NVC_EUSAGE, "a calibration needs GLM, --flow-glm and --co2");
    if (o->parcel_rows.n && !o->rows.n)
        return nvc_fail(err, NVC_EUSAGE, "--parcel-rows go with --rows of the region");
    if (o->confounds && !glm)
        return nvc_fail(err, NVC_EUSAGE, "--confounds go with GLM");
    return coupling_check_maps(o, err);
}

static int make(struct job *j, const char *glm, struct nvc_error *err)
{
    const struct coupling_options *o = j->o;
    int status = o->rows.n ? read_rows(j, &j->rows, &o->rows, err) : 0;
    if (!status && o->parcel_rows.n)
        status = read_rows(j, &j->parcels, &o->parcel_rows, err);
    if (!status && glm)
        status = of_glm(j, glm, err);
    if (!status && o->flow_glm)
        status = of_calibration(j, err);
    if (!status && o->flow_series)
        status = of_series(j, err);
    if (!status && o->cbf)
        status = coupling_maps(&j->out, &j->halves, o, &j->rows, &j->marks, err);
    else if (!status && o->rows.n)
        status = nvc_coupling_of_rows(&j->out, &j->rows, o->parcel_rows.n ? &j->parcels : NULL, err);
    if (!status && !j->out.n)
        status = nvc_fail(err, NVC_EDATA, "%s: no region has both flow (cbf) and activity, or a response to scale", o->rows.items[0]);
    return status;
}

static int put(const struct job *j, const char *path, const struct nvc_coupling *rows, struct nvc_error *err)
{
    struct nvc_sidecar sidecar = { .columns = nvc_coupling_columns, .inputs = j->marks.items, .n_inputs = j->marks.n };
    struct nvc_text text = { 0 };
    int status = nvc_coupling_write(&text, rows, true, err);
    status = status ? status : nvc_output(path, &text, &sidecar, err);
    nvc_text_release(&text);
    return status;
}

static int run(const void *options, char **args, int n_args, struct nvc_error *err)
{
    const struct coupling_options *o = options;
    const bool other = o->rows.n || o->cbf || o->flow_series;
    const char *glm = n_args ? args[0] : other ? NULL : "-";
    struct job j = { .o = o };
    int status = check(o, glm, err);
    if (status)
        return status;
    nvc_blas_single_thread();
    if (!(status = make(&j, glm, err)) && o->halves)
        status = put(&j, o->halves, &j.halves, err);
    if (!status)
        status = put(&j, o->output, &j.out, err);
    nvc_coupling_release(&j.out);
    nvc_coupling_release(&j.halves);
    nvc_coupling_release(&j.rows);
    nvc_coupling_release(&j.parcels);
    nvc_glm_table_release(&j.glm);
    nvc_glm_table_release(&j.flow);
    free(j.marks.items);
    return status;
}

static const struct nvc_cmd cmd = {
    .name = "nvc-coupling", .summary = "make coupling indices from responses, flow and activity", .description = coupling_description, .args = args_table,
    .opts = opts, .outputs = outputs, .sections = coupling_sections, .examples = examples, .references = coupling_references, .see_also = see_also,
    .defaults = &defaults, .size = sizeof defaults, .run = run,
};

int main(int argc, char **argv)
{
    return nvc_main(&cmd, argc, argv);
}
