/* Regional time series of one run, and the facts that travel with them. */
#ifndef NVC_MODEL_SERIES_H
#define NVC_MODEL_SERIES_H

#include <stdbool.h>
#include <stddef.h>

/* Who the data belong to; "n/a" where unknown.  Points into storage owned by the holder. */
struct nvc_identity {
    char participant_id[96], session[96], task[96], run[96], space[96];
};

/* The same of a half of the run: its run is called "odd", or "01-odd" of run 01. */
void nvc_identity_half(struct nvc_identity *who, const char *half);

/* One region of a series table: how it was extracted (nvc-tables(5), series). NaN: unknown. */
struct nvc_region_facts {
    char column[128]; /* "<region>_<side>" */
    char region[96], side[8], atlas[96], note[128];
    double n_vox_mask, n_vox, coverage, s0, tsnr, dropout, n_zero, n_nonfinite, n_constant;
    double n_negative; /* left out because their mean is not above 0; does not travel */
};

struct nvc_series {
    size_t n_volumes, n_regions;
    double *Y;                 /* column-major n_volumes x n_regions; NaN throughout an empty region */
    double *time_s;            /* start of each stored volume */
    double tr_s, start_time_s; /* start_time_s: StartTime of the sidecar, 0 when unknown */
    int slice_time_corrected;  /* 1, 0, or -1: unknown */
    struct nvc_identity who;
    char summary[24], signal_unit[24];
    struct nvc_region_facts *regions;
};
void nvc_series_release(struct nvc_series *s);

#endif
