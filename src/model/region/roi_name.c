#include "model/region/roi_name.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct { const char *mark, *side; } suffixes[] = {
    { " - left hemisphere", "L" }, { " - right hemisphere", "R" }, { "-lh", "L" }, { "-rh", "R" }, { "_lh", "L" }, { "_rh", "R" }, { "_left", "L" }, { "_right", "R" },
    { "-left", "L" }, { "-right", "R" }, { " left", "L" }, { " right", "R" }, { "_l", "L" }, { "_r", "R" },
    { "-l", "L" }, { "-r", "R" }, { " l", "L" }, { " r", "R" }, { " (l)", "L" }, { " (r)", "R" },
}, prefixes[] = {
    { "lh.", "L" }, { "rh.", "R" }, { "lh-", "L" }, { "rh-", "R" }, { "lh_", "L" }, { "rh_", "R" },
    { "left-", "L" }, { "right-", "R" }, { "left_", "L" }, { "right_", "R" }, { "left ", "L" }, { "right ", "R" },
    { "l_", "L" }, { "r_", "R" }, { "left", "L" }, { "right", "R" },
}, infixes[] = { { "-lh-", "L" }, { "-rh-", "R" }, { "_lh_", "L" }, { "_rh_", "R" } };
#define COUNT(A) (sizeof(A) / sizeof *(A))

static void keep(char *region, const char *s, size_t n)
{
    if (n > 95)
        n = 95;
    for (size_t i = 0; i < n; i++)
        region[i] = (unsigned char)s[i] <= ' ' || s[i] == 127 ? '_' : s[i];
    region[n] = '\0';
}

/* "Lefthand" is no side, "LeftAmygdala" is: a bare word counts before a capital only. */
static bool prefixed(const char *label, const char *mark)
{
    size_t n = strlen(mark);
    bool bare = mark[n - 1] == 't';
    return !strncasecmp(label, mark, n) && label[n] && (!bare || (label[n] >= 'A' && label[n] <= 'Z'));
}

void nvc_label_side(const char *label, char region[static 96], char side[static 8])
{
    size_t n = strlen(label);
    (void)snprintf(side, 8, "n/a");
    for (size_t i = 0; i < COUNT(suffixes); i++) {
        size_t k = strlen(suffixes[i].mark);
        if (n > k && !strcasecmp(label + n - k, suffixes[i].mark)) {
            (void)snprintf(side, 8, "%s", suffixes[i].side);
            keep(region, label, n - k);
            return;
        }
    }
    for (size_t i = 0; i < COUNT(prefixes); i++)
        if (prefixed(label, prefixes[i].mark)) {
            (void)snprintf(side, 8, "%s", prefixes[i].side);
            keep(region, label + strlen(prefixes[i].mark), strlen(label + strlen(prefixes[i].mark)));
            return;
        }
    keep(region, label, n);
    for (size_t at = 0; at + 4 < n; at++) /* "ctx-lh-precuneus" */
        for (size_t i = 0; i < COUNT(infixes); i++)
            if (!strncasecmp(label + at, infixes[i].mark, 4)) {
                (void)snprintf(side, 8, "%s", infixes[i].side);
                if (at < 95)
                    keep(region + at, label + at + 3, strnlen(label + at + 3, 95 - at));
                return;
            }
}

void nvc_groups_release(struct nvc_groups *g)
{
    for (size_t i = 0; i < g->n; i++)
        free(g->items[i].members);
    free(g->items);
    *g = (struct nvc_groups){ 0 };
}

static bool matches(const struct nvc_part *p, const char *pattern)
{
    char column[128];
    (void)snprintf(column, sizeof column, "%s_%s", p->region, p->side);
    return !strcmp(pattern, p->name) || nvc_glob_match(pattern, p->name) || nvc_glob_match(pattern, p->region) ||
           nvc_glob_match(pattern, column);
}

static bool is_group(const struct nvc_group *g, const char *region, const char *side)
{
    return !strcmp(g->region, region) && !strcmp(g->side, side);
}

/* The group of that region and side, made when it is not there: beside the other side of the region, left first.  NULL
 * when an earlier request (before `from`) asked for it. */
static int group_for(struct nvc_groups *out, size_t from, const char *region, const char *side, struct nvc_group **g,
                     struct nvc_error *err)
{
    size_t place = out->n;
    for (size_t i = 0; i < out->n; i++) {
        if (is_group(&out->items[i], region, side)) {
            *g = i < from ? NULL : &out->items[i];
            return 0;
        }
        if (i >= from && !strcmp(out->items[i].region, region))
            place = i + (strcmp(out->items[i].side, side) < 0);
    }
    struct nvc_group *grown = realloc(out->items, (out->n + 1) * sizeof *grown);
    if (!grown)
        return nvc_fail(err, NVC_ESYS, "out of memory for %zu regions", out->n + 1);
    out->items = grown;
    memmove(grown + place + 1, grown + place, (out->n++ - place) * sizeof *grown);
    *g = &grown[place];
    **g = (struct nvc_group){ 0 };
    (void)snprintf((*g)->region, sizeof (*g)->region, "%s", region);
    (void)snprintf((*g)->side, sizeof (*g)->side, "%s", side);
    return 0;
}

