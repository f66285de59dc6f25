#include "cmd/qc/scan.h"

#include "base/memory.h"
#include "cli/message.h"
#include "math/median.h"

#include <math.h>
#include <stdlib.h>

void qc_scan_release(struct qc_scan *s)
{
    nvc_nifti_close(s->image);
    nvc_extract_free(s->extract);
    nvc_mask_release(&s->mask);
    nvc_mean_image_release(&s->mean);
    nvc_tsnr_release(&s->tsnr);
    free(s->brain);
    free(s->voxels);
    free(s->tsnr_map);
    free(s->brain_signal);
}

/* Without a brain mask the brain is what lies above the clip level of the first retained volume. */
static int find_brain(struct qc_scan *s, const float *volume, struct nvc_error *err)
{
    size_t n = nvc_grid_voxels(&s->mask.grid), good = 0;
    double *copy = nvc_array(n, sizeof *copy, err);
    if (copy)
        s->brain = nvc_array(n, sizeof *s->brain, err);
    for (size_t v = 0; s->brain && v < n; v++)
        if (isfinite(volume[v]))
            copy[good++] = (double)volume[v];
    double clip = s->brain ? nvc_clip_level(copy, good) : 0;
    for (size_t v = 0; s->brain && v < n; v++)
        s->brain[v] = (double)volume[v] > clip;
    free(copy);
    return s->brain ? 0 : (int)err->status;
}

struct buffers {
    float *volume, *brain; /* a whole volume; the brain's voxels of it */
    size_t *place;         /* of each brain voxel */
    double *values;        /* of the regions' voxels */
    size_t n_brain, n_values;
};

static int start(struct qc_scan *s, struct buffers *b, size_t n_volumes, struct nvc_error *err)
{
    size_t n = nvc_grid_voxels(&s->mask.grid);
    int status = s->brain ? 0 : find_brain(s, b->volume, err);
    for (size_t v = 0; !status && v < n; v++)
        b->n_brain += s->brain[v];
    if (!status && !b->n_brain)
        return nvc_fail(err, NVC_EDATA, s->brain_given ? "%s: the brain mask has no voxel" : "%s: no voxel has a signal in the first volume that "
                        "counts: is it a run?", s->path);
    if (!status && (!(b->place = nvc_array(b->n_brain, sizeof *b->place, err)) || !(b->brain = nvc_array(b->n_brain, sizeof *b->brain, err))))
        status = (int)err->status;
    for (size_t v = 0, k = 0; !status && v < n; v++)
        if (s->brain[v])
            b->place[k++] = v;
    return status ? status : nvc_tsnr_init(&s->tsnr, b->n_brain, n_volumes - s->n_dummy, err);
}

static double mean_of(const float *values, size_t n)
{
    double sum = 0, good = 0;
    for (size_t k = 0; k < n; k++)
        if (isfinite(values[k]))
            sum += (double)values[k], good++;
    return sum / good;
}

