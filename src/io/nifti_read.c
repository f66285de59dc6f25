#include <config.h>
#include "io/nifti_private.h"

#include "base/memory.h"

#include <nifti2_io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_PIECE = 1 << 20, TABLE_MAX = 16 << 20 };

int nvc_buffer_read(struct nvc_buffer *b, struct nvc_stream *s, size_t n, size_t *got, struct nvc_error *err)
{
    int status = 0;
    for (*got = 0; *got < n;) {
        size_t room = n <= b->cap ? n : *got + (*got < FIRST_PIECE ? FIRST_PIECE : *got), more;
        room = room < n ? room : n;
        if ((status = nvc_grow(&b->data, &b->cap, room, 1, err)) ||
            (status = nvc_stream_read(s, b->data + *got, room - *got, &more, err)))
            break;
        *got += more;
        if (*got < room)
            break;
    }
    return status;
}

static int skip(struct nvc_nifti *n, struct nvc_stream *s, uint64_t bytes, bool *ended, struct nvc_error *err)
{
    *ended = false;
    while (bytes && !*ended) {
        size_t got, want = bytes < FIRST_PIECE ? (size_t)bytes : FIRST_PIECE;
        int status = nvc_buffer_read(&n->volume, s, want, &got, err);
        if (status)
            return status;
        bytes -= got;
        *ended = got < want;
    }
    return 0;
}

/* ---- header and extensions ---------------------------------------------------------------------- */

static int read_header(struct nvc_nifti *n, struct nvc_stream *s, struct nvc_error *err)
{
    unsigned char head[NVC_NIFTI2_SIZE];
    bool swap, big;
    size_t got;
    int status = nvc_stream_peek(s, head, sizeof head, &got, err);
    if (status)
        return status;
    size_t size = got >= 4 ? nvc_nifti_header_size(head, &swap, &big) : 0;
    if (!size)
        return nvc_nifti_refuse(head, got, err);
    if (got < size)
        return nvc_fail(err, NVC_EDATA, "the header ends early: %zu of %zu bytes", got, size);
    if ((status = nvc_nifti_fields_decode(&n->fields, head, size, err)))
        return status;
    return nvc_stream_read(s, head, size, &got, err);
}

/* The comment is a region table when it is text that starts as a JSON object; others are somebody's notes. */
static void keep_table(struct nvc_nifti *n, unsigned char *text, size_t len)
{
    while (len && text[len - 1] == '\0')
        len--;
    text[len] = '\0';
    if (!n->header.region_table && text[0] == '{' && strlen((char *)text) == len)
        n->header.region_table = (char *)text;
    else
        free(text);
}

static int read_comment(struct nvc_nifti *n, struct nvc_stream *s, size_t len, bool *ended, struct nvc_error *err)
{
    struct nvc_buffer text = { 0 };
    size_t got = 0;
    int status = nvc_buffer_read(&text, s, len, &got, err);
    if (!status)
        status = nvc_grow(&text.data, &text.cap, got + 1, 1, err);
    *ended = got < len;
    if (status)
        free(text.data);
    else
        keep_table(n, text.data, got);
    return status;
}

/* The extensions in the `left` bytes behind the header.  A malformed one ends the list, as in nifticlib. */
static int read_extensions(struct nvc_nifti *n, struct nvc_stream *s, uint64_t left, struct nvc_error *err)
{
    unsigned char b[8] = { 0 };
    size_t got;
    bool ended = false;
    int status = 0;
    if (left < NVC_NIFTI_EXTENDER || (status = nvc_stream_read(s, b, NVC_NIFTI_EXTENDER, &got, err)))
        return status;
    left -= got;
    ended = got < NVC_NIFTI_EXTENDER;
    for (bool more = !ended && b[0]; more && left >= sizeof b && !ended;) {
        if ((status = nvc_stream_peek(s, b, sizeof b, &got, err)) || got < sizeof b)
            return status;
        uint64_t size = nvc_nifti_bits(b, 4, n->fields.swap), code = nvc_nifti_bits(b + 4, 4, n->fields.swap);
        more = size >= 16 && size % 16 == 0 && size <= left;
        if (!more) {
            status = nvc_text_puts(&n->remarks, "a header extension is damaged; it and those behind it are ignored\n", err);
            break;
        }
        left -= size;
        if ((status = nvc_stream_read(s, b, sizeof b, &got, err)))
            return status;
        if (code == NIFTI_ECODE_COMMENT && size <= TABLE_MAX)
            status = read_comment(n, s, (size_t)size - sizeof b, &ended, err);
        else
            status = skip(n, s, size - sizeof b, &ended, err);
        if (status)
            return status;
    }
    return status ? status : skip(n, s, left, &ended, err);
}

