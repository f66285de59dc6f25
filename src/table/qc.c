#include "table/qc.h"

#include "io/tsv.h"

#include <stddef.h>

const struct nvc_column nvc_qc_columns[] = {
    { "participant_id", NULL, "participant, with sub-" },
    { "session", NULL, "session without ses-" },
    { "task", NULL, "task" },
    { "run", NULL, "run" },
    { "space", NULL, "space of the image" },
    { "atlas", NULL, "where the region comes from" },
    { "region", NULL, "region" },
    { "side", NULL, "L, R, B (both) or n/a" },
    { "n_vox_mask", NULL, "voxels of the region" },
    { "n_vox", NULL, "of them used: finite, not constant, mean above 0, inside the brain mask" },
    { "coverage", NULL, "weight of the used voxels over the weight of all" },
    { "signal_coverage", NULL, "the same, counting only voxels with enough of the brain's median signal" },
    { "n_zero", NULL, "voxels lost because they are 0 throughout" },
    { "n_nonfinite", NULL, "voxels lost because of a value that is not finite" },
    { "n_constant", NULL, "voxels lost because they do not vary" },
    { "n_negative", NULL, "voxels lost because their mean is not above 0" },
    { "n_outside", NULL, "voxels lost because they lie outside the brain mask" },
    { "n_low", NULL, "used voxels without enough signal" },
    { "volume_mm3", "mm3", "volume of the region: the sum of its weights" },
    { "pgm", NULL, "mean probability of grey matter (--grey) over the region, by its weights" },
    { "s0", "signal", "weighted mean signal of the used voxels" },
    { "dropout", NULL, "s0 over the median of the brain's mean signal" },
    { "tsnr_mean", NULL, "mean over voxels of mean over sd after quadratic detrending" },
    { "tsnr_median", NULL, "median of the same" },
    { "tsnr_below_20", NULL, "share of voxels below 20" },
    { "tsnr_below_40", NULL, "share of voxels below 40" },
    { "n_sd_outlier", NULL, "voxels with a temporal sd above median + 3 MAD of the region" },
    { "fd_mean_mm", "mm", "mean framewise displacement" },
    { "fd_max_mm", "mm", "largest framewise displacement" },
    { "fd_share", NULL, "share of volumes with a framewise displacement above --fd-limit" },
    { "dvars_pct", "%", "median over volumes of the root mean square change of the brain from one volume to the next, of its median signal" },
    { "task_motion_r", NULL, "largest correlation of the task with a motion parameter, drift removed from both" },
    { "positive_z", NULL, "z of the positive control (--positive)" },
    { "grey_flow", "mL/100 g/min", "flow of grey matter (--flow-rows)" },
    { "lag_s", "s", "how much later the region is than the signal of the brain, 0.01 to 0.1 Hz; n/a at the end of the range or where they share no more than by chance" },
    { "lag_se_s", "s", "its standard error" },
    { "lag_r", NULL, "correlation with the signal of the brain at that lag" },
    { "effect_pct", "%", "effect of the contrast on the region, percent of its signal per unit of the regressor" },
    { "effect_se", "%", "standard error of effect_pct" },
    { "n_vein", NULL, "vein voxels of the side" },
    { "vein_distance_mm", "mm", "from the region to the nearest of them" },
    { "vein_effect_pct", "%", "effect of the contrast on the vein voxels" },
    { "vein_ratio", NULL, "vein_effect_pct over effect_pct; n/a when effect_pct is within 2 of its errors of 0" },
    { "vein_t", NULL, "the smaller of two t: vein_effect_pct, and what it exceeds --vein-ratio times effect_pct by" },
    { "vein_r", NULL, "correlation of region and vein without what confounds and drift explain" },
    { "vein_lag_s", "s", "how much later the vein is than the region" },
    { "vein_lag_se_s", "s", "its standard error" },
    { "slope_pct_mm", "%/mm", "slope of the effect of a voxel against its distance from the vein" },
    { "slope_t", NULL, "t of that slope" },
    { "effect_trim_2mm", "%", "effect_pct of the region trimmed by 2 mm from its medial-dorsal side" },
    { "effect_trim_4mm", "%", "the same for 4 mm" },
    { "effect_trim_6mm", "%", "the same for 6 mm" },
    { "effect_partial_pct", "%", "effect_pct with the series of the vein in the model: a sensitivity, never the result" },
    { "effect_partial_se", "%", "its standard error" },
    { "verdict_coverage", NULL, "pass, flag, fail or n/a: signal_coverage" },
    { "verdict_tsnr", NULL, "the same for tsnr_median" },
    { "verdict_dropout", NULL, "the same for dropout" },
    { "verdict_motion", NULL, "the same for fd_mean_mm and fd_share" },
    { "verdict_task_motion", NULL, "the same for task_motion_r" },
    { "verdict_vein", NULL, "the same for vein_t, or without a design for vein_r" },
    { "verdict_positive", NULL, "the same for positive_z and grey_flow, of the whole run: flag or pass" },
    { "verdict", NULL, "the worst of them" },
    { "note", NULL, "words joined by ;" },
    { NULL, NULL, NULL },
};

