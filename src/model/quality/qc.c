#include "model/quality/qc.h"

#include "base/memory.h"
#include "math/median.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

const char *const nvc_verdict_names[] = { "n/a", "pass", "flag", "fail", NULL };

/* Which voxels are used and which are not, and why. */
static void count(struct nvc_qc_row *row, const struct nvc_qc_run *run, const struct nvc_region *r, const size_t *at)
{
    double weight = 0, used = 0, signal = 0, sum = 0;
    for (size_t i = 0; i < r->n; i++) {
        const struct nvc_voxel *v = &run->voxels[at[i]];
        bool low = v->used && v->mean < run->limits->signal_share * run->brain_level;
        weight += r->weight[i];
        used += v->used ? r->weight[i] : 0;
        signal += v->used && !low ? r->weight[i] : 0;
        sum += v->used ? r->weight[i] * v->mean : 0;
        row->n_vox += v->used;
        row->n_zero += v->zero;
        row->n_nonfinite += v->nonfinite;
        row->n_constant += v->constant;
        row->n_negative += v->negative;
        row->n_outside += v->outside;
        row->n_low += low;
    }
    row->n_vox_mask = (double)r->n;
    row->volume_mm3 = weight * nvc_grid_voxel_mm3(&run->mask->grid);
    double grey = 0;
    for (size_t i = 0; i < r->n && run->grey; i++)
        grey += r->weight[i] * run->grey[r->index[i]];
    row->pgm = run->grey && weight > 0 ? grey / weight : NAN;
    row->coverage = weight > 0 ? used / weight : NAN;
    row->signal_coverage = weight > 0 ? signal / weight : NAN;
    row->s0 = used > 0 ? sum / used : NAN;
    row->dropout = row->s0 / run->brain_level;
}

static int noise(struct nvc_qc_row *row, const struct nvc_qc_run *run, const struct nvc_region *r, const size_t *at,
                 struct nvc_error *err)
{
    double *tsnr = nvc_array(r->n, sizeof *tsnr, err), *sd = tsnr ? nvc_array(r->n, sizeof *sd, err) : NULL, median;
    size_t n = 0, below_20 = 0, below_40 = 0;
    double sum = 0;
    for (size_t i = 0; sd && i < r->n; i++) {
        const struct nvc_voxel *v = &run->voxels[at[i]];
        if (!v->used || !isfinite(v->tsnr))
            continue;
        below_20 += v->tsnr < 20;
        below_40 += v->tsnr < 40;
        sum += v->tsnr;
        sd[n] = v->sd;
        tsnr[n++] = v->tsnr;
    }
    if (sd && n) {
        row->tsnr_mean = sum / (double)n;
        row->tsnr_median = nvc_median(tsnr, n);
        row->tsnr_below_20 = (double)below_20 / (double)n;
        row->tsnr_below_40 = (double)below_40 / (double)n;
        double limit = 3 * nvc_mad(sd, n, &median) + median;
        row->n_sd_outlier = 0;
        for (size_t i = 0; i < r->n; i++)
            row->n_sd_outlier += run->voxels[at[i]].used && run->voxels[at[i]].sd > limit;
    }
    free(tsnr);
    int status = sd ? 0 : (int)err->status;
    free(sd);
    return status;
}

static enum nvc_verdict below(double value, double flag, double fail)
{
    return isnan(value) ? NVC_VERDICT_NA : value < fail ? NVC_VERDICT_FAIL : value < flag ? NVC_VERDICT_FLAG : NVC_VERDICT_PASS;
}

static enum nvc_verdict above(double value, double flag, double fail)
{
    return isnan(value) ? NVC_VERDICT_NA : value > fail ? NVC_VERDICT_FAIL : value > flag ? NVC_VERDICT_FLAG : NVC_VERDICT_PASS;
}

/* Asked for and unknown is no pass. */
static enum nvc_verdict positive(const struct nvc_qc_positive *p, const struct nvc_qc_limits *l)
{
    const bool good = (!p->of_task || p->z >= l->positive_z) && (!p->of_flow || (p->grey_flow >= l->grey_flow_low && p->grey_flow <= l->grey_flow_high));
    return !p->of_task && !p->of_flow ? NVC_VERDICT_NA : good ? NVC_VERDICT_PASS : NVC_VERDICT_FLAG;
}

void nvc_qc_judge(struct nvc_qc_row *row, const struct nvc_qc_limits *l, bool with_design)
{
    row->v_coverage = below(row->signal_coverage, l->coverage_flag, l->coverage_fail);
    if (isnan(row->signal_coverage)) /* a region without a voxel */
        row->v_coverage = NVC_VERDICT_FAIL;
    row->v_tsnr = below(row->tsnr_median, l->tsnr_flag, l->tsnr_fail);
    row->v_dropout = below(row->dropout, l->dropout_flag, l->dropout_fail);
    row->v_motion = above(row->motion.fd_mean_mm, l->fd_flag_mm, l->fd_fail_mm);
    if (row->v_motion == NVC_VERDICT_PASS && row->motion.fd_share > l->fd_share_flag)
        row->v_motion = NVC_VERDICT_FLAG;
    row->v_task_motion = above(fabs(row->motion.task_r), l->task_r_flag, INFINITY);
    row->v_vein = with_design ? above(row->vein_t, l->vein_t_flag, INFINITY) : above(fabs(row->vein_r), l->vein_r_flag, INFINITY);
    row->v_positive = positive(&row->positive, l);
    const enum nvc_verdict all[] = { row->v_coverage, row->v_tsnr, row->v_dropout, row->v_motion, row->v_task_motion, row->v_vein, row->v_positive };
    row->verdict = NVC_VERDICT_NA;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i] > row->verdict)
            row->verdict = all[i];
}

int nvc_qc_region(struct nvc_qc_row *row, const struct nvc_qc_run *run, size_t r, size_t vein, struct nvc_error *err)
{
    const struct nvc_region *region = &run->mask->regions[r];
    struct nvc_qc_row fresh = { .motion = row->motion, .positive = row->positive, .dvars_pct = row->dvars_pct, .lag_s = NAN, .lag_se_s = NAN,
                                .lag_r = NAN, .vein_lag_s = NAN, .vein_lag_se_s = NAN, .tsnr_mean = NAN, .tsnr_median = NAN,
                                .tsnr_below_20 = NAN, .tsnr_below_40 = NAN, .n_sd_outlier = NAN, .effect_pct = NAN, .effect_se = NAN,
                                .n_vein = NAN, .vein_distance_mm = NAN, .vein_effect_pct = NAN, .vein_ratio = NAN, .vein_t = NAN,
                                .vein_r = NAN, .slope_pct_mm = NAN, .slope_t = NAN, .trim_pct = { NAN, NAN, NAN },
                                .effect_partial_pct = NAN, .effect_partial_se = NAN };
    size_t *at = nvc_array(region->n, sizeof *at, err);
    if (!at)
        return (int)err->status;
    *row = fresh;
    nvc_extract_rows(run->x, region, at);
    count(row, run, region, at);
    int status = noise(row, run, region, at, err);
    free(at);
    if (!status)
        status = nvc_qc_vein(row, run, r, vein, err);
    nvc_qc_judge(row, run->limits, run->model != NULL);
    return status;
}
