#include <config.h>
#include "io/nifti_private.h"

#include "base/memory.h"
#include "io/sink.h"

#include <math.h>
#include <nifti2_io.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 16384, TABLE_MAX = 16 << 20 };

struct nvc_nifti_writer {
    struct nvc_sink *sink;
    char *name;
    int datatype;
    double slope, inter;
    size_t volume_voxels, n_volumes, done;
};

/* ---- header ------------------------------------------------------------------------------------- */

/* The same fields in either version, put down little-endian. */
struct pen {
    unsigned char bytes[NVC_NIFTI2_SIZE];
    bool wide;
};
#define AT(P, FIELD) ((P)->bytes + ((P)->wide ? offsetof(nifti_2_header, FIELD) : offsetof(nifti_1_header, FIELD)))
#define PUT_INTEGER(P, FIELD, VALUE) \
    put_bits(AT(P, FIELD), (uint64_t)(int64_t)(VALUE), \
             (P)->wide ? sizeof((nifti_2_header *)0)->FIELD : sizeof((nifti_1_header *)0)->FIELD)
#define PUT_REAL(P, FIELD, VALUE) put_real(P, AT(P, FIELD), VALUE)

static void put_bits(unsigned char *at, uint64_t u, size_t width)
{
    for (size_t i = 0; i < width; i++)
        at[i] = (unsigned char)(u >> 8 * i);
}

static void put_real(const struct pen *p, unsigned char *at, double v)
{
    const float f = (float)v;
    uint64_t u8;
    uint32_t u4;
    memcpy(&u8, &v, sizeof u8);
    memcpy(&u4, &f, sizeof u4);
    put_bits(at, p->wide ? u8 : u4, p->wide ? 8 : 4);
}

static void put_reals(const struct pen *p, unsigned char *at, const double *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put_real(p, at + i * (p->wide ? 8 : 4), v[i]);
}

static void put_space(struct pen *p, const struct nvc_nifti_spec *s)
{
    const struct nvc_grid *g = &s->grid;
    struct nvc_grid q = *g;
    double pixdim[8] = { 1, 1, 1, 1, isfinite(s->tr_s) ? s->tr_s : 0 }, quatern[3], offset[3];
    nifti_dmat44 m = { .m[3][3] = 1 };
    for (int r = 0; r < 3; r++)
        memcpy(m.m[r], g->to_mm[r], sizeof g->to_mm[r]);
    nifti_dmat44_to_quatern(m, &quatern[0], &quatern[1], &quatern[2], &offset[0], &offset[1], &offset[2], &pixdim[1],
                            &pixdim[2], &pixdim[3], &pixdim[0]);
    m = nifti_quatern_to_dmat44(quatern[0], quatern[1], quatern[2], offset[0], offset[1], offset[2], pixdim[1], pixdim[2],
                                pixdim[3], pixdim[0]);
    for (int r = 0; r < 3; r++)
        memcpy(q.to_mm[r], m.m[r], sizeof q.to_mm[r]);
    put_reals(p, AT(p, pixdim), pixdim, 8);
    PUT_INTEGER(p, sform_code, g->space_code);
    put_reals(p, AT(p, srow_x), &g->to_mm[0][0], 12);
    if (nvc_nifti_forms_agree(g, &q))
        PUT_INTEGER(p, qform_code, g->space_code);
    put_reals(p, AT(p, quatern_b), quatern, 3);
    put_reals(p, AT(p, qoffset_x), offset, 3);
    PUT_INTEGER(p, xyzt_units, s->n_volumes > 1 && isfinite(s->tr_s) ? NIFTI_UNITS_MM | NIFTI_UNITS_SEC : NIFTI_UNITS_MM);
}