/* Numbers and verdicts of a row, in the order of the columns after `side`. */
#define AT(F) offsetof(struct nvc_qc_row, F)
static const size_t numbers[] = {
    AT(n_vox_mask), AT(n_vox), AT(coverage), AT(signal_coverage), AT(n_zero), AT(n_nonfinite), AT(n_constant), AT(n_negative),
    AT(n_outside), AT(n_low), AT(volume_mm3), AT(pgm), AT(s0), AT(dropout), AT(tsnr_mean), AT(tsnr_median), AT(tsnr_below_20), AT(tsnr_below_40), AT(n_sd_outlier),
    AT(motion.fd_mean_mm), AT(motion.fd_max_mm), AT(motion.fd_share), AT(dvars_pct), AT(motion.task_r), AT(positive.z), AT(positive.grey_flow),
    AT(lag_s), AT(lag_se_s), AT(lag_r), AT(effect_pct), AT(effect_se),
    AT(n_vein), AT(vein_distance_mm), AT(vein_effect_pct), AT(vein_ratio), AT(vein_t), AT(vein_r), AT(vein_lag_s), AT(vein_lag_se_s), AT(slope_pct_mm), AT(slope_t),
    AT(trim_pct[0]), AT(trim_pct[1]), AT(trim_pct[2]), AT(effect_partial_pct), AT(effect_partial_se),
}, verdicts[] = { AT(v_coverage), AT(v_tsnr), AT(v_dropout), AT(v_motion), AT(v_task_motion), AT(v_vein), AT(v_positive), AT(verdict) };
#define COUNT(A) (sizeof(A) / sizeof *(A))
_Static_assert(COUNT(nvc_qc_columns) == 8 + COUNT(numbers) + COUNT(verdicts) + 2, "a field for every column");

int nvc_qc_write_header(struct nvc_text *out, struct nvc_error *err)
{
    return nvc_tsv_header(out, nvc_qc_columns, err);
}

int nvc_qc_write_row(struct nvc_text *out, const struct nvc_identity *who, const struct nvc_region *region,
                     const struct nvc_qc_row *row, const char *note, struct nvc_error *err)
{
    const char *const names[] = { who->participant_id, who->session, who->task, who->run, who->space, region->atlas, region->region, region->side };
    int status = 0;
    for (size_t i = 0; !status && i < COUNT(names); i++)
        status = nvc_tsv_cell(out, names[i], false, err);
    for (size_t i = 0; !status && i < COUNT(numbers); i++)
        status = nvc_tsv_real(out, *(const double *)(const void *)((const char *)row + numbers[i]), false, err);
    for (size_t i = 0; !status && i < COUNT(verdicts); i++)
        status = nvc_tsv_cell(out, nvc_verdict_names[*(const enum nvc_verdict *)(const void *)((const char *)row + verdicts[i])], false, err);
    return status ? status : nvc_tsv_cell(out, note, true, err);
}

int nvc_qc_append(struct nvc_text *out, const struct nvc_table *t, struct nvc_error *err)
{
    int status = 0;
    for (size_t i = 0; !status && i < t->n_rows; i++)
        for (size_t k = 0; !status && nvc_qc_columns[k].name; k++) {
            long at = nvc_table_column(t, nvc_qc_columns[k].name);
            status = nvc_tsv_cell(out, at < 0 ? "n/a" : nvc_table_cell(t, i, (size_t)at), !nvc_qc_columns[k + 1].name, err);
        }
    return status;
}
