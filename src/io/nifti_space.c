#include <config.h>
#include "io/nifti_private.h"

#include <math.h>
#include <nifti2_io.h>
#include <string.h>

static double millimetres_per_unit(int xyzt_units)
{
    switch (XYZT_TO_SPACE(xyzt_units)) {
    case NIFTI_UNITS_METER: return 1000;
    case NIFTI_UNITS_MICRON: return 0.001;
    default: return 1;
    }
}

static bool is_finite(const double M[3][4])
{
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 4; c++)
            if (!isfinite(M[r][c]))
                return false;
    return true;
}

static void axis_lengths(const double M[3][4], double mm[3])
{
    for (int c = 0; c < 3; c++)
        mm[c] = sqrt(M[0][c] * M[0][c] + M[1][c] * M[1][c] + M[2][c] * M[2][c]);
}

/* Axes that lie (nearly) in one plane, or are not numbers, place no voxel anywhere. */
static int check_axes(const char *which, const double M[3][4], struct nvc_error *err)
{
    double mm[3];
    struct nvc_grid g = { .dim = { 1, 1, 1 } };
    memcpy(g.to_mm, M, sizeof g.to_mm);
    if (!is_finite(M))
        return nvc_fail(err, NVC_EDATA, "the %s holds values that are not finite", which);
    axis_lengths(M, mm);
    double box = mm[0] * mm[1] * mm[2];
    if (!isfinite(box) || !(box > 0) || !(nvc_grid_voxel_mm3(&g) > 1e-6 * box))
        return nvc_fail(err, NVC_EDATA, "the %s is singular: its axes are %g, %g and %g mm long and span no volume", which,
                        mm[0], mm[1], mm[2]);
    return 0;
}

static int check_sizes(const struct nvc_nifti_fields *f, struct nvc_error *err)
{
    for (int i = 1; i <= 3; i++)
        if (!isfinite(f->pixdim[i]) || f->pixdim[i] <= 0)
            return nvc_fail(err, NVC_EDATA, "pixdim[%d] is %g, where the size of a voxel (> 0) is wanted", i, f->pixdim[i]);
    return 0;
}

static void read_sform(const struct nvc_nifti_fields *f, double mm, double M[3][4])
{
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 4; c++)
            M[r][c] = f->srow[r][c] * mm;
}

static int read_qform(const struct nvc_nifti_fields *f, double mm, double M[3][4], struct nvc_error *err)
{
    int status = check_sizes(f, err);
    if (status)
        return nvc_fail_in(err, "the qform cannot be used");
    nifti_dmat44 q = nifti_quatern_to_dmat44(f->quatern[0], f->quatern[1], f->quatern[2], f->qoffset[0], f->qoffset[1],
                                             f->qoffset[2], f->pixdim[1], f->pixdim[2], f->pixdim[3],
                                             f->pixdim[0] < 0 ? -1 : 1);
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 4; c++)
            M[r][c] = q.m[r][c] * mm;
    return check_axes("qform", M, err);
}

struct parting {
    double ijk[3], mm, half_voxel_mm;
};

/* The corner voxel that two maps of one grid place farthest apart. */
static struct parting part(const struct nvc_grid *g, const double other[3][4])
{
    struct parting most = { .mm = -1 };
    double mm[3];
    axis_lengths(g->to_mm, mm);
    most.half_voxel_mm = fmin(mm[0], fmin(mm[1], mm[2])) / 2;
    for (unsigned corner = 0; corner < 8; corner++) {
        double ijk[3], a[3], b[3];
        for (unsigned d = 0; d < 3; d++)
            ijk[d] = corner >> d & 1 ? (double)(g->dim[d] - 1) : 0;
        nvc_affine_apply(g->to_mm, ijk, a);
        nvc_affine_apply(other, ijk, b);
        double apart = hypot(hypot(a[0] - b[0], a[1] - b[1]), a[2] - b[2]);
        if (!(apart <= most.mm)) {
            most.mm = apart;
            memcpy(most.ijk, ijk, sizeof ijk);
        }
    }
    return most;
}

bool nvc_nifti_forms_agree(const struct nvc_grid *a, const struct nvc_grid *b)
{
    struct parting p = part(a, b->to_mm);
    return p.mm <= p.half_voxel_mm;
}

/* Both forms are there and nobody has said which: the sform, if the qform agrees. */
static int read_both(const struct nvc_nifti_fields *f, double mm, struct nvc_grid *g, struct nvc_text *remarks,
                     struct nvc_error *err)
{
    double qform[3][4];
    struct nvc_error why = { 0 };
    read_sform(f, mm, g->to_mm);
    int status = check_axes("sform", g->to_mm, err);
    if (status)
        return status;
    if (read_qform(f, mm, qform, &why))
        return nvc_text_printf(remarks, err, "%s; the sform is used\n", why.text);
    struct parting p = part(g, qform);
    if (p.mm <= p.half_voxel_mm)
        return 0;
    return nvc_fail(err, NVC_EDATA, "sform and qform place voxel (%g, %g, %g) %.3g mm apart, more than half a voxel (%.3g mm): "
                    "say which is right with --orientation sform|qform", p.ijk[0], p.ijk[1], p.ijk[2], p.mm, p.half_voxel_mm);
}

int nvc_nifti_space(const struct nvc_nifti_fields *f, enum nvc_orientation how, struct nvc_nifti_header *h,
                    struct nvc_text *remarks, struct nvc_error *err)
{
    const double mm = millimetres_per_unit(f->xyzt_units);
    struct nvc_grid *g = &h->grid;
    const bool has_s = f->sform_code > 0, has_q = f->qform_code > 0;
    int status = 0;
    if ((how == NVC_ORIENT_SFORM && !has_s) || (how == NVC_ORIENT_QFORM && !has_q))
        return nvc_fail(err, NVC_EDATA, "--orientation %s was asked for, but %cform_code is %d: the header has none",
                        how == NVC_ORIENT_SFORM ? "sform" : "qform", how == NVC_ORIENT_SFORM ? 's' : 'q',
                        how == NVC_ORIENT_SFORM ? f->sform_code : f->qform_code);
    g->space_code = 0;
    memset(g->to_mm, 0, sizeof g->to_mm);
    if (has_s && has_q && how == NVC_ORIENT_AUTO) {
        g->space_code = f->sform_code;
        status = read_both(f, mm, g, remarks, err);
    } else if (has_s && how != NVC_ORIENT_QFORM) {
        g->space_code = f->sform_code;
        read_sform(f, mm, g->to_mm);
        status = check_axes("sform", g->to_mm, err);
    } else if (has_q) {
        g->space_code = f->qform_code;
        status = read_qform(f, mm, g->to_mm, err);
    } else if (!(status = check_sizes(f, err))) {
        for (int i = 0; i < 3; i++)
            g->to_mm[i][i] = f->pixdim[i + 1] * mm;
        if (!(status = check_axes("grid of pixdim", g->to_mm, err)))
            status = nvc_text_puts(remarks, "no orientation in the header (sform_code and qform_code are 0): left and right "
                                   "are as stored, the origin is the first voxel\n", err);
    }
    if (status)
        return status;
    axis_lengths(g->to_mm, h->voxel_mm);
    for (int i = 0; i < 3; i++)
        if (h->voxel_mm[i] < 0.01 || h->voxel_mm[i] > 100)
            return nvc_text_printf(remarks, err, "a voxel is %g x %g x %g mm: are the units of the header (xyzt_units %d) right?\n",
                                   h->voxel_mm[0], h->voxel_mm[1], h->voxel_mm[2], f->xyzt_units);
    return 0;
}
