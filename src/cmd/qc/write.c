#include "base/memory.h"
#include "cli/cmd.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cmd/qc/work.h"
#include "model/quality/lag.h"
#include "plot/mask_plot.h"
#include "table/qc.h"

#include <math.h>
#include <nifti1.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int qc_write_table(struct qc_work *j, struct nvc_error *err)
{
    struct nvc_text text = { 0 };
    struct nvc_identity who;
    struct nvc_sidecar sidecar = { .columns = nvc_qc_columns, .inputs = j->marks, .n_inputs = j->n_marks };
    memcpy(who.participant_id, j->name.participant_id, sizeof who.participant_id);
    memcpy(who.session, j->name.session, sizeof who.session);
    memcpy(who.task, j->name.task, sizeof who.task);
    memcpy(who.run, j->name.run, sizeof who.run);
    memcpy(who.space, j->name.space, sizeof who.space);
    int status = nvc_qc_write_header(&text, err);
    for (size_t r = 0; !status && r < j->scan.n_regions; r++)
        status = nvc_qc_write_row(&text, &who, &j->scan.mask.regions[r], &j->rows[r], j->note, err);
    if (!status)
        status = nvc_output(j->o->output, &text, &sidecar, err);
    nvc_text_release(&text);
    return status;
}

static int write_map(const struct qc_work *j, const char *path, const char *what, const float *values, struct nvc_error *err)
{
    struct nvc_nifti_writer *w;
    const struct nvc_nifti_spec spec = { .grid = j->scan.mask.grid, .n_volumes = 1, .tr_s = NAN, .datatype = DT_FLOAT32, .slope = 1, .descrip = what };
    int status = nvc_nifti_create(&w, path, &spec, err);
    if (status)
        return status;
    if ((status = nvc_nifti_put(w, values, err))) {
        nvc_nifti_abandon(w);
        return status;
    }
    status = nvc_nifti_commit(w, err);
    return status ? status : nvc_sidecar_write(path, &(struct nvc_sidecar){ .inputs = j->marks, .n_inputs = j->n_marks }, err);
}

/* Each voxel that was held, those of the regions and of the boxes of the vein, against the brain. */
static int write_lags(const struct qc_work *j, struct nvc_error *err)
{
    const struct qc_scan *s = &j->scan;
    const size_t n_grid = nvc_grid_voxels(&s->mask.grid), n = nvc_nifti_header(s->image)->n_volumes - s->n_dummy;
    struct nvc_lag_finder *f = NULL;
    size_t n_held, all, stride;
    const size_t *held = nvc_extract_index(s->extract, &n_held);
    float *map = nvc_array(n_grid, sizeof *map, err);
    double *y = nvc_array(n, sizeof *y, err);
    int status = map && y ? nvc_lag_finder_new(&f, s->brain_signal, n, nvc_nifti_header(s->image)->tr_s, j->o->max_lag_s, err) : NVC_ESYS;
    if (status == NVC_EDATA)
        (void)nvc_fail_in(err, "%s: --lag-map", s->path);
    for (size_t v = 0; v < n_grid && !status; v++)
        map[v] = NAN;
    for (size_t v = 0; v < n_held && !status; v++) {
        const double *values = nvc_extract_values(s->extract, v, &all, &stride);
        struct nvc_lag lag;
        for (size_t t = 0; t < n; t++)
            y[t] = values[(t + s->n_dummy) * stride];
        if (s->voxels[v].used && !(status = nvc_lag_find(f, y, &lag, err)))
            map[held[v]] = (float)lag.lag_s;
    }
    if (!status)
        status = write_map(j, j->o->lag_map, "lag behind the brain, s", map, err);
    nvc_lag_finder_free(f);
    free(map);
    free(y);
    return status;
}

int qc_write_maps(const struct qc_work *j, struct nvc_error *err)
{
    int status = j->o->lag_map ? write_lags(j, err) : 0;
    return !status && j->o->tsnr_map ? write_map(j, j->o->tsnr_map, "temporal SNR", j->scan.tsnr_map, err) : status;
}

