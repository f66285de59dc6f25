#include <config.h>
#include "io/nifti_private.h"

#include <math.h>
#include <nifti2_io.h>
#include <string.h>

static bool is_supported(int datatype)
{
    switch (datatype) {
    case DT_UINT8: case DT_INT8: case DT_INT16: case DT_UINT16: case DT_INT32: case DT_UINT32:
    case DT_INT64: case DT_UINT64: case DT_FLOAT32: case DT_FLOAT64:
        return true;
    default:
        return false;
    }
}

static int judge_datatype(struct nvc_nifti *n, struct nvc_error *err)
{
    const struct nvc_nifti_fields *f = &n->fields;
    int bytes, swapsize;
    if (f->intent_code >= 3000 && f->intent_code <= 3099)
        return nvc_fail(err, NVC_EDATA, "this is a CIFTI file (intent %d): its rows are not voxels of a grid; a volume image "
                        "is wanted", f->intent_code);
    if (!is_supported(f->datatype))
        return nvc_fail(err, NVC_EDATA, "the datatype is %d (%s), where integers of 8 to 64 bits, float32 or float64 are wanted",
                        f->datatype, nifti_datatype_to_string(f->datatype));
    nifti_datatype_sizes(f->datatype, &bytes, &swapsize);
    n->voxel_bytes = (size_t)bytes;
    n->header.datatype = f->datatype;
    if (f->bitpix != 8 * bytes)
        return nvc_text_printf(&n->remarks, err, "bitpix is %d, but %s has %d bits; the datatype is believed\n", f->bitpix,
                               nifti_datatype_to_string(f->datatype), 8 * bytes);
    return 0;
}

static int judge_dims(struct nvc_nifti *n, struct nvc_error *err)
{
    const int64_t *dim = n->fields.dim;
    uint64_t size[4] = { 1, 1, 1, 1 }, volume, total;
    if (dim[0] < 1 || dim[0] > 7)
        return nvc_fail(err, NVC_EDATA, "dim[0] is %lld, where the number of dimensions (1 to 7) is wanted", (long long)dim[0]);
    for (int i = 1; i <= (int)dim[0]; i++) {
        if (dim[i] < 1)
            return nvc_fail(err, NVC_EDATA, "dim[%d] is %lld, where at least 1 is wanted", i, (long long)dim[i]);
        if (i > 4 && dim[i] != 1)
            return nvc_fail(err, NVC_EDATA, "the image has %d dimensions (dim[%d] is %lld); three, or four with time, are wanted",
                            (int)dim[0], i, (long long)dim[i]);
        if (i <= 4)
            size[i - 1] = (uint64_t)dim[i];
    }
    if (__builtin_mul_overflow(size[0], size[1], &volume) || __builtin_mul_overflow(volume, size[2], &volume) ||
        __builtin_mul_overflow(volume, (uint64_t)n->voxel_bytes, &total) || total > SIZE_MAX / 16 ||
        __builtin_mul_overflow(total, size[3], &total) || total > INT64_MAX / 2)
        return nvc_fail(err, NVC_EDATA, "%llu x %llu x %llu x %llu voxels are more than any file holds: the header is damaged",
                        (unsigned long long)size[0], (unsigned long long)size[1], (unsigned long long)size[2],
                        (unsigned long long)size[3]);
    for (int i = 0; i < 3; i++)
        n->header.grid.dim[i] = (size_t)size[i];
    n->header.n_volumes = (size_t)size[3];
    n->volume_voxels = (size_t)volume;
    n->volume_bytes = n->volume_voxels * n->voxel_bytes;
    return 0;
}

static int judge_offset(struct nvc_nifti *n, struct nvc_error *err)
{
    const struct nvc_nifti_fields *f = &n->fields;
    const int least = f->pair ? 0 : f->version == 2 ? NVC_NIFTI2_SIZE + NVC_NIFTI_EXTENDER : NVC_NIFTI1_SIZE + NVC_NIFTI_EXTENDER;
    if (!isfinite(f->vox_offset) || f->vox_offset != trunc(f->vox_offset) || f->vox_offset < least || f->vox_offset > 0x1p53)
        return nvc_fail(err, NVC_EDATA, "vox_offset is %g, where the first byte of the voxels (a whole number, at least %d) "
                        "is wanted", f->vox_offset, least);
    n->vox_offset = (uint64_t)f->vox_offset;
    return 0;
}

static int judge_scale(struct nvc_nifti *n, struct nvc_error *err)
{
    const struct nvc_nifti_fields *f = &n->fields;
    n->header.slope = 1;
    n->header.inter = 0;
    if (isinf(f->slope))
        return nvc_text_puts(&n->remarks, "scl_slope is infinite; the values are taken as they are stored\n", err);
    if (f->slope == 0 || isnan(f->slope))
        return 0;
    if (f->slope == 1 && isnan(f->inter)) /* nibabel, told a slope of 1 by hand */
        return nvc_text_puts(&n->remarks, "scl_inter is not a number; the values are taken as they are stored\n", err);
    if (!isfinite(f->inter))
        return nvc_fail(err, NVC_EDATA, "scl_slope is %g but scl_inter is %g, where a finite number is wanted", f->slope, f->inter);
    n->header.slope = f->slope;
    n->header.inter = f->inter;
    return 0;
}

/* A float32 of 2.3 s is 2.2999999523; say 2.3 where that is the same float32. */
static double undo_float(double s)
{
    double us = rint(s * 1e6) / 1e6;
    return (float)us == (float)s ? us : s;
}

static void judge_tr(struct nvc_nifti *n)
{
    const struct nvc_nifti_fields *f = &n->fields;
    struct nvc_nifti_header *h = &n->header;
    const double stored = f->version == 1 ? undo_float(f->pixdim[4]) : f->pixdim[4];
    const bool usable = f->dim[0] >= 4 && isfinite(stored) && stored > 0;
    double tr_s = NAN;
    switch (usable ? XYZT_TO_TIME(f->xyzt_units) : NIFTI_UNITS_HZ) {
    case NIFTI_UNITS_SEC: tr_s = stored; break;
    case NIFTI_UNITS_MSEC: tr_s = stored / 1e3; break;
    case NIFTI_UNITS_USEC: tr_s = stored / 1e6; break;
    case NIFTI_UNITS_UNKNOWN:
        h->tr_unit_guessed = stored >= 0.1 && stored <= 20;
        tr_s = h->tr_unit_guessed ? stored : NAN;
        h->tr_ms_suspect = stored >= 100 && stored <= 20000;
        break;
    default: break; /* Hz, ppm, rad/s */
    }
    if (usable && XYZT_TO_TIME(f->xyzt_units) == NIFTI_UNITS_SEC && stored > 100)
        h->tr_ms_suspect = stored <= 20000;
    h->tr_s = tr_s <= 100 ? tr_s : NAN;
}

int nvc_nifti_judge(struct nvc_nifti *n, enum nvc_orientation how, struct nvc_error *err)
{
    struct nvc_nifti_header *h = &n->header;
    int status;
    h->version = n->fields.version;
    h->big_endian = n->fields.big_endian;
    memcpy(h->descrip, n->fields.descrip, sizeof h->descrip);
    if ((status = judge_datatype(n, err)) || (status = judge_dims(n, err)) || (status = judge_offset(n, err)) ||
        (status = judge_scale(n, err)))
        return status;
    judge_tr(n);
    return nvc_nifti_space(&n->fields, how, h, &n->remarks, err);
}