/* ---- pairs -------------------------------------------------------------------------------------- */

static int open_image_of_pair(struct nvc_nifti *n, const char *header, enum nvc_inflater inflater, struct nvc_error *err)
{
    const char *suffix = nvc_has_suffix(header, ".hdr") ? ".hdr" : nvc_has_suffix(header, ".hdr.gz") ? ".hdr.gz" : NULL;
    if (!suffix)
        return nvc_fail(err, NVC_EDATA, "the header says that the voxels are in another file (x.hdr with x.img), but this "
                        "name does not end in .hdr; name the .hdr file");
    int stem = (int)(strlen(header) - strlen(suffix));
    char *plain = nvc_sprintf(err, "%.*s.img", stem, header), *packed = nvc_sprintf(err, "%.*s.img.gz", stem, header);
    int status = plain && packed ? 0 : (int)err->status;
    if (!status && access(plain, F_OK) == 0 && access(packed, F_OK) == 0)
        status = nvc_fail(err, NVC_EDATA, "both %s and %s are there; keep the one that belongs to the header", plain, packed);
    if (!status)
        status = nvc_stream_open(&n->stream, access(plain, F_OK) && access(packed, F_OK) == 0 ? packed : plain, inflater, err);
    free(plain);
    free(packed);
    return status;
}

/* The rest of x.hdr is extensions; then the bytes come from x.img. */
static int read_pair(struct nvc_nifti *n, enum nvc_inflater inflater, struct nvc_error *err)
{
    struct nvc_stream *header = n->stream;
    uint64_t extra;
    bool zero, ended;
    n->stream = NULL;
    int status = read_extensions(n, header, UINT64_MAX, err);
    if (!status)
        status = nvc_stream_drain(header, &extra, &zero, err);
    if (!status)
        status = open_image_of_pair(n, nvc_stream_name(header), inflater, err);
    if (!status)
        status = skip(n, n->stream, n->vox_offset, &ended, err);
    nvc_stream_close(header);
    return status;
}

/* ---- opening ------------------------------------------------------------------------------------ */

/* What the header claims must fit in what the file stores, before anything of that size is done. */
static int check_size(const struct nvc_nifti *n, struct nvc_error *err)
{
    enum { DEFLATE_MOST = 1032 }; /* bytes that one byte of deflate data can stand for */
    const struct nvc_nifti_header *h = &n->header;
    uint64_t stored = nvc_stream_file_size(n->stream), need = n->vox_offset + (uint64_t)n->volume_bytes * h->n_volumes;
    uint64_t most = nvc_stream_is_gzip(n->stream) ? stored * DEFLATE_MOST : stored;
    if (!nvc_stream_is_regular(n->stream) || need <= most)
        return 0;
    return nvc_fail(err, NVC_EDATA, "the header claims %zu x %zu x %zu x %zu voxels of %zu bytes from byte %llu, together %llu "
                    "bytes; the file holds %s%llu: it is truncated or its header is damaged", h->grid.dim[0], h->grid.dim[1],
                    h->grid.dim[2], h->n_volumes, n->voxel_bytes, (unsigned long long)n->vox_offset, (unsigned long long)need,
                    most == stored ? "" : "at most ", (unsigned long long)most);
}

static int open_stream(struct nvc_nifti *n, enum nvc_orientation how, enum nvc_inflater inflater, struct nvc_error *err)
{
    int status = read_header(n, n->stream, err);
    if (status || (status = nvc_nifti_judge(n, how, err)))
        return status;
    uint64_t header = n->fields.version == 2 ? NVC_NIFTI2_SIZE : NVC_NIFTI1_SIZE;
    if (n->fields.pair)
        status = read_pair(n, inflater, err);
    else if (!(status = check_size(n, err)))
        status = read_extensions(n, n->stream, n->vox_offset - header, err);
    if (!status && n->fields.pair)
        status = check_size(n, err);
    return status;
}

int nvc_nifti_open_stream(struct nvc_nifti **out, struct nvc_stream *s, enum nvc_orientation how, enum nvc_inflater inflater,
                          struct nvc_error *err)
{
    struct nvc_nifti *n = nvc_array(1, sizeof *n, err);
    char *name = nvc_strdup(nvc_stream_name(s), err);
    int status = n && name ? 0 : (int)err->status;
    *out = NULL;
    if (n)
        n->stream = s;
    else
        nvc_stream_close(s);
    if (!status && (status = open_stream(n, how, inflater, err)))
        status = nvc_fail_in(err, "%s", name);
    free(name);
    if (status) {
        nvc_nifti_close(n);
        return status;
    }
    if (n->remarks.len)
        n->remarks.data[--n->remarks.len] = '\0';
    *out = n;
    return 0;
}

