/* Can the numbers of a region be believed?  Signal, noise, motion and vein of one run, each with a verdict.
 *
 * Signal: coverage by the used-voxel rule (model/region/extract.h), and signal_coverage, which also asks a voxel to have at least
 * `signal_share` of the brain's median signal: real dropout leaves little signal, seldom none.
 * Noise: tSNR of each used voxel after quadratic detrending; voxels whose temporal sd exceeds median + 3 MAD of the region.
 * Vein (with a vein region): effects in percent of the mean, from a GLM with ARMA(1,1) noise, of the region, of its vein
 * voxels, of vein - ratio * region (one series: its error holds their covariance), of the slope of the effect against the
 * distance to the nearest vein voxel (the least-squares slope is a weighted sum of voxels, so again one series), and of the
 * region trimmed by 2, 4 and 6 mm from its medial-dorsal side, and of the region with the vein's series as a further
 * column of the model (a sensitivity only: what the vein shares with the task goes with it); and the correlation of region and vein without what the
 * nuisance columns explain.
 * Lag (with the brain's signal): how much later the region is than the brain, and the vein than the region (model/quality/lag.h).
 * Positive control: what must be there in everybody, an effect where the task must show and a flow of grey matter like others'. */
#ifndef NVC_MODEL_QC_H
#define NVC_MODEL_QC_H

#include "model/region/extract.h"
#include "model/quality/motion.h"
#include "model/region/roi.h"

enum nvc_verdict { NVC_VERDICT_NA, NVC_VERDICT_PASS, NVC_VERDICT_FLAG, NVC_VERDICT_FAIL };
extern const char *const nvc_verdict_names[]; /* "n/a", "pass", "flag", "fail"; ends with NULL */

struct nvc_qc_limits {
    double coverage_flag, coverage_fail; /* signal_coverage below */
    double signal_share;                 /* of the brain's median signal */
    double tsnr_flag, tsnr_fail;         /* median tSNR below */
    double dropout_flag, dropout_fail;   /* dropout below */
    double fd_flag_mm, fd_fail_mm;       /* mean FD above */
    double fd_limit_mm, fd_share_flag;   /* share of volumes with FD above fd_limit_mm above fd_share_flag */
    double task_r_flag;                  /* |correlation| of task and motion above */
    double vein_ratio_flag;              /* vein effect above this multiple of the region's, ... */
    double vein_t_flag;                  /* ... at this t */
    double vein_r_flag;                  /* without a design: |correlation| of region and vein above */
    double positive_z;                   /* z of the positive control below */
    double grey_flow_low, grey_flow_high; /* flow of grey matter outside */
};
#define NVC_QC_DEFAULT_LIMITS { .coverage_flag = 0.9, .coverage_fail = 0.5, .signal_share = 0.3, .tsnr_flag = 40, .tsnr_fail = 20, \
    .dropout_flag = 0.5, .dropout_fail = 0.3, .fd_flag_mm = 0.25, .fd_fail_mm = 0.55, .fd_limit_mm = 0.5, .fd_share_flag = 0.2, \
    .task_r_flag = 0.4, .vein_ratio_flag = 1.25, .vein_t_flag = 1.645, .vein_r_flag = 0.5, .positive_z = 3.1, .grey_flow_low = 40, .grey_flow_high = 80 }

struct nvc_qc_model {      /* rows are the retained volumes; NULL members: no design */
    size_t n, m;
    const double *X;       /* n x m, full rank */
    const double *weights; /* m: the effect asked for */
    const bool *nuisance;  /* m: columns that are no task */
};

enum { NVC_QC_TRIMS = 3 }; /* 2, 4, 6 mm */

/* What must be there in everybody, before a region is looked at; NaN where it was asked for and could not be had. */
struct nvc_qc_positive {
    bool of_task, of_flow; /* asked for */
    double z, grey_flow;   /* z of the effect in a region that must answer; mL/100 g/min */
};

struct nvc_qc_row {
    double n_vox_mask, n_vox, coverage, signal_coverage, n_zero, n_nonfinite, n_constant, n_negative, n_outside, n_low;
    double volume_mm3, pgm; /* of the region: sum of its weights; mean probability of grey matter, NaN: no map */
    double s0, dropout, tsnr_mean, tsnr_median, tsnr_below_20, tsnr_below_40, n_sd_outlier;
    struct nvc_motion motion;
    struct nvc_qc_positive positive;
    double lag_s, lag_se_s, lag_r, vein_lag_s, vein_lag_se_s;
    double dvars_pct;      /* root mean square change between volumes over the brain, % of its median signal; median over volumes */
    double effect_pct, effect_se, n_vein, vein_distance_mm, vein_effect_pct, vein_ratio, vein_t, vein_r, slope_pct_mm, slope_t;
    double trim_pct[NVC_QC_TRIMS], effect_partial_pct, effect_partial_se;
    enum nvc_verdict v_coverage, v_tsnr, v_dropout, v_motion, v_task_motion, v_vein, v_positive, verdict; /* verdict: the worst */
};

struct nvc_qc_run {
    const struct nvc_extract *x;
    const struct nvc_mask *mask;     /* of x: regions, and one vein region a side where there is one */
    const struct nvc_voxel *voxels;  /* of nvc_extract_judge */
    size_t n_dummy;
    double brain_level;              /* NaN: unknown */
    const struct nvc_qc_model *model; /* NULL: none */
    const struct nvc_qc_limits *limits;
    const double *grey;              /* probability of grey matter, one per grid voxel; NULL: none */
    const double *brain_signal;      /* of each retained volume; NULL: no lags */
    double tr_s, lag_most_s;
};

/* Fill row for region r of the mask.  vein: index of the vein region of its side in the mask, or SIZE_MAX.  motion,
 * positive and dvars_pct are the caller's to set before; verdicts come last.  NVC_ESYS, NVC_EDATA. */
int nvc_qc_region(struct nvc_qc_row *row, const struct nvc_qc_run *run, size_t r, size_t vein, struct nvc_error *err) NVC_CHECKED;

/* The vein part, called by nvc_qc_region; and the verdicts. */
int nvc_qc_vein(struct nvc_qc_row *row, const struct nvc_qc_run *run, size_t r, size_t vein, struct nvc_error *err) NVC_CHECKED;
void nvc_qc_judge(struct nvc_qc_row *row, const struct nvc_qc_limits *limits, bool with_design);

#endif
