#include "io/bids.h"

#include "base/memory.h"
#include "base/text.h"
#include "io/json.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *nvc_bids_stem(const char *path, struct nvc_error *err)
{
    static const char *const endings[] = { ".nii", ".hdr", ".img", ".tsv", ".csv", ".json" };
    const char *name = base_name(path);
    size_t n = strlen(path), gz = nvc_has_suffix(name, ".gz") ? 3 : 0;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t k = strlen(endings[i]);
        if (strlen(name) > k + gz && !memcmp(path + n - gz - k, endings[i], k))
            return nvc_strndup(path, n - gz - k, err);
    }
    return nvc_strdup(path, err);
}

/* One piece of a name between underscores: an entity that we know, or the suffix (the last, without '-'). */
static int take_piece(struct nvc_bids_name *name, const char *piece, size_t n, bool last, struct nvc_error *err)
{
    static const struct { const char *key; size_t at; size_t skip; } known[] = {
        { "sub-", offsetof(struct nvc_bids_name, participant_id), 0 },
        { "ses-", offsetof(struct nvc_bids_name, session), 4 },
        { "task-", offsetof(struct nvc_bids_name, task), 5 },
        { "run-", offsetof(struct nvc_bids_name, run), 4 },
        { "space-", offsetof(struct nvc_bids_name, space), 6 },
        { "atlas-", offsetof(struct nvc_bids_name, atlas), 6 },
        { "desc-", offsetof(struct nvc_bids_name, desc), 5 },
    };
    char *to = last && !memchr(piece, '-', n) ? name->suffix : NULL;
    for (size_t i = 0; i < sizeof known / sizeof *known && !to; i++)
        if (n > strlen(known[i].key) && nvc_has_prefix(piece, known[i].key)) {
            to = (char *)name + known[i].at;
            piece += known[i].skip;
            n -= known[i].skip;
        }
    if (!to || !n || strcmp(to, "n/a"))
        return 0;
    if (n >= sizeof name->suffix)
        return nvc_fail(err, NVC_EDATA, "BIDS name with a part of %zu characters ('%.40s...'); at most %zu are read",
                        n, piece, sizeof name->suffix - 1);
    memcpy(to, piece, n);
    to[n] = '\0';
    return 0;
}

int nvc_bids_parse(struct nvc_bids_name *name, const char *path, struct nvc_error *err)
{
    *name = (struct nvc_bids_name){ "n/a", "n/a", "n/a", "n/a", "n/a", "n/a", "n/a", "n/a" };
    char *stem = nvc_bids_stem(base_name(path), err);
    int status = stem ? 0 : NVC_ESYS;
    for (const char *piece = stem; piece && !status;) {
        const char *stop = strchr(piece, '_');
        size_t n = stop ? (size_t)(stop - piece) : strlen(piece);
        status = take_piece(name, piece, n, !stop, err);
        piece = stop ? stop + 1 : NULL;
    }
    free(stem);
    return status;
}

int nvc_bids_sidecar(json_t **meta, const char *path, struct nvc_error *err)
{
    struct stat st;
    *meta = NULL;
    char *stem = nvc_bids_stem(path, err);
    char *json = stem ? nvc_sprintf(err, "%s.json", stem) : NULL;
    int status = json ? 0 : NVC_ESYS;
    /* lstat: a dangling link is a sidecar whose content is missing, which is not the same as no sidecar. */
    if (!status && (!lstat(json, &st) || (errno != ENOENT && errno != ENOTDIR && errno != ENAMETOOLONG)))
        status = nvc_json_read(meta, json, err);
    free(json);
    free(stem);
    return status;
}