int nvc_nifti_open(struct nvc_nifti **n, const char *path, enum nvc_orientation how, enum nvc_inflater inflater,
                   struct nvc_error *err)
{
    struct nvc_stream *s;
    int status = nvc_stream_open(&s, path, inflater, err);
    *n = NULL;
    return status ? status : nvc_nifti_open_stream(n, s, how, inflater, err);
}

const struct nvc_nifti_header *nvc_nifti_header(const struct nvc_nifti *n) { return &n->header; }
const char *nvc_nifti_name(const struct nvc_nifti *n) { return nvc_stream_name(n->stream); }
const char *nvc_nifti_remarks(const struct nvc_nifti *n) { return n->remarks.data ? n->remarks.data : ""; }
uint32_t nvc_nifti_crc32(const struct nvc_nifti *n) { return nvc_stream_crc32(n->stream); }
uint64_t nvc_nifti_bytes(const struct nvc_nifti *n) { return nvc_stream_bytes(n->stream); }

void nvc_nifti_close(struct nvc_nifti *n)
{
    if (!n)
        return;
    nvc_ahead_stop(n);
    nvc_stream_close(n->stream);
    nvc_text_release(&n->remarks);
    free(n->header.region_table);
    free(n->volume.data);
    free(n);
}

/* ---- volumes ------------------------------------------------------------------------------------ */

int nvc_nifti_read_volume(struct nvc_nifti *n, size_t v, struct nvc_buffer *b, struct nvc_error *err)
{
    size_t got;
    int status = nvc_buffer_read(b, n->stream, n->volume_bytes, &got, err);
    if (!status && got < n->volume_bytes)
        status = nvc_fail(err, NVC_EDATA, "the voxels end early: %zu of %zu bytes; the file is truncated", got, n->volume_bytes);
    return status ? nvc_fail_in(err, "%s: volume %zu of %zu", nvc_nifti_name(n), v + 1, n->header.n_volumes) : 0;
}

int nvc_nifti_next_raw(struct nvc_nifti *n, const void **bytes, struct nvc_error *err)
{
    const void *unused;
    int status;
    if (n->next >= n->header.n_volumes)
        return nvc_fail(err, NVC_EBUG, "%s: volume %zu of %zu was asked for", nvc_nifti_name(n), n->next + 1, n->header.n_volumes);
    if (n->next == 1)
        nvc_ahead_start(n);
    if (n->ahead) {
        status = nvc_ahead_next(n->ahead, bytes ? bytes : &unused, err);
    } else {
        status = nvc_nifti_read_volume(n, n->next, &n->volume, err);
        if (bytes)
            *bytes = n->volume.data;
    }
    n->next++;
    return status;
}

int nvc_nifti_next(struct nvc_nifti *n, double *out, struct nvc_error *err)
{
    const void *bytes;
    int status = nvc_nifti_next_raw(n, &bytes, err);
    if (!status)
        nvc_nifti_decode(n, bytes, NULL, n->volume_voxels, out);
    return status;
}

int nvc_nifti_finish(struct nvc_nifti *n, const char **warning, struct nvc_error *err)
{
    uint64_t extra;
    bool zero;
    int status = 0;
    while (!status && n->next < n->header.n_volumes)
        status = nvc_nifti_next_raw(n, NULL, err);
    if (status)
        return status;
    nvc_ahead_stop(n);
    if ((status = nvc_stream_drain(n->stream, &extra, &zero, err)))
        return nvc_fail_in(err, "%s", nvc_nifti_name(n));
    n->warning[0] = '\0';
    if (extra && !zero) {
        if (extra % n->volume_bytes == 0)
            return nvc_fail(err, NVC_EDATA, "%s: behind the last volume stand bytes for %llu more: the header claims %zu volumes "
                            "of %zu bytes and is wrong", nvc_nifti_name(n), (unsigned long long)(extra / n->volume_bytes),
                            n->header.n_volumes, n->volume_bytes);
        (void)snprintf(n->warning, sizeof n->warning, "%llu bytes behind the last volume are ignored", (unsigned long long)extra);
    }
    if (warning)
        *warning = n->warning;
    return 0;
}
