/* Shared by the files of shape.h only. */
#ifndef NVC_MODEL_SHAPE_INTERNAL_H
#define NVC_MODEL_SHAPE_INTERNAL_H

#include "model/shape.h"

#include <stdbool.h>

enum {
    NVC_SHAPE_TTP = 33, NVC_SHAPE_FWHM = 41, NVC_SHAPE_GRID = NVC_SHAPE_TTP * NVC_SHAPE_FWHM, /* point (i, j) is i + TTP j */
    NVC_SHAPE_TENTS = 12,
    NVC_SHAPE_SUPPORT = 36, NVC_SHAPE_PER_S = 20, /* s of response kept, samples per s of its running integral */
    NVC_SHAPE_SAMPLES = NVC_SHAPE_SUPPORT * NVC_SHAPE_PER_S + 1,
    NVC_SHAPE_RANK = 64
};

/* A response enters a design through its running integral, linearly; the integrals of all members lie within 1e-7 of a
 * space of some 40 dimensions, in which everything that a design does is done once. */
struct nvc_shape_family {
    size_t rank, n_functions;  /* functions: an orthonormal basis of the integrals, then those of the tents */
    double function[NVC_SHAPE_SAMPLES][NVC_SHAPE_RANK + NVC_SHAPE_TENTS];
    double lobe[NVC_SHAPE_GRID][NVC_SHAPE_RANK], under[NVC_SHAPE_TTP][NVC_SHAPE_RANK]; /* coordinates */
    double lobe_integral[NVC_SHAPE_GRID][NVC_SHAPE_SAMPLES], under_integral[NVC_SHAPE_TTP][NVC_SHAPE_SAMPLES];
};

struct nvc_shape {
    const struct nvc_shape_family *family;
    size_t n, n_nuisance;
    double event_duration_s, ar;
    double *nuisance;      /* whitened, orthonormal, n x n_nuisance */
    double *basis;         /* n x rank: the basis of the family, whitened, nuisance taken out */
    double *lobe2, *cross, *under2; /* products of the columns of lobes and undershoots; lobe2 0 outside the family */
    double *tent;          /* n x TENTS, orthonormal beside the nuisance */
    size_t n_tents;
};

double nvc_shape_ttp(size_t i);
double nvc_shape_fwhm(size_t j);
bool nvc_shape_member(size_t i, size_t j);
/* Whiten, and take the nuisance out of one series. */
void nvc_shape_clean(const struct nvc_shape *s, const double *y, double *out);
/* Highest point of the response of (lobe - share under) to one event. */
double nvc_shape_event_peak(const double *lobe_integral, const double *under_integral, double share, double duration_s);

#endif
