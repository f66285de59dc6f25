#include "base/memory.h"
#include "cli/message.h"
#include "cmd/cbf/job.h"
#include "cmd/shared/map_file.h"
#include "io/bids.h"
#include "model/region/brain.h"

#include <math.h>
#include <nifti1.h>
#include <stdlib.h>

struct series { /* the two images that are written while the run is read; either may be missing */
    struct nvc_asl_series s;
    struct nvc_nifti_writer *flow, *bold;
    float *volume, *made[2];
};

static int open_series(struct series *x, const struct cbf_job *j, struct nvc_error *err)
{
    const struct nvc_grid *g = &nvc_nifti_header(j->run.image)->grid;
    const size_t n = nvc_grid_voxels(g);
    if (!j->o->flow_series && !j->o->bold_series)
        return 0;
    if (!(j->run.tr_s > 0))
        return nvc_fail(err, NVC_EDATA, "%s: no RepetitionTimePreparation, and the header knows no repetition time: a series needs one", j->run.path);
    int status = nvc_asl_series_init(&x->s, &j->protocol.plan, n, err);
    if (status)
        return nvc_fail_in(err, "%s", j->run.path);
    const struct nvc_nifti_spec spec = { .grid = *g, .n_volumes = x->s.n_volumes, .tr_s = j->run.tr_s, .datatype = DT_FLOAT32 };
    if (!(x->volume = nvc_array(n, sizeof *x->volume, err)) || !(x->made[0] = nvc_array(n, sizeof **x->made, err)) ||
        !(x->made[1] = nvc_array(n, sizeof **x->made, err)))
        return NVC_ESYS;
    if (j->o->flow_series)
        status = nvc_nifti_create(&x->flow, j->o->flow_series, &spec, err);
    if (!status && j->o->bold_series)
        status = nvc_nifti_create(&x->bold, j->o->bold_series, &spec, err);
    return status;
}

static int put_series(struct series *x, size_t t, const float *values, struct nvc_error *err)
{
    if (!nvc_asl_series_add(&x->s, t, values, x->made[0], x->made[1]))
        return 0;
    int status = x->flow ? nvc_nifti_put(x->flow, x->made[0], err) : 0;
    return !status && x->bold ? nvc_nifti_put(x->bold, x->made[1], err) : status;
}

/* Commit what was written when all went well. */
static int close_series(struct series *x, const struct cbf_job *j, int status, struct nvc_error *err)
{
    struct nvc_nifti_writer *const writers[] = { x->flow, x->bold };
    const char *const paths[] = { j->o->flow_series, j->o->bold_series };
    static const char *const what[] = { "control minus label by surround subtraction, in units of the image", "surround average" };
    if (!status && x->volume)
        status = put_series(x, 0, NULL, err);
    for (int k = 0; k < 2; k++) {
        if (writers[k] && status)
            nvc_nifti_abandon(writers[k]);
        else if (writers[k] && !(status = nvc_nifti_commit(writers[k], err))) {
            json_t *more = json_pack("{s:s, s:f}", "Description", what[k], "RepetitionTime", j->run.tr_s);
            status = nvc_sidecar_write(paths[k], &(struct nvc_sidecar){ .inputs = j->marks, .n_inputs = j->n_marks, .more = more }, err);
            json_decref(more);
        }
    }
    nvc_asl_series_release(&x->s);
    free(x->volume);
    free(x->made[0]);
    free(x->made[1]);
    return status;
}

static int take_volume(struct cbf_job *j, struct series *x, size_t t, double *values, struct nvc_error *err)
{
    const size_t n = nvc_grid_voxels(&nvc_nifti_header(j->run.image)->grid);
    const void *bytes;
    int status = nvc_nifti_next_raw(j->run.image, &bytes, err);
    if (status)
        return status;
    if (j->scan.D) {
        nvc_nifti_decode(j->run.image, bytes, j->index, j->n_voxels, values);
        nvc_asl_scan_add(&j->scan, t, values);
    }
    if (!x->volume)
        return 0;
    nvc_nifti_decode_float(j->run.image, bytes, 0, n, x->volume);
    return put_series(x, t, x->volume, err);
}

