#include <config.h>
#include "io/nifti_private.h"

#include <nifti1.h>
#include <nifti2.h>
#include <string.h>

_Static_assert(sizeof(nifti_1_header) == NVC_NIFTI1_SIZE, "nifti1.h");
_Static_assert(sizeof(nifti_2_header) == NVC_NIFTI2_SIZE, "nifti2.h");

/* Where a field stands and how wide it is, in either version. */
struct cursor {
    const unsigned char *bytes;
    bool wide, swap;
};
#define AT(C, FIELD) \
    ((C)->bytes + ((C)->wide ? offsetof(nifti_2_header, FIELD) : offsetof(nifti_1_header, FIELD)))
#define WIDTH(C, FIELD) \
    ((C)->wide ? sizeof((nifti_2_header *)0)->FIELD : sizeof((nifti_1_header *)0)->FIELD)
#define INTEGER(C, FIELD) integer_at(C, AT(C, FIELD), WIDTH(C, FIELD))
#define REAL(C, FIELD) real_at(C, AT(C, FIELD))

uint64_t nvc_nifti_bits(const unsigned char *at, size_t width, bool swap)
{
    unsigned char b[8];
    uint16_t u2;
    uint32_t u4;
    uint64_t u8;
    for (size_t i = 0; i < width; i++)
        b[i] = at[swap ? width - 1 - i : i];
    switch (width) {
    case 1: return b[0];
    case 2: memcpy(&u2, b, 2); return u2;
    case 4: memcpy(&u4, b, 4); return u4;
    default: memcpy(&u8, b, 8); return u8;
    }
}

static int64_t integer_at(const struct cursor *c, const unsigned char *at, size_t width)
{
    uint64_t u = nvc_nifti_bits(at, width, c->swap);
    switch (width) {
    case 1: return (int8_t)u;
    case 2: return (int16_t)u;
    case 4: return (int32_t)u;
    default: return (int64_t)u;
    }
}

static double real_at(const struct cursor *c, const unsigned char *at)
{
    uint64_t u = nvc_nifti_bits(at, c->wide ? 8 : 4, c->swap);
    uint32_t u4 = (uint32_t)u;
    float f;
    double d;
    if (c->wide) {
        memcpy(&d, &u, sizeof d);
        return d;
    }
    memcpy(&f, &u4, sizeof f);
    return (double)f;
}

static void reals_at(const struct cursor *c, const unsigned char *at, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = real_at(c, at + i * (c->wide ? 8 : 4));
}

size_t nvc_nifti_header_size(const unsigned char head[4], bool *swap, bool *big_endian)
{
    static const uint16_t one = 1;
    const bool host_big = *(const unsigned char *)&one == 0;
    for (int s = 0; s < 2; s++) {
        uint64_t size = nvc_nifti_bits(head, 4, s);
        *swap = s;
        *big_endian = host_big != *swap;
        if (size == NVC_NIFTI1_SIZE || size == NVC_NIFTI2_SIZE)
            return (size_t)size;
    }
    return 0;
}

bool nvc_nifti_sniff(const void *head, size_t n)
{
    bool swap, big;
    return n >= 4 && nvc_nifti_header_size(head, &swap, &big);
}

int nvc_nifti_refuse(const unsigned char *head, size_t n, struct nvc_error *err)
{
    static const struct { size_t at, n; const char *bytes, *what; } kinds[] = {
        { 0, 5, "\0\0\0\1\0", "a FreeSurfer MGH image; convert it with mri_convert" },
        { 128, 4, "DICM", "a DICOM file; convert it with dcm2niix" },
        { 0, 4, "\x89HDF", "an HDF5 file (MINC 2, MATLAB 7.3)" },
        { 0, 3, "CDF", "a MINC 1 file; convert it with mnc2nii" },
        { 0, 4, "NRRD", "a NRRD image" },
        { 0, 5, "<?xml", "an XML file (GIFTI?)" },
        { 0, 2, "PK", "a ZIP archive" },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (n >= kinds[i].at + kinds[i].n && memcmp(head + kinds[i].at, kinds[i].bytes, kinds[i].n) == 0)
            return nvc_fail(err, NVC_EDATA, "not a NIfTI image: this is %s", kinds[i].what);
    if (n < 4)
        return nvc_fail(err, NVC_EDATA, "not a NIfTI image: only %zu bytes", n);
    return nvc_fail(err, NVC_EDATA, "not a NIfTI image: it starts with bytes %02x %02x %02x %02x, where the size of the "
                    "header (348 or 540) is wanted", head[0], head[1], head[2], head[3]);
}

static int check_magic(struct nvc_nifti_fields *f, const unsigned char *magic, struct nvc_error *err)
{
    static const char tail[4] = { '\r', '\n', '\032', '\n' };
    const char digit = f->version == 2 ? '2' : '1';
    f->pair = magic[1] == 'i';
    if (magic[0] == 'n' && (magic[1] == '+' || magic[1] == 'i') && magic[2] == (unsigned char)digit && magic[3] == 0 &&
        (f->version == 1 || memcmp(magic + 4, tail, 4) == 0))
        return 0;
    if (f->version == 1 && memcmp(magic, "\0\0\0\0", 4) == 0)
        return nvc_fail(err, NVC_EDATA, "not a NIfTI image: no magic, so this is Analyze 7.5, which does not know left "
                        "from right; convert it with a program that knows where it came from");
    return nvc_fail(err, NVC_EDATA, "the magic of the header is damaged: bytes %02x %02x %02x %02x, where n+%c or ni%c%s is wanted",
                    magic[0], magic[1], magic[2], magic[3], digit, digit,
                    f->version == 2 ? " and the line ends of NIfTI-2" : "");
}

int nvc_nifti_fields_decode(struct nvc_nifti_fields *f, const unsigned char *bytes, size_t size, struct nvc_error *err)
{
    *f = (struct nvc_nifti_fields) { .version = size == NVC_NIFTI2_SIZE ? 2 : 1 };
    (void)nvc_nifti_header_size(bytes, &f->swap, &f->big_endian);
    const struct cursor cursor = { bytes, f->version == 2, f->swap }, *c = &cursor;
    int status = check_magic(f, AT(c, magic), err);
    if (status)
        return status;
    for (size_t i = 0; i < 8; i++)
        f->dim[i] = integer_at(c, AT(c, dim) + i * (c->wide ? 8 : 2), c->wide ? 8 : 2);
    reals_at(c, AT(c, pixdim), 8, f->pixdim);
    f->vox_offset = c->wide ? (double)INTEGER(c, vox_offset) : REAL(c, vox_offset);
    f->slope = REAL(c, scl_slope);
    f->inter = REAL(c, scl_inter);
    f->datatype = (int)INTEGER(c, datatype);
    f->bitpix = (int)INTEGER(c, bitpix);
    f->intent_code = (int)INTEGER(c, intent_code);
    f->xyzt_units = (int)INTEGER(c, xyzt_units);
    f->qform_code = (int)INTEGER(c, qform_code);
    f->sform_code = (int)INTEGER(c, sform_code);
    reals_at(c, AT(c, quatern_b), 3, f->quatern);
    reals_at(c, AT(c, qoffset_x), 3, f->qoffset);
    reals_at(c, AT(c, srow_x), 12, &f->srow[0][0]);
    memcpy(f->descrip, AT(c, descrip), 80);
    return 0;
}