static int read_volumes(struct qc_scan *s, struct buffers *b, bool picture, struct nvc_error *err)
{
    size_t n = nvc_grid_voxels(&s->mask.grid), n_volumes = nvc_nifti_header(s->image)->n_volumes;
    const size_t *index = nvc_extract_index(s->extract, &b->n_values);
    struct nvc_progress progress;
    int status = 0;
    if (!(s->brain_signal = nvc_array(n_volumes, sizeof *s->brain_signal, err)) ||
        !(b->volume = nvc_array(n, sizeof *b->volume, err)) ||
        !(b->values = nvc_array(b->n_values, sizeof *b->values, err)))
        return (int)err->status;
    nvc_progress_start(&progress, "volumes", n_volumes);
    for (size_t t = 0; !status && t < n_volumes; t++) {
        const void *bytes;
        if ((status = nvc_nifti_next_raw(s->image, &bytes, err)))
            break;
        nvc_nifti_decode(s->image, bytes, index, b->n_values, b->values);
        /* Once the brain is known, only the slices from its first to its last voxel matter. */
        size_t from = b->n_brain && !picture ? b->place[0] : 0, to = b->n_brain && !picture ? b->place[b->n_brain - 1] + 1 : n;
        nvc_nifti_decode_float(s->image, bytes, from, to - from, b->volume + from);
        status = nvc_extract_add(s->extract, b->values, err);
        if (!status && t == s->n_dummy)
            status = start(s, b, n_volumes, err);
        if (!status && picture && nvc_mean_image_wants(t, n_volumes)) {
            nvc_mean_image_add(&s->mean, 0, n, b->volume);
            s->mean.n_volumes++;
        }
        for (size_t k = 0; !status && t >= s->n_dummy && k < b->n_brain; k++)
            b->brain[k] = b->volume[b->place[k]];
        if (!status && t >= s->n_dummy) {
            s->brain_signal[t - s->n_dummy] = mean_of(b->brain, b->n_brain);
            nvc_tsnr_add(&s->tsnr, b->brain);
        }
        nvc_progress_step(&progress, t + 1);
    }
    nvc_progress_end(&progress);
    return status;
}

/* tSNR of every voxel, the brain's level, and DVARS in percent of it. */
static int conclude(struct qc_scan *s, const struct buffers *b, struct nvc_error *err)
{
    size_t n = nvc_grid_voxels(&s->mask.grid), good = 0, n_change = 0;
    double *means = nvc_array(b->n_brain > s->tsnr.n_volumes ? b->n_brain : s->tsnr.n_volumes, sizeof *means, err);
    if (means)
        s->tsnr_map = nvc_array(n, sizeof *s->tsnr_map, err);
    for (size_t v = 0; s->tsnr_map && v < n; v++)
        s->tsnr_map[v] = NAN;
    for (size_t k = 0; s->tsnr_map && k < b->n_brain; k++) {
        double mean, sd;
        nvc_tsnr_result(&s->tsnr, k, &mean, &sd);
        if (sd > 0)
            s->tsnr_map[b->place[k]] = (float)(mean / sd);
        if (isfinite(mean))
            means[good++] = mean;
    }
    s->brain_level = s->tsnr_map ? nvc_median(means, good) : NAN;
    for (size_t t = 0; s->tsnr_map && t < s->tsnr.seen; t++)
        if (isfinite(s->tsnr.change[t]))
            means[n_change++] = sqrt(s->tsnr.change[t]);
    s->dvars_pct = s->tsnr_map ? 100 * nvc_median(means, n_change) / s->brain_level : NAN;
    free(means);
    return s->tsnr_map ? 0 : (int)err->status;
}

int qc_scan_run(struct qc_scan *s, bool picture, struct nvc_error *err)
{
    struct buffers b = { 0 };
    struct nvc_extract_opts opts = { .n_dummy = s->n_dummy, .brain = s->brain_given ? s->brain : NULL };
    const char *warning;
    size_t n_volumes = nvc_nifti_header(s->image)->n_volumes;
    if (n_volumes < s->n_dummy + 4)
        return nvc_fail(err, NVC_EDATA, "%s: %zu volumes; want at least 4 after %zu dummy scans", s->path, n_volumes, s->n_dummy);
    int status = nvc_extract_new(&s->extract, &s->mask, &opts, err);
    if (!status && picture)
        status = nvc_mean_image_init(&s->mean, nvc_grid_voxels(&s->mask.grid), err);
    if (!status)
        status = read_volumes(s, &b, picture, err);
    if (!status)
        status = nvc_nifti_finish(s->image, &warning, err);
    if (!status && *warning)
        nvc_warn("%s: %s", s->path, warning);
    if (!status)
        status = nvc_extract_judge(s->extract, &s->voxels, err);
    if (!status)
        status = conclude(s, &b, err);
    free(b.volume);
    free(b.brain);
    free(b.place);
    free(b.values);
    return status;
}