static int caption(struct nvc_text *out, const struct nvc_qc_row *row, struct nvc_error *err)
{
    int status = nvc_text_printf(out, err, "%s\n%.0f of %.0f voxels\ncoverage %.2f\ntSNR %.0f\nsignal / brain %.2f", nvc_verdict_names[row->verdict],
                                 row->n_vox, row->n_vox_mask, row->signal_coverage, row->tsnr_median, row->dropout);
    if (!status && row->n_vein > 0 && !isnan(row->vein_t))
        status = nvc_text_printf(out, err, "\nvein t %.1f: %s", row->vein_t, nvc_verdict_names[row->v_vein]);
    if (!status && row->v_positive != NVC_VERDICT_NA)
        status = nvc_text_printf(out, err, "\npositive control: %s", nvc_verdict_names[row->v_positive]);
    if (!status && !isnan(row->motion.fd_mean_mm))
        status = nvc_text_printf(out, err, "\nmean FD %.2f mm", row->motion.fd_mean_mm);
    return status;
}

int qc_draw(struct qc_work *j, enum nvc_picture kind, struct nvc_error *err)
{
    struct qc_scan *s = &j->scan;
    size_t n = nvc_grid_voxels(&s->mask.grid);
    float *mean = nvc_array(n, sizeof *mean, err);
    struct nvc_text *texts = mean ? nvc_array(s->n_regions, sizeof *texts, err) : NULL, picture = { 0 };
    const char **captions = texts ? nvc_array(s->n_regions, sizeof *captions, err) : NULL;
    char title[320];
    int status = captions ? 0 : (int)err->status;
    (void)snprintf(title, sizeof title, "%s   %s   %s", j->name.participant_id, j->name.task, s->mask.regions[0].atlas);
    for (size_t v = 0; !status && v < n; v++)
        mean[v] = (float)(s->mean.sum[v] / (double)s->mean.n_volumes);
    for (size_t r = 0; !status && r < s->n_regions; r++) {
        status = caption(&texts[r], &j->rows[r], err);
        captions[r] = texts[r].data;
    }
    struct nvc_mask_picture p = { &s->mask, s->n_regions, mean, s->tsnr_map, s->brain_level, title, captions };
    if (!status)
        status = nvc_mask_plot(&picture, kind, &p, err);
    if (!status)
        status = nvc_output(j->o->figure, &picture, NULL, err);
    for (size_t r = 0; texts && r < s->n_regions; r++)
        nvc_text_release(&texts[r]);
    nvc_text_release(&picture);
    free(texts);
    free(captions);
    free(mean);
    return status;
}

void qc_say(const struct qc_work *j)
{
    const struct nvc_qc_positive *p = &j->positive;
    const struct nvc_qc_limits *l = &j->o->limits;
    if (p->of_task && !(p->z >= l->positive_z))
        nvc_warn("%s: the positive control has z %.2f, %g is wanted: what must answer does not, so no region of this run can be read", j->scan.path, p->z,
                 l->positive_z);
    if (p->of_flow && !(p->grey_flow >= l->grey_flow_low && p->grey_flow <= l->grey_flow_high))
        nvc_warn("%s: flow of grey matter is %.3g mL/100 g/min, %g to %g is wanted: see to it before a region is read", j->o->flow_rows, p->grey_flow,
                 l->grey_flow_low, l->grey_flow_high);
    for (size_t r = 0; r < j->scan.n_regions; r++) {
        const struct nvc_qc_row *row = &j->rows[r];
        nvc_note("%s: %s (coverage %s, tSNR %s, dropout %s, motion %s, task motion %s, vein %s, positive control %s)", j->scan.mask.regions[r].column,
                 nvc_verdict_names[row->verdict], nvc_verdict_names[row->v_coverage], nvc_verdict_names[row->v_tsnr],
                 nvc_verdict_names[row->v_dropout], nvc_verdict_names[row->v_motion], nvc_verdict_names[row->v_task_motion],
                 nvc_verdict_names[row->v_vein], nvc_verdict_names[row->v_positive]);
    }
    if (j->scan.n_regions > 8 && j->o->figure)
        nvc_note("the figure shows the first 8 of %zu regions", j->scan.n_regions);
}
