/* Text files as bytes that can be trusted: what tables, label lists and timing files have in common.
 *
 * A UTF-8 byte-order mark is dropped and CRLF becomes LF.  Refused with the line: NUL, invalid UTF-8 (so
 * UTF-16 and Latin-1), and lines that end in CR alone. */
#ifndef NVC_IO_PLAIN_H
#define NVC_IO_PLAIN_H

#include "base/status.h"
#include "io/stream.h"

#include <stdbool.h>
#include <stddef.h>

struct nvc_plain {
    char *text;        /* n bytes and a '\0'; the caller's to change in place, released with nvc_plain_release */
    size_t n;
    bool unterminated; /* the last line has no line end: it may have been cut off */
};

/* Everything that is left in `s`, refused beyond `limit` bytes.  NVC_EDATA, or NVC_ESYS from the stream. */
int nvc_plain_read(struct nvc_plain *p, struct nvc_stream *s, size_t limit, struct nvc_error *err) NVC_CHECKED;
/* The same for a path ("-": standard input); messages start with its name. */
int nvc_plain_read_path(struct nvc_plain *p, const char *path, size_t limit, struct nvc_error *err) NVC_CHECKED;
void nvc_plain_release(struct nvc_plain *p);

/* Lines one by one: the next line (its '\n' becomes '\0'; *n is its length), or NULL at the end. */
struct nvc_lines {
    char *at, *end;
    size_t number; /* of the line returned last, from 1 */
};
struct nvc_lines nvc_lines_of(const struct nvc_plain *p);
char *nvc_lines_next(struct nvc_lines *l, size_t *n);

#endif