static int group_add(struct nvc_group *g, size_t part, double weight, struct nvc_error *err)
{
    for (size_t i = 0; i < g->n; i++)
        if (g->members[i].part == part)
            return 0;
    struct nvc_member *grown = realloc(g->members, (g->n + 1) * sizeof *grown);
    if (!grown)
        return nvc_fail(err, NVC_ESYS, "out of memory for %zu parts", g->n + 1);
    g->members = grown;
    g->members[g->n++] = (struct nvc_member){ part, weight };
    return 0;
}

static int nothing_matches(const struct nvc_part *parts, size_t n_parts, const char *pattern, struct nvc_error *err)
{
    const char **names = nvc_array(2 * n_parts, sizeof *names, err);
    if (!names)
        return (int)err->status;
    for (size_t i = 0; i < n_parts; i++)
        names[2 * i] = parts[i].name, names[2 * i + 1] = parts[i].region;
    const char *near = nvc_near_miss(pattern, names, 2 * n_parts);
    int status = near ? nvc_fail(err, NVC_EDATA, "no region '%s'; did you mean '%s'?", pattern, near)
                      : nvc_fail(err, NVC_EDATA, "no region '%s' among its %zu labels ('%s' ... '%s')", pattern, n_parts,
                                 n_parts ? parts[0].name : "", n_parts ? parts[n_parts - 1].name : "");
    free(names);
    return status;
}

/* name NULL: each matched region under its own name; else all under `name`, one group a side. */
static int take_pattern(struct nvc_groups *out, size_t from, const struct nvc_part *parts, size_t n_parts,
                        const char *pattern, const char *name, double weight, struct nvc_error *err)
{
    size_t found = 0;
    for (size_t i = 0; i < n_parts; i++) {
        struct nvc_group *g = NULL;
        if (!matches(&parts[i], pattern))
            continue;
        found++;
        int status = group_for(out, from, name ? name : parts[i].region, parts[i].side, &g, err);
        if (!status && g)
            status = group_add(g, i, weight, err);
        if (status)
            return status;
    }
    return found ? 0 : nothing_matches(parts, n_parts, pattern, err);
}

static int take_terms(struct nvc_groups *out, const struct nvc_part *parts, size_t n_parts, const char *name,
                      const char *terms, struct nvc_error *err)
{
    size_t from = out->n;
    int status = 0;
    for (const char *at = terms; !status && at; at = strchr(at, '+') ? strchr(at, '+') + 1 : NULL) {
        size_t n = strcspn(at, "+"), digits = strspn(at, "0123456789.");
        double weight = 1;
        if (digits && at[digits] == '*' && nvc_parse_real(at, digits, &weight))
            at += digits + 1, n -= digits + 1;
        if (!n || !(weight > 0 && weight <= 1))
            return nvc_fail(err, NVC_EUSAGE, "in '%s=%s': want TERM+TERM..., each PATTERN or WEIGHT*PATTERN with 0 < WEIGHT <= 1",
                            name, terms);
        char *pattern = nvc_strndup(at, n, err);
        status = pattern ? take_pattern(out, from, parts, n_parts, pattern, name, weight, err) : (int)err->status;
        free(pattern);
    }
    return status;
}

int nvc_select(struct nvc_groups *out, const struct nvc_part *parts, size_t n_parts, const struct nvc_alias *aliases,
               size_t n_aliases, const char *request, struct nvc_error *err)
{
    const char *equals = strchr(request, '=');
    bool exact = false;
    for (size_t i = 0; i < n_parts; i++)
        exact |= !strcmp(request, parts[i].name) || !strcmp(request, parts[i].region);
    if (!exact && equals) {
        char *name = nvc_strndup(request, (size_t)(equals - request), err);
        int status = !name ? (int)err->status
                   : !*name ? nvc_fail(err, NVC_EUSAGE, "region '%s': want NAME=TERM+TERM", request)
                            : take_terms(out, parts, n_parts, name, equals + 1, err);
        free(name);
        return status;
    }
    /* "BLA" and "BLA_L": an alias, perhaps of one side. */
    for (size_t i = 0; !exact && i < n_aliases; i++) {
        size_t n = strlen(aliases[i].name);
        const char *rest = request + n;
        if (strncmp(request, aliases[i].name, n) != 0 || (*rest && strcmp(rest, "_L") != 0 && strcmp(rest, "_R") != 0))
            continue;
        size_t from = out->n;
        int status = take_terms(out, parts, n_parts, aliases[i].name, aliases[i].terms, err);
        for (size_t g = from; !status && *rest && g < out->n; g++)
            if (strcmp(out->items[g].side, rest + 1) != 0) {
                free(out->items[g].members);
                out->items[g--] = out->items[--out->n];
            }
        return status;
    }
    return take_pattern(out, out->n, parts, n_parts, request, NULL, 1, err);
}
