/* Shared by the files of shape.h only. */
#ifndef NVC_MODEL_SHAPE_INTERNAL_H
#define NVC_MODEL_SHAPE_INTERNAL_H

#include "model/response/shape.h"
#include "model/glm/whitener.h"

#include <stdbool.h>

enum {
    NVC_SHAPE_TTP = 33, NVC_SHAPE_FWHM = 41, NVC_SHAPE_GRID = NVC_SHAPE_TTP * NVC_SHAPE_FWHM, /* point (i, j) is i + TTP j */
    NVC_SHAPE_TENTS = 12,
    NVC_SHAPE_SUPPORT = 36, NVC_SHAPE_PER_S = 20, /* s of response kept, samples per s of its running integral */
    NVC_SHAPE_SAMPLES = NVC_SHAPE_SUPPORT * NVC_SHAPE_PER_S + 1,
    NVC_SHAPE_RANK = 64, NVC_SHAPE_WIDE = NVC_SHAPE_RANK + NVC_SHAPE_TENTS
};

/* A response enters a design through its running integral, linearly; the integrals of all members lie within 1e-7 of a
 * space of some 40 dimensions, in which everything that a design does is done once. */
struct nvc_shape_family {
    size_t rank, n_functions;  /* functions: an orthonormal basis of the integrals, then those of the tents */
    double function[NVC_SHAPE_SAMPLES][NVC_SHAPE_WIDE];
    double lobe[NVC_SHAPE_GRID][NVC_SHAPE_RANK], under[NVC_SHAPE_TTP][NVC_SHAPE_RANK]; /* coordinates */
    double lobe_integral[NVC_SHAPE_GRID][NVC_SHAPE_SAMPLES], under_integral[NVC_SHAPE_TTP][NVC_SHAPE_SAMPLES];
};

struct nvc_shape {
    const struct nvc_shape_family *family;
    size_t n;
    double event_duration_s;
    struct nvc_whitener whitener;
    double *basis;         /* n x rank: the basis of the family, whitened, nuisance taken out */
    double *gram;          /* rank x rank: products of its columns */
    double *lobe2, *cross, *under2; /* products of the columns of lobes and undershoots; lobe2 0 outside the family */
    double *tent;          /* n x TENTS, orthonormal beside the nuisance */
    size_t n_tents;
};

double nvc_shape_ttp(size_t i);
double nvc_shape_fwhm(size_t j);
bool nvc_shape_member(size_t i, size_t j);
bool nvc_shape_inside(const struct nvc_shape_fit *fit); /* not at an end of the grid */
/* Responses of functions given by their running integrals to all events, at the frame times: X, n x n_functions. */
int nvc_shape_columns(const double (*integral)[NVC_SHAPE_WIDE], size_t n_functions, const struct nvc_shape_problem *p, double *X,
                      struct nvc_error *err) NVC_CHECKED;
/* Highest point of the response of (lobe - share under) to one event. */
double nvc_shape_event_peak(const double *lobe_integral, const double *under_integral, double share, double duration_s);

struct nvc_shape_surface { /* of one series over the grid */
    double gain[NVC_SHAPE_GRID];  /* fall of the residual sum of squares; -1 outside the family */
    double amplitude[NVC_SHAPE_GRID], share[NVC_SHAPE_GRID], norm2[NVC_SHAPE_GRID]; /* A, u, |lobe - u under|^2 */
};
struct nvc_shape_work { /* of one fit */
    struct nvc_shape_surface surface;
    double along[NVC_SHAPE_RANK]; /* products of the basis with z */
    double *z, *x, *u;            /* n each: the cleaned series, the fitted column of A = 1, the undershoot's */
    double zz, gain, norm2;
};
double nvc_shape_gain(const struct nvc_shape_surface *f, long i, long j); /* -1 outside */
/* Vertex of a parabola through (-1, a), (0, b), (1, c), within half a step; *top its height. */
double nvc_shape_vertex(double a, double b, double c, double *top);
/* Bilinear mean of four rows: columns of the grid and their integrals are linear in the lobes. */
void nvc_shape_blend(const double *here, const double *across, const double *up, const double *both, double wi, double wj, size_t n, double *out);
struct nvc_shape_member {         /* the best of one shape: lobe - u under, times A */
    double amplitude, share, norm2, gain;
};
/* Least squares in A and A u, u clamped; xx, xu, uu: products of lobe and undershoot, b, c: with the series. */
struct nvc_shape_member nvc_shape_solve(double xx, double xu, double uu, double b, double c);
extern const double nvc_shape_largest_share;
/* Best member of the family for w->z: amplitude, parameters, height and curve of the fit. */
void nvc_shape_locate(const struct nvc_shape *s, struct nvc_shape_work *w, struct nvc_shape_fit *fit);
/* What the data do not rule out: members whose residual sum of squares, at the best amplitude, is at most a limit. */
struct nvc_shape_candidates {
    size_t n;                                     /* shapes that were looked at */
    struct nvc_interval height, undershoot, undershoot_s; /* their range */
    bool no_undershoot, full_undershoot;          /* among them: none; the largest of the family */
};
/* i, j: profile intervals of ttp and fwhm in steps of the grid; NaN: to its end.  band: NULL, or widened to hold them all at any
 * height that is possible. */
void nvc_shape_gather(const struct nvc_shape *s, const struct nvc_shape_work *w, double most, struct nvc_interval i, struct nvc_interval j,
                      struct nvc_shape_band *band, struct nvc_shape_candidates *c);
/* Profile intervals of a located fit; band: NULL or filled. */
void nvc_shape_intervals(const struct nvc_shape *s, const struct nvc_shape_work *w, struct nvc_shape_fit *fit, struct nvc_shape_band *band);

/* Indices of one replicate, and the intervals that replicates give (draws: replicates x NVC_DRAWS, reordered; which: a bit for each).
 * The undershoot of the family ends at none and at its largest share, where replicates pile up: it keeps its profile. */
enum { NVC_DRAWS = 7 }; /* ttp, fwhm, height, onset, undershoot, its time, area */
enum { NVC_DRAWS_ALL = 0x7f, NVC_DRAWS_SHAPE = 0x4f, NVC_DRAWS_NO_PROFILE = 0x48 };
void nvc_shape_draw(const struct nvc_curve_shape *curve, double height, double *draw);
void nvc_shape_use_draws(double *draws, size_t replicates, unsigned which, struct nvc_shape_fit *fit, double *work);
int nvc_shape_resample(const struct nvc_shape *s, const struct nvc_shape_work *w, const struct nvc_shape_bootstrap *how,
                       struct nvc_shape_fit *fit, struct nvc_error *err) NVC_CHECKED;

#endif
