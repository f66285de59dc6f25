#include "cmd/shared/run_input.h"

#include "cli/belongs.h"

#include "base/memory.h"
#include "model/design/design.h"
#include "table/coupling.h"
#include "table/events.h"
#include "table/series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void run_input_release(struct run_input *r)
{
    held_image_release(&r->held);
    nvc_series_release(&r->series);
    nvc_confounds_release(&r->confounds);
    free(r->keep);
    free(r->X);
}

static void mark(struct run_input *r, const char *path, const struct nvc_table *t)
{
    if (r->n_marks < RUN_INPUT_MARKS)
        r->marks[r->n_marks++] = (struct nvc_input_mark){ path, t->crc32, t->bytes };
}

int run_input_table(struct run_input *r, struct nvc_table *t, const char *path, struct nvc_error *err)
{
    int status = nvc_table_read(t, path, err);
    if (!status)
        mark(r, path, t);
    return status;
}

static int read_run(struct run_input *r, const struct run_input_options *o, const char *path, struct nvc_error *err)
{
    struct nvc_stream *stream = NULL;
    struct nvc_table t = { 0 };
    int status = bold_tell_kind(&stream, &r->image, path, err);
    if (!status && r->image != (o->maps != NULL))
        status = r->image ? nvc_fail(err, NVC_EUSAGE, "the run is an image: give --maps, or the series of its regions (nvc-extract)")
                          : nvc_fail(err, NVC_EUSAGE, "--maps is for an image, the run is a table");
    if (!status && r->image)
        status = held_image_try_output(o->maps, err);
    r->held.bold.orientation = (enum nvc_orientation)o->orientation;
    if (!status && r->image) {
        if (!(status = held_image_open(&r->held, path, stream, o->tr, o->brain_mask, r->marks, &r->n_marks, err)) &&
            !(status = bold_identify(&r->held.bold, NULL, &r->series, err)))
            status = held_image_read(&r->held, r->marks, &r->n_marks, err);
        r->n = r->series.n_volumes = r->held.block.n_volumes;
        r->n_series = r->held.block.n_voxels;
        r->series.tr_s = r->held.bold.tr_s;
        return status;
    }
    if (!status)
        status = stream ? nvc_table_read_stream(&t, stream, false, err) : nvc_table_read(&t, path, err);
    if (!status) {
        mark(r, path, &t);
        status = nvc_series_parse(&r->series, &t, err);
    }
    r->n = r->series.n_volumes, r->n_series = r->series.n_regions;
    nvc_table_release(&t);
    nvc_stream_close(stream);
    return status;
}

static int read_confounds(struct run_input *r, const struct run_input_options *o, struct nvc_error *err)
{
    static const char *const usual[] = { "6p" };
    const struct nvc_list otherwise = { usual, 1 };
    struct nvc_table t = { 0 };
    r->mean_fd_mm = NAN;
    if (!o->confound_table)
        return o->confounds.n ? nvc_fail(err, NVC_EUSAGE, "--confounds goes with --confound-table (-c)") : 0;
    nvc_warn_of_other_run(o->confound_table, &(struct nvc_run_of){ r->series.who.participant_id, r->series.who.session, r->series.who.task, r->series.who.run });
    int status = run_input_table(r, &t, o->confound_table, err);
    if (!status && !(status = nvc_confounds_parse(&r->confounds, &t, o->confounds.n ? &o->confounds : &otherwise, r->n, 0, err)) &&
        nvc_table_column(&t, "framewise_displacement") >= 0)
        status = nvc_mean_fd(&r->mean_fd_mm, &t, err);
    nvc_table_release(&t);
    if (status || !r->confounds.n_censor)
        return status;
    if (!(r->keep = nvc_array(r->n, sizeof *r->keep, err)))
        return NVC_ESYS;
    memset(r->keep, true, r->n * sizeof *r->keep);
    for (size_t i = 0; i < r->confounds.n_censor; i++)
        r->keep[r->confounds.censor[i]] = false;
    return 0;
}

