#include "math/random.h"

#include <math.h>
#include <pthread.h>

static uint64_t rotate(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

static uint64_t splitmix(uint64_t *x)
{
    uint64_t z = *x += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Ziggurat of equal areas under exp(-x^2/2): layer i is the strip between x[i + 1] and x[i]. */
enum { LAYERS = 256 };
static const double tail_x = 3.6541528853610084, strip_area = 0.0049286732339746606;
static double edge[LAYERS + 1], height[LAYERS + 1];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_ziggurat(void)
{
    double f = exp(-0.5 * tail_x * tail_x);
    edge[0] = strip_area / f; /* the base strip with its tail, as a rectangle of the same area */
    edge[1] = tail_x;
    edge[LAYERS] = 0;
    for (int i = 2; i < LAYERS; i++) {
        edge[i] = sqrt(-2 * log(strip_area / edge[i - 1] + f));
        f = exp(-0.5 * edge[i] * edge[i]);
    }
    for (int i = 0; i <= LAYERS; i++)
        height[i] = exp(-0.5 * edge[i] * edge[i]);
}

void nvc_rng_init(struct nvc_rng *r, uint64_t seed, uint64_t stream)
{
    uint64_t mix = stream ^ 0x6a09e667f3bcc909u, x = seed ^ splitmix(&mix);
    for (int i = 0; i < 4; i++)
        r->s[i] = splitmix(&x);
    pthread_once(&once, make_ziggurat);
}

uint64_t nvc_rng_next(struct nvc_rng *r)
{
    uint64_t *s = r->s, out = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return out;
}

double nvc_rng_uniform(struct nvc_rng *r)
{
    return ((double)(nvc_rng_next(r) >> 12) + 0.5) * 0x1p-52;
}

uint64_t nvc_rng_below(struct nvc_rng *r, uint64_t n)
{
    uint64_t reject = -n % n, x; /* 2^64 mod n values at the bottom would come once too often */
    do
        x = nvc_rng_next(r);
    while (x < reject);
    return x % n;
}

static double tail(struct nvc_rng *r)
{
    double x, y;
    do {
        x = -log(nvc_rng_uniform(r)) / tail_x;
        y = -log(nvc_rng_uniform(r));
    } while (y + y < x * x);
    return tail_x + x;
}

double nvc_rng_normal(struct nvc_rng *r)
{
    for (;;) {
        uint64_t bits = nvc_rng_next(r);
        size_t i = bits & (LAYERS - 1);
        double sign = bits & LAYERS ? -1 : 1, x = (double)(bits >> 11) * 0x1p-53 * edge[i];
        if (x < edge[i + 1])
            return sign * x;
        if (!i)
            return sign * tail(r);
        if (height[i] + nvc_rng_uniform(r) * (height[i + 1] - height[i]) < exp(-0.5 * x * x))
            return sign * x;
    }
}

double nvc_rng_exponential(struct nvc_rng *r)
{
    return -log(nvc_rng_uniform(r));
}

double nvc_rng_gamma(struct nvc_rng *r, double shape)
{
    if (shape < 1)
        return nvc_rng_gamma(r, shape + 1) * pow(nvc_rng_uniform(r), 1 / shape);
    double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d), x, v;
    do {
        x = nvc_rng_normal(r);
        v = 1 + c * x;
        v *= v * v;
    } while (v <= 0 || log(nvc_rng_uniform(r)) >= 0.5 * x * x + d - d * v + d * log(v));
    return d * v;
}

void nvc_rng_shuffle(struct nvc_rng *r, uint32_t *p, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = (size_t)nvc_rng_below(r, i);
        uint32_t was = p[j];
        p[j] = p[i - 1];
        p[i - 1] = was;
    }
}

void nvc_rng_permutation(struct nvc_rng *r, uint32_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (uint32_t)i;
    nvc_rng_shuffle(r, p, n);
}
