/* Eight doubles at a time: one register of AVX-512, two of AVX2, four of SSE2, as the compiler splits them.
 * Functions are inlined into kernels that are compiled for each kind of processor (NVC_KERNEL), so that all
 * of a kernel runs on the widest registers there are.  Results do not depend on the C library. */
#ifndef NVC_MATH_VEC_H
#define NVC_MATH_VEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NVC_VECTOR = 8, NVC_VECTOR_BYTES = 64 };

/* Arrays that are read through a nvc_vec are aligned to NVC_VECTOR_BYTES. */
typedef double nvc_vec __attribute__((vector_size(NVC_VECTOR_BYTES), may_alias));
typedef int64_t nvc_ivec __attribute__((vector_size(NVC_VECTOR_BYTES), may_alias));
typedef uint64_t nvc_uvec __attribute__((vector_size(NVC_VECTOR_BYTES), may_alias));

#define NVC_INLINE static inline __attribute__((always_inline))
#pragma GCC diagnostic ignored "-Wpsabi" /* vectors never pass through a call: everything here is inlined */

/* Define NAME_plain, NAME_avx2 and NAME_avx512, each the inline function NAME with ARGS as a call and PARAMS as
 * its parameters; NVC_KERNEL_CHOOSE picks one for the processor at hand. */
#if defined(__x86_64__)
#define NVC_KERNEL(NAME, PARAMS, ARGS)                                                             \
    static void NAME##_plain PARAMS { NAME ARGS; }                                                 \
    __attribute__((target("avx2,fma"))) static void NAME##_avx2 PARAMS { NAME ARGS; }              \
    __attribute__((target("avx512f,avx512dq,avx2,fma"))) static void NAME##_avx512 PARAMS { NAME ARGS; }
#define NVC_KERNEL_CHOOSE(NAME)                                                                    \
    (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") ? NAME##_avx512       \
     : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")       ? NAME##_avx2         \
                                                                             : NAME##_plain)
#else
#define NVC_KERNEL(NAME, PARAMS, ARGS) static void NAME##_plain PARAMS { NAME ARGS; }
#define NVC_KERNEL_CHOOSE(NAME) NAME##_plain
#endif

NVC_INLINE nvc_vec nvc_vec_at(const double *p)
{
    return *(const nvc_vec *)(const void *)p;
}

NVC_INLINE void nvc_vec_put(double *p, nvc_vec x)
{
    *(nvc_vec *)(void *)p = x;
}

/* yes where `where` is all ones, no where it is 0. */
NVC_INLINE nvc_vec nvc_vec_select(nvc_ivec where, nvc_vec yes, nvc_vec no)
{
    return (nvc_vec)(((nvc_ivec)yes & where) | ((nvc_ivec)no & ~where));
}

NVC_INLINE bool nvc_vec_any(nvc_ivec where)
{
    int64_t any = 0;
    for (int k = 0; k < NVC_VECTOR; k++)
        any |= where[k];
    return any != 0;
}

/* c[k] = table[at + k] lane by lane. */
NVC_INLINE void nvc_vec_gather(const double *table, nvc_ivec at, nvc_vec c[static 4])
{
    typedef double four __attribute__((vector_size(32), aligned(8), may_alias));
    nvc_vec pair[4], even[2], odd[2];
    for (int k = 0; k < 4; k++)
        pair[k] = __builtin_shufflevector(*(const four *)(const void *)(table + at[k]), *(const four *)(const void *)(table + at[k + 4]),
                                          0, 1, 2, 3, 4, 5, 6, 7);
    for (int k = 0; k < 2; k++) {
        even[k] = __builtin_shufflevector(pair[2 * k], pair[2 * k + 1], 0, 8, 2, 10, 4, 12, 6, 14);
        odd[k] = __builtin_shufflevector(pair[2 * k], pair[2 * k + 1], 1, 9, 3, 11, 5, 13, 7, 15);
    }
    c[0] = __builtin_shufflevector(even[0], even[1], 0, 1, 8, 9, 4, 5, 12, 13);
    c[1] = __builtin_shufflevector(odd[0], odd[1], 0, 1, 8, 9, 4, 5, 12, 13);
    c[2] = __builtin_shufflevector(even[0], even[1], 2, 3, 10, 11, 6, 7, 14, 15);
    c[3] = __builtin_shufflevector(odd[0], odd[1], 2, 3, 10, 11, 6, 7, 14, 15);
}

