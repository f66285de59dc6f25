/* Head motion of a run, and how far it goes with the task. */
#ifndef NVC_MODEL_MOTION_H
#define NVC_MODEL_MOTION_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

enum { NVC_MOTION_PARAMETERS = 6 };
extern const char *const nvc_motion_names[]; /* trans_x ... rot_z, as fMRIPrep; ends with NULL */

/* Framewise displacement in mm (Power 2012, doi:10.1016/j.neuroimage.2011.10.018): sum of |difference| of three translations
 * (mm) and three rotations (rad) on a sphere of 50 mm; 0 for the first volume.  P: n x 6, column-major. */
void nvc_framewise_displacement(const double *P, size_t n, double *fd_mm);

struct nvc_motion {
    double fd_mean_mm, fd_max_mm, fd_share; /* share of volumes above limit_mm */
    double task_r;                          /* see nvc_motion_task */
    const char *task_parameter;             /* which parameter had it; NULL: none */
};
/* Mean, maximum and share above limit_mm of fd[n]; NaN are left out (none left: NaN). */
void nvc_motion_summarise(struct nvc_motion *m, const double *fd_mm, size_t n, double limit_mm);

/* The largest absolute correlation of a task regressor x[n] with a motion parameter, both without what the m columns of
 * nuisance N (n x m: constant, drift) explain; its sign is kept.  NaN when nothing varies. */
int nvc_motion_task(struct nvc_motion *out, const double *P, const double *x, size_t n, const double *N, size_t m,
                    struct nvc_error *err) NVC_CHECKED;

#endif
