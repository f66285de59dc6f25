#include <config.h>
#include "io/nifti_private.h"

#include <nifti1.h>
#include <string.h>

static inline uint8_t swap8(uint8_t u) { return u; }
static inline uint16_t swap16(uint16_t u) { return __builtin_bswap16(u); }
static inline uint32_t swap32(uint32_t u) { return __builtin_bswap32(u); }
static inline uint64_t swap64(uint64_t u) { return __builtin_bswap64(u); }

/* Per type: load one element; loops in which the byte order is a constant, so that they vectorise.  An
 * unscaled float goes VIA the type that rounds it as the double of nvc_nifti_decode is rounded. */
#define DECODER(NAME, TYPE, BITS, VIA) \
    static inline TYPE load_##NAME(const unsigned char *at, bool swap) \
    { \
        uint##BITS##_t u; \
        TYPE v; \
        memcpy(&u, at, sizeof u); \
        if (swap) \
            u = swap##BITS(u); \
        memcpy(&v, &u, sizeof v); \
        return v; \
    } \
    static inline void real_##NAME(const unsigned char *b, const size_t *index, size_t n, double slope, double inter, \
                                   bool swap, double *out) \
    { \
        if (index) \
            for (size_t i = 0; i < n; i++) \
                out[i] = slope * (double)load_##NAME(b + index[i] * sizeof(TYPE), swap) + inter; \
        else \
            for (size_t i = 0; i < n; i++) \
                out[i] = slope * (double)load_##NAME(b + i * sizeof(TYPE), swap) + inter; \
    } \
    static inline void float_##NAME(const unsigned char *b, size_t n, double slope, double inter, bool swap, float *out) \
    { \
        if (slope == 1 && inter == 0) \
            for (size_t i = 0; i < n; i++) \
                out[i] = (float)(VIA)load_##NAME(b + i * sizeof(TYPE), swap); \
        else \
            for (size_t i = 0; i < n; i++) \
                out[i] = (float)(slope * (double)load_##NAME(b + i * sizeof(TYPE), swap) + inter); \
    }

DECODER(u8, uint8_t, 8, float)
DECODER(i8, int8_t, 8, float)
DECODER(i16, int16_t, 16, float)
DECODER(u16, uint16_t, 16, float)
DECODER(i32, int32_t, 32, float)
DECODER(u32, uint32_t, 32, float)
DECODER(i64, int64_t, 64, double)
DECODER(u64, uint64_t, 64, double)
DECODER(f32, float, 32, float)
DECODER(f64, double, 64, double)

#define EACH_TYPE(CALL) \
    switch (n->header.datatype) { \
    case DT_UINT8: CALL(u8); break; \
    case DT_INT8: CALL(i8); break; \
    case DT_INT16: CALL(i16); break; \
    case DT_UINT16: CALL(u16); break; \
    case DT_INT32: CALL(i32); break; \
    case DT_UINT32: CALL(u32); break; \
    case DT_INT64: CALL(i64); break; \
    case DT_UINT64: CALL(u64); break; \
    case DT_FLOAT32: CALL(f32); break; \
    case DT_FLOAT64: CALL(f64); break; \
    }

void nvc_nifti_decode(const struct nvc_nifti *n, const void *bytes, const size_t *index, size_t count, double *out)
{
    const double slope = n->header.slope, inter = n->header.inter;
#define REAL(T) \
    do \
        if (n->fields.swap) \
            real_##T(bytes, index, count, slope, inter, true, out); \
        else \
            real_##T(bytes, index, count, slope, inter, false, out); \
    while (0)
    EACH_TYPE(REAL)
}

void nvc_nifti_decode_float(const struct nvc_nifti *n, const void *bytes, size_t first, size_t count, float *out)
{
    const double slope = n->header.slope, inter = n->header.inter;
    const unsigned char *from = (const unsigned char *)bytes + first * n->voxel_bytes;
#define FLOAT(T) \
    do \
        if (n->fields.swap) \
            float_##T(from, count, slope, inter, true, out); \
        else \
            float_##T(from, count, slope, inter, false, out); \
    while (0)
    EACH_TYPE(FLOAT)
}