static size_t make_header(struct pen *p, const struct nvc_nifti_spec *s, size_t extension)
{
    static const char tail[4] = { '\r', '\n', '\032', '\n' };
    const size_t size[4] = { s->grid.dim[0], s->grid.dim[1], s->grid.dim[2], s->n_volumes };
    memset(p, 0, sizeof *p);
    for (int i = 0; i < 4; i++)
        p->wide = p->wide || size[i] > INT16_MAX;
    const size_t length = p->wide ? NVC_NIFTI2_SIZE : NVC_NIFTI1_SIZE, width = p->wide ? 8 : 2;
    const size_t offset = length + NVC_NIFTI_EXTENDER + extension;
    PUT_INTEGER(p, sizeof_hdr, (int)length);
    memcpy(AT(p, magic), p->wide ? "n+2" : "n+1", 4);
    if (p->wide)
        memcpy(AT(p, magic) + 4, tail, sizeof tail);
    put_bits(AT(p, dim), s->n_volumes > 1 ? 4 : 3, width);
    for (size_t i = 1; i < 8; i++)
        put_bits(AT(p, dim) + i * width, i <= 4 ? size[i - 1] : 1, width);
    PUT_INTEGER(p, datatype, s->datatype);
    PUT_INTEGER(p, bitpix, s->datatype == DT_FLOAT32 ? 32 : 16);
    if (p->wide)
        PUT_INTEGER(p, vox_offset, (int64_t)offset);
    else
        PUT_REAL(p, vox_offset, (double)offset);
    PUT_REAL(p, scl_slope, s->slope != 0 ? s->slope : 1);
    PUT_REAL(p, scl_inter, s->slope != 0 ? s->inter : 0);
    PUT_INTEGER(p, intent_code, s->intent_code);
    put_reals(p, AT(p, intent_p1), s->intent_p, 3);
    if (s->descrip)
        memcpy(AT(p, descrip), s->descrip, strlen(s->descrip) < 79 ? strlen(s->descrip) : 79);
    put_space(p, s);
    return length;
}

static int write_header(struct nvc_nifti_writer *w, const struct nvc_nifti_spec *s, struct nvc_error *err)
{
    static const unsigned char zeros[16];
    unsigned char extender[NVC_NIFTI_EXTENDER] = { s->region_table != NULL }, head[8];
    struct pen pen;
    const size_t text = s->region_table ? strlen(s->region_table) : 0;
    const size_t extension = s->region_table ? (sizeof head + text + 15) / 16 * 16 : 0;
    if (text > TABLE_MAX - 16)
        return nvc_fail(err, NVC_EDATA, "the region table has %zu bytes, more than a header extension may hold here (16 MiB)", text);
    size_t length = make_header(&pen, s, extension);
    int status = nvc_sink_write(w->sink, pen.bytes, length, err);
    if (!status)
        status = nvc_sink_write(w->sink, extender, sizeof extender, err);
    if (status || !extension)
        return status;
    put_bits(head, extension, 4);
    put_bits(head + 4, NIFTI_ECODE_COMMENT, 4);
    if ((status = nvc_sink_write(w->sink, head, sizeof head, err)) ||
        (status = nvc_sink_write(w->sink, s->region_table, text, err)))
        return status;
    return nvc_sink_write(w->sink, zeros, extension - sizeof head - text, err);
}

/* ---- opening ------------------------------------------------------------------------------------ */

static int check_spec(const char *path, const struct nvc_nifti_spec *s, struct nvc_error *err)
{
    double inverse[3][4];
    uint64_t bytes = 4;
    if (strcmp(path, "-") && !nvc_has_suffix(path, ".nii") && !nvc_has_suffix(path, ".nii.gz") && !nvc_has_prefix(path, "/dev/"))
        return nvc_fail(err, NVC_EUSAGE, "%s: the name of an image must end in .nii or .nii.gz", path);
    if (s->datatype != DT_FLOAT32 && s->datatype != DT_UINT16 && s->datatype != DT_INT16)
        return nvc_fail(err, NVC_EBUG, "%s: datatype %d cannot be written", path, s->datatype);
    if (!isfinite(s->slope) || !isfinite(s->inter) || (s->datatype == DT_FLOAT32 && s->slope != 0 && (s->slope != 1 || s->inter != 0)))
        return nvc_fail(err, NVC_EBUG, "%s: slope %g and intercept %g cannot be written", path, s->slope, s->inter);
    for (int i = 0; i < 3; i++)
        if (!s->grid.dim[i] || __builtin_mul_overflow(bytes, (uint64_t)s->grid.dim[i], &bytes))
            return nvc_fail(err, NVC_EBUG, "%s: a grid of %zu x %zu x %zu voxels", path, s->grid.dim[0], s->grid.dim[1], s->grid.dim[2]);
    if (!s->n_volumes || __builtin_mul_overflow(bytes, (uint64_t)s->n_volumes, &bytes) || bytes > INT64_MAX / 2)
        return nvc_fail(err, NVC_EBUG, "%s: %zu volumes", path, s->n_volumes);
    return nvc_grid_inverse(&s->grid, inverse, err) ? nvc_fail_in(err, "%s", path) : 0;
}