static int make_nuisance(struct run_input *r, int trend, struct nvc_error *err)
{
    const size_t n = r->n, m = (size_t)trend + 1 + r->confounds.n_cols + r->confounds.n_censor;
    if (m + 10 > n)
        return nvc_fail(err, NVC_EDATA, "%zu volumes for %zu columns of trend, confounds and censored volumes: take fewer", n, m);
    if (!(r->X = nvc_array(n * m, sizeof *r->X, err)))
        return NVC_ESYS;
    for (int d = 0; d <= trend; d++, r->m++)
        for (size_t t = 0; t < n; t++)
            r->X[t + n * r->m] = pow(2 * (double)t / ((double)n - 1) - 1, d);
    if (r->confounds.n_cols)
        memcpy(r->X + n * r->m, r->confounds.C, n * r->confounds.n_cols * sizeof *r->X);
    r->m += r->confounds.n_cols;
    for (size_t i = 0; i < r->confounds.n_censor; i++)
        r->X[r->confounds.censor[i] + n * r->m++] = 1;
    return 0;
}

int run_input_read(struct run_input *r, const struct run_input_options *o, const char *path, struct nvc_error *err)
{
    struct nvc_design_spec spec;
    int bin, status = read_run(r, o, path, err);
    nvc_design_defaults(&spec);
    spec.n_volumes = r->n, spec.tr_s = r->series.tr_s;
    spec.slice_time_corrected = r->series.slice_time_corrected, spec.start_time_s = r->series.start_time_s;
    if (!status && (status = nvc_frame_offset(&spec, &r->offset_s, &bin, err)))
        status = nvc_fail_in(err, "%s", path);
    if (!status)
        status = read_confounds(r, o, err);
    return status ? status : make_nuisance(r, o->trend, err);
}

static double value_at(const struct run_input *r, size_t v, size_t t)
{
    return r->image ? (double)r->held.block.Y[t + r->n * v] : r->series.Y[t + r->n * v];
}

/* What makes percent of the values of a series; NaN: no signal. */
static double percent_of(const struct run_input *r, size_t v)
{
    double sum = 0, kept = 0;
    for (size_t t = 0; t < r->n; t++)
        if (!r->keep || r->keep[t])
            sum += value_at(r, v, t), kept++;
    return sum > 0 ? 100 * kept / sum : NAN;
}

void run_input_percent(const struct run_input *r, size_t v, double *y)
{
    const double percent = percent_of(r, v);
    for (size_t t = 0; t < r->n; t++)
        y[t] = value_at(r, v, t) * percent - 100;
}

static void load(const void *with, size_t first, size_t count, double *Y)
{
    const struct run_input *r = with;
    for (size_t v = 0; v < count; v++) {
        const double percent = percent_of(r, first + v);
        for (size_t t = 0; t < r->n; t++)
            Y[t * NVC_LANES + v] = value_at(r, first + v, t) * percent - 100;
    }
}

struct nvc_glm_source run_input_source(const struct run_input *r) { return (struct nvc_glm_source){ load, r }; }

int run_input_map(const struct run_input *r, const char *prefix, const char *name, const float *value, const char *help, const char *unit,
                  struct nvc_error *err)
{
    const struct held_map map = { value, 0, 1, help, unit };
    char *path = nvc_sprintf(err, "%s_stat-%s_boldmap.nii.gz", prefix, name);
    int status = path ? held_image_write(&r->held, path, &map, r->marks, r->n_marks, err) : NVC_ESYS;
    free(path);
    return status;
}

int run_input_region(const struct nvc_series *s, const char *name, size_t *region, struct nvc_error *err)
{
    const char **names = nvc_array(s->n_regions, sizeof *names, err);
    int status = names ? 0 : NVC_ESYS;
    *region = s->n_regions;
    for (size_t i = 0; i < s->n_regions && !status; i++) {
        names[i] = s->regions[i].column;
        if (!strcmp(names[i], name))
            *region = i;
    }
    if (!status && *region == s->n_regions) {
        const char *near = nvc_near_miss(name, names, s->n_regions);
        status = nvc_fail(err, NVC_EDATA, "no region '%s' in the series%s%s%s", name, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    }
    free(names);
    return status;
}