/* 2^k e^r of e^x, |r| <= ln 2 / 2: r, and the number whose low bits are k. */
NVC_INLINE nvc_vec nvc_vec_reduce(nvc_vec x, nvc_vec *whole)
{
    const double shift = 0x1.8p52, log2e = 0x1.71547652b82fep0, ln2_high = 0x1.62e42fefap-1, ln2_low = 0x1.cf79abc9e3b39p-40;
    *whole = x * log2e + shift;
    nvc_vec n = *whole - shift;
    return x - n * ln2_high - n * ln2_low;
}

/* Multiply by 2^k. */
NVC_INLINE nvc_vec nvc_vec_scale(nvc_vec p, nvc_vec whole)
{
    return (nvc_vec)((nvc_uvec)p + ((nvc_uvec)whole << 52)); /* unsigned: a NaN may wrap */
}

/* e^x for x up to 700; 0 below -700.  Relative error below 3e-16. */
NVC_INLINE nvc_vec nvc_vec_exp(nvc_vec x)
{
    const nvc_vec zero = { 0 };
    nvc_ivec tiny = x < -700.;
    nvc_vec whole, r = nvc_vec_reduce(nvc_vec_select(tiny, zero, x), &whole);
    nvc_vec p = r * (1. / 6227020800) + 1. / 479001600;
    p = p * r + 1. / 39916800;
    p = p * r + 1. / 3628800;
    p = p * r + 1. / 362880;
    p = p * r + 1. / 40320;
    p = p * r + 1. / 5040;
    p = p * r + 1. / 720;
    p = p * r + 1. / 120;
    p = p * r + 1. / 24;
    p = p * r + 1. / 6;
    p = p * r + 0.5;
    p = p * r + 1.;
    p = p * r + 1.;
    return nvc_vec_select(tiny, zero, nvc_vec_scale(p, whole));
}

/* The same for x between -700 and 700, with a relative error below 1e-11. */
NVC_INLINE nvc_vec nvc_vec_exp_quick(nvc_vec x)
{
    nvc_vec whole, r = nvc_vec_reduce(x, &whole), p = r * (1. / 362880) + 1. / 40320;
    p = p * r + 1. / 5040;
    p = p * r + 1. / 720;
    p = p * r + 1. / 120;
    p = p * r + 1. / 24;
    p = p * r + 1. / 6;
    p = p * r + 0.5;
    p = p * r + 1.;
    p = p * r + 1.;
    return nvc_vec_scale(p, whole);
}

/* Natural logarithm of normal positive numbers; anything else gives some number.  Error below 4e-16 of
 * the larger of 1 and the result. */
NVC_INLINE nvc_vec nvc_vec_log(nvc_vec x)
{
    const uint64_t root_half = 0x3fe6a09e667f3bcd, bias = UINT64_C(1024) << 52;
    const int64_t magic = 0x4338000000000000;
    const double shift = 0x1.8p52, ln2 = 0x1.62e42fefa39efp-1;
    nvc_uvec bits = (nvc_uvec)x;
    /* the exponent that leaves a mantissa between sqrt(1/2) and sqrt(2), by a shift that needs no sign */
    nvc_ivec k = (nvc_ivec)((bits - root_half + bias) >> 52) - 1024;
    nvc_vec mantissa = (nvc_vec)(bits - ((nvc_uvec)k << 52)), exponent = (nvc_vec)(k + magic) - shift;
    nvc_vec f = (mantissa - 1.) / (mantissa + 1.), s = f * f;
    nvc_vec p = s * (2. / 21) + 2. / 19;
    p = p * s + 2. / 17;
    p = p * s + 2. / 15;
    p = p * s + 2. / 13;
    p = p * s + 2. / 11;
    p = p * s + 2. / 9;
    p = p * s + 2. / 7;
    p = p * s + 2. / 5;
    p = p * s + 2. / 3;
    return exponent * ln2 + (p * s * f + 2. * f);
}

#endif