int nvc_nifti_create(struct nvc_nifti_writer **out, const char *path, const struct nvc_nifti_spec *s, struct nvc_error *err)
{
    int status = check_spec(path, s, err);
    *out = NULL;
    if (status)
        return status;
    struct nvc_nifti_writer *w = nvc_array(1, sizeof *w, err);
    if (!w)
        return (int)err->status;
    w->datatype = s->datatype;
    w->slope = s->slope != 0 ? s->slope : 1;
    w->inter = s->slope != 0 ? s->inter : 0;
    w->volume_voxels = nvc_grid_voxels(&s->grid);
    w->n_volumes = s->n_volumes;
    if (!(w->name = nvc_strdup(path, err)))
        status = (int)err->status;
    if (!status && !(status = nvc_sink_open(&w->sink, path, false, err)))
        status = write_header(w, s, err);
    if (status)
        nvc_nifti_abandon(w);
    else
        *out = w;
    return status;
}

/* ---- volumes ------------------------------------------------------------------------------------ */

static int pack_integers(const struct nvc_nifti_writer *w, const float *v, size_t n, unsigned char *out, struct nvc_error *err)
{
    const double low = w->datatype == DT_INT16 ? INT16_MIN : 0, high = w->datatype == DT_INT16 ? INT16_MAX : UINT16_MAX;
    for (size_t i = 0; i < n; i++) {
        double stored = rint(((double)v[i] - w->inter) / w->slope);
        if (isnan(stored))
            return nvc_fail(err, NVC_EDATA, "%s: a voxel has no value, which an image of integers cannot say", w->name);
        stored = stored < low ? low : stored > high ? high : stored;
        put_bits(out + 2 * i, (uint64_t)(int64_t)stored, 2);
    }
    return 0;
}

static void pack_floats(const float *v, size_t n, unsigned char *out)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t u;
        memcpy(&u, &v[i], sizeof u);
        put_bits(out + 4 * i, u, 4);
    }
}

int nvc_nifti_put(struct nvc_nifti_writer *w, const float *volume, struct nvc_error *err)
{
    unsigned char piece[4 * PIECE];
    int status = 0;
    if (w->done++ >= w->n_volumes)
        return nvc_fail(err, NVC_EBUG, "%s: more volumes than the %zu announced", w->name, w->n_volumes);
    for (size_t at = 0, n; !status && at < w->volume_voxels; at += n) {
        n = w->volume_voxels - at < PIECE ? w->volume_voxels - at : PIECE;
        if (w->datatype == DT_FLOAT32)
            pack_floats(volume + at, n, piece);
        else if ((status = pack_integers(w, volume + at, n, piece, err)))
            return status;
        status = nvc_sink_write(w->sink, piece, n * (w->datatype == DT_FLOAT32 ? 4 : 2), err);
    }
    return status;
}

static void release(struct nvc_nifti_writer *w)
{
    if (w)
        free(w->name);
    free(w);
}

int nvc_nifti_commit(struct nvc_nifti_writer *w, struct nvc_error *err)
{
    int status;
    if (w->done == w->n_volumes) {
        status = nvc_sink_commit(w->sink, err);
    } else {
        status = nvc_fail(err, NVC_EBUG, "%s: %zu of %zu volumes were written", w->name, w->done, w->n_volumes);
        nvc_sink_abandon(w->sink);
    }
    release(w);
    return status;
}

void nvc_nifti_abandon(struct nvc_nifti_writer *w)
{
    if (w)
        nvc_sink_abandon(w->sink);
    release(w);
}
