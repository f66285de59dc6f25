/* Several runs of one person: one model of all, or the precision-weighted mean of their estimates. */
#ifndef NVC_MODEL_RUNS_H
#define NVC_MODEL_RUNS_H

#include "base/status.h"
#include "model/design/design.h"
#include "model/region/series.h"

#include <math.h>
#include <stddef.h>

/* One design of n runs, rows run after run: task columns of one name are one column, every other column stands for
 * its own run, called NAME_runK (K from 1) and 0 elsewhere.  Heights and durations of events are kept where the runs
 * agree.  run_start[n] are the first rows.  NVC_EDATA: repetition times differ, or a design does not know the
 * roles of its columns. */
int nvc_design_join(struct nvc_design *out, const struct nvc_design *designs, size_t n, size_t *run_start,
                    struct nvc_error *err) NVC_CHECKED;

/* The series to it: retained volumes of each run, each region scaled to the mean s0 of its runs (as it is where an s0
 * is unknown).  n_vox, coverage and tsnr are the least.  NVC_EDATA: the runs have other regions. */
int nvc_series_join(struct nvc_series *out, const struct nvc_series *series, const struct nvc_design *designs, size_t n,
                    struct nvc_error *err) NVC_CHECKED;

/* Precision-weighted mean of estimates: effect = sum w e / sum w, w = 1/variance; variance 1 / sum w; degrees of freedom
 * (sum w)^2 / sum(w^2/dof) (Satterthwaite 1946, doi:10.2307/3002019).  Start from zero; estimates without a variance
 * are left out. */
struct nvc_fixed {
    double weight, weighted, square;
};
static inline void nvc_fixed_add(struct nvc_fixed *f, double effect, double variance, double dof)
{
    if (!(variance > 0) || !(dof > 0))
        return;
    f->weight += 1 / variance;
    f->weighted += effect / variance;
    f->square += 1 / (variance * variance * dof);
}
/* NaN when nothing was added. */
static inline double nvc_fixed_effect(const struct nvc_fixed *f) { return f->weighted / f->weight; }
static inline double nvc_fixed_variance(const struct nvc_fixed *f) { return f->weight > 0 ? 1 / f->weight : NAN; }
static inline double nvc_fixed_dof(const struct nvc_fixed *f) { return f->weight * f->weight / f->square; }

/* What two runs share, "n/a" for what differs. */
void nvc_identity_join(struct nvc_identity *who, const struct nvc_identity *other);

#endif