int cbf_scan(struct cbf_job *j, struct nvc_error *err)
{
    const struct nvc_nifti_header *h = nvc_nifti_header(j->run.image);
    const bool quantify = j->o->mask || j->o->maps || j->o->grey;
    struct series x = { 0 };
    struct nvc_progress progress;
    double *values = nvc_array(j->n_voxels, sizeof *values, err);
    int status = values ? open_series(&x, j, err) : NVC_ESYS;
    if (!status && quantify)
        status = nvc_asl_scan_init(&j->scan, &j->protocol.plan, j->n_voxels, err);
    nvc_progress_start(&progress, "volumes", h->n_volumes);
    for (size_t t = 0; t < h->n_volumes && !status; t++) {
        status = take_volume(j, &x, t, values, err);
        nvc_progress_step(&progress, t + 1);
    }
    nvc_progress_end(&progress);
    if (!status && !(status = bold_finish(&j->run, err)))
        j->marks[j->n_marks++] = bold_mark(&j->run);
    status = close_series(&x, j, status, err);
    if (!status && quantify)
        nvc_asl_scan_end(&j->scan);
    free(values);
    return status;
}

static int read_separate(struct cbf_job *j, struct nvc_error *err)
{
    double *volume = NULL;
    json_t *meta = NULL;
    int status = map_read(&volume, j->m0_path, j->run.orientation, &nvc_nifti_header(j->run.image)->grid, "the run", &j->marks[j->n_marks++],
                          err);
    for (size_t v = 0; v < j->n_voxels && !status; v++)
        j->scan.m0[v] = volume[j->index[v]];
    if (!status && isnan(j->o->m0_tr_s) && !(status = nvc_bids_sidecar(&meta, j->m0_path, err)))
        status = nvc_asl_m0_repetition(&j->protocol.m0_tr_s, meta, j->m0_path, err);
    json_decref(meta);
    free(volume);
    return status;
}

/* Outside a given brain mask nothing is looked at; without one, what lies below the clip level of M0 is no brain, or of the control
 * volumes when M0 is a number. */
static int leave_out_air(struct cbf_job *j, struct nvc_error *err)
{
    const double *image = j->protocol.m0 == NVC_M0_ESTIMATE ? j->scan.control : j->scan.m0;
    double *copy = nvc_array(j->n_voxels, sizeof *copy, err);
    size_t n = 0;
    if (!copy)
        return NVC_ESYS;
    for (size_t v = 0; v < j->n_voxels; v++)
        if (isfinite(image[v]))
            copy[n++] = image[v];
    const double level = nvc_clip_level(copy, n);
    for (size_t v = 0; v < j->n_voxels; v++)
        if (!(image[v] > level))
            j->scan.m0[v] = NAN;
    free(copy);
    return 0;
}

int cbf_m0(struct cbf_job *j, struct nvc_error *err)
{
    const double long_s = 5; /* from here on M0 has all but recovered: Alsop et al. 2015 */
    int status = 0;
    if (!j->scan.m0)
        return 0;
    for (size_t v = 0; v < j->n_voxels; v++)
        if (j->protocol.m0 == NVC_M0_CONTROL)
            j->scan.m0[v] = j->scan.control[v];
        else if (j->protocol.m0 == NVC_M0_ESTIMATE)
            j->scan.m0[v] = j->protocol.m0_estimate;
    if (j->protocol.m0 == NVC_M0_SEPARATE)
        status = read_separate(j, err);
    const double tr_s = j->protocol.m0_tr_s;
    if (!status && isnan(tr_s) && j->protocol.m0 != NVC_M0_ESTIMATE)
        return nvc_fail(err, NVC_EDATA, "%s: the repetition time of M0 is unknown, so is how far it recovered; give --m0-tr SECONDS (%g or more: "
                        "all the way)", j->m0_path ? j->m0_path : j->run.path, long_s);
    const double recovery = tr_s < long_s && j->protocol.m0 != NVC_M0_ESTIMATE ? nvc_asl_equilibrium(&j->how.asl, 1, tr_s) : 1;
    for (size_t v = 0; v < j->n_voxels; v++)
        j->scan.m0[v] *= recovery * j->o->m0_scale;
    return status || j->brain || (j->protocol.m0 == NVC_M0_ESTIMATE && !j->protocol.shows_brain) ? status : leave_out_air(j, err);
}
