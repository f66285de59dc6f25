/* "block:4,1" to a struct nvc_hrf (model/design/hrf.h). */
#include "base/number.h"
#include "model/design/hrf.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

const char nvc_hrf_grammar[] =
    "spm, glover, nilearn or nilearn-glover, each with +derivative or +derivative+dispersion; gamma:ORDER; fir:LENGTH[,STEP] or "
    "tent:LENGTH[,STEP] in seconds (step: the TR); AFNI's gam[:P,Q[,D]], block:D[,PEAK], block5:D[,PEAK], spmg1, spmg2, spmg3";

static const struct spelling {
    const char *name;
    enum nvc_hrf_kind kind;
    int functions;             /* one, until the text says more */
    int least, most;           /* how many numbers follow */
    bool derivatives;          /* may be followed by +derivative */
} spellings[] = {
    { "spm", NVC_HRF_SPM, 1, 0, 0, true },         { "glover", NVC_HRF_GLOVER, 1, 0, 0, true },
    { "nilearn", NVC_HRF_NILEARN, 1, 0, 0, true }, { "nilearn-glover", NVC_HRF_NILEARN_GLOVER, 1, 0, 0, true },
    { "gamma", NVC_HRF_GAMMA, 1, 1, 1, false },    { "fir", NVC_HRF_FIR, 1, 1, 2, false },
    { "tent", NVC_HRF_TENT, 1, 1, 2, false },      { "gam", NVC_HRF_GAM, 1, 0, 3, false },
    { "block", NVC_HRF_BLOCK, 1, 1, 2, false },    { "block4", NVC_HRF_BLOCK, 1, 1, 2, false },
    { "block5", NVC_HRF_BLOCK5, 1, 1, 2, false },  { "spmg", NVC_HRF_SPMG, 1, 0, 1, false },
    { "spmg1", NVC_HRF_SPMG, 1, 0, 1, false },     { "spmg2", NVC_HRF_SPMG, 2, 0, 1, false },
    { "spmg3", NVC_HRF_SPMG, 3, 0, 1, false },
};

static const struct spelling *find(const char *text, size_t n)
{
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++)
        if (strlen(spellings[i].name) == n && !strncasecmp(spellings[i].name, text, n))
            return &spellings[i];
    return NULL;
}

/* ":1,2" or "(1,2)" to v; the number of them, or -1. */
static int read_numbers(const char *text, double v[3])
{
    size_t n = strlen(text);
    int count = 0;
    if (!n)
        return 0;
    if (text[0] == '(' && text[n - 1] == ')')
        n--;
    else if (text[0] != ':')
        return -1;
    for (const char *at = text + 1, *end = text + n; at <= end && count < 3;) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        size_t len = (size_t)((comma ? comma : end) - at);
        if (!nvc_parse_real(at, len, &v[count]))
            return -1;
        count++;
        if (!comma)
            return count;
        at = comma + 1;
    }
    return -1;
}

static int derivatives(const char *text)
{
    return !*text ? 1 : !strcmp(text, "+derivative") ? 2 : !strcmp(text, "+derivative+dispersion") ? 3 : 0;
}

/* The numbers take their places; false when one is out of its range. */
static bool place(struct nvc_hrf *h, const double *v, int n)
{
    switch (h->kind) {
    case NVC_HRF_GAMMA:
        h->n_functions = (int)v[0];
        return v[0] >= 1 && v[0] <= 5 && v[0] == floor(v[0]);
    case NVC_HRF_FIR:
    case NVC_HRF_TENT:
        h->length_s = v[0];
        h->step_s = n > 1 ? v[1] : NAN;
        return v[0] > 0 && v[0] <= 600 && (n < 2 || (v[1] > 0 && v[1] <= v[0]));
    case NVC_HRF_GAM:
        h->a = n ? v[0] : 8.6;
        h->b = n ? v[1] : .547;
        h->d = n > 2 ? v[2] : NAN;
        return n != 1 && h->a > 0 && h->a <= 100 && h->b > 0 && h->b <= 100 && (n < 3 || (h->d >= 0 && h->d <= 600));
    case NVC_HRF_BLOCK:
    case NVC_HRF_BLOCK5:
        h->d = v[0];
        h->a = n > 1 ? v[1] : 0;
        return v[0] > 0 && v[0] <= 600 && h->a >= 0;
    default:
        h->d = n ? v[0] : NAN;
        return !n || (v[0] >= 0 && v[0] <= 600);
    }
}

int nvc_hrf_parse(struct nvc_hrf *hrf, const char *text, struct nvc_error *err)
{
    double v[3] = { 0 };
    size_t word = strcspn(text, ":(+");
    const struct spelling *s = find(text, word);
    *hrf = (struct nvc_hrf){ .length_s = 32, .step_s = NAN, .a = NAN, .b = NAN, .d = NAN };
    if (s) {
        int n = s->derivatives ? 0 : read_numbers(text + word, v);
        hrf->kind = s->kind;
        hrf->n_functions = s->derivatives ? derivatives(text + word) : s->functions;
        if (hrf->n_functions && n >= s->least && n <= s->most && place(hrf, v, n))
            return 0;
    }
    return nvc_fail(err, NVC_EUSAGE, "haemodynamic response '%.60s': want %s", text, nvc_hrf_grammar);
}
