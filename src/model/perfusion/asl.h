/* A perfusion run: which volumes make which differences, and what they say about flow, voxel by voxel or for a region.
 *
 * Differences control - label are summed as the volumes pass; only they are held, float32, for the voxels that are looked at: at
 * most half of the run.  Flow of a region is fitted to the region's own differences, so that its error is that of the repetitions. */
#ifndef NVC_MODEL_ASL_H
#define NVC_MODEL_ASL_H

#include "base/grid.h"
#include "base/status.h"
#include "model/perfusion/perfusion.h"
#include "model/region/partial_volume.h"

#include <stdbool.h>
#include <stddef.h>

enum nvc_asl_volume { NVC_VOL_OTHER, NVC_VOL_CONTROL, NVC_VOL_LABEL, NVC_VOL_M0, NVC_VOL_DELTAM, NVC_VOL_CBF };
enum { NVC_ASL_DELAYS = 64 }; /* at most so many different delays */

struct nvc_asl_pair {
    size_t control, label;     /* volumes; the same twice: deltam or cbf */
    size_t delay;              /* which of the delays */
    double label_s;            /* how long was labelled; NaN: the same every time */
};

struct nvc_asl_plan {
    size_t n_volumes, n_pairs, n_delays, n_m0, n_single; /* n_single: control or label volumes without a partner */
    bool quantified;           /* the volumes are flow already (cbf) */
    enum nvc_asl_volume *type; /* per volume */
    struct nvc_asl_pair *pairs;
    size_t *pair_of;           /* per volume, n_pairs: none */
    double delay_s[NVC_ASL_DELAYS]; /* ascending */
    double label_s[NVC_ASL_DELAYS]; /* of each; NaN: the same every time, or (one delay) that of the pair */
};
/* The k-th control volume of a delay goes with the k-th label volume of that delay; pairs stand in the order of time.
 * volume_delay_s[n]: PLD (PASL: TI) of every volume.  volume_label_s[n]: labelling duration, NULL when it does not vary; of several
 * delays, one delay after another labelling counts as another delay.  NVC_EDATA: no pair, more than NVC_ASL_DELAYS delays, cbf among others. */
int nvc_asl_plan_init(struct nvc_asl_plan *p, const enum nvc_asl_volume *type, const double *volume_delay_s, const double *volume_label_s,
                      size_t n, struct nvc_error *err) NVC_CHECKED;
void nvc_asl_plan_release(struct nvc_asl_plan *p);

struct nvc_asl_scan {
    const struct nvc_asl_plan *plan; /* borrowed */
    size_t n_voxels;
    float *D;                  /* n_pairs x n_voxels, pairs fastest */
    double *m0;                /* mean of the M0 volumes, after nvc_asl_scan_end; the caller may set it; NULL when quantified */
    double *control;           /* mean of the control volumes */
    size_t n_m0, n_control;
};
int nvc_asl_scan_init(struct nvc_asl_scan *s, const struct nvc_asl_plan *plan, size_t n_voxels, struct nvc_error *err) NVC_CHECKED;
void nvc_asl_scan_release(struct nvc_asl_scan *s);
/* Volume t of the run at the voxels: values[n_voxels]. */
void nvc_asl_scan_add(struct nvc_asl_scan *s, size_t t, const double *values);
void nvc_asl_scan_end(struct nvc_asl_scan *s);

enum nvc_cbf_method { NVC_CBF_SINGLE, NVC_CBF_WEIGHTED, NVC_CBF_KINETIC };
enum nvc_asl_part { NVC_ASL_ALL, NVC_ASL_ODD, NVC_ASL_EVEN }; /* of the repetitions of each delay: split halves */

struct nvc_cbf_how {
    struct nvc_asl asl;
    enum nvc_cbf_method method;
    bool robust;               /* nvc_robust_mean over repetitions, else the mean */
};

struct nvc_cbf_value {
    double cbf, cbf_se, dof;   /* dof: repetitions - 1, robust 0.7 of it; kinetic: delays - 2 */
    double arrival_s, arrival_se_s;
    double used;               /* share of the differences that count */
    bool at_bound;
};
/* Flow of the weighted mean of voxels[n] (weights NULL: equal), whose slices are slice_s later than the first (NULL: none).  Voxels
 * whose M0 or differences are not positive and finite are left out; none left: NaN.  One delay: mean of the flow of the
 * repetitions; many: the fit to the mean of each delay.  work: 4 n_pairs doubles. */
struct nvc_cbf_value nvc_asl_flow(const struct nvc_asl_scan *s, const struct nvc_cbf_how *how, const size_t *voxels, const double *weights,
                                  const double *slice_s, size_t n, enum nvc_asl_part part, double *work);
/* The same for every voxel by itself; arrays of n_voxels, each may be NULL.  slice_s: one per voxel or NULL. */
struct nvc_cbf_maps { float *cbf, *se, *arrival, *odd, *even; };
int nvc_asl_map(const struct nvc_asl_scan *s, const struct nvc_cbf_how *how, const double *slice_s, const struct nvc_cbf_maps *maps,
                struct nvc_error *err) NVC_CHECKED;
/* The same scan as if its voxels held grey matter alone (model/region/partial_volume.h): differences by grey and white matter, M0 also by
 * csf; of a scan without an M0 image (m0_image false) M0 stays.  index: grid voxel of each voxel, at: and back, -1.  Voxels without an
 * estimate are NaN.  out is the caller's to release. */
int nvc_asl_grey_scan(struct nvc_asl_scan *out, const struct nvc_asl_scan *s, const struct nvc_tissue *t, const struct nvc_grid *g,
                      const size_t *index, const long *at, bool m0_image, struct nvc_error *err) NVC_CHECKED;
/* Can a flow be given for this voxel? */
bool nvc_asl_usable(const struct nvc_asl_scan *s, size_t voxel);

#endif
