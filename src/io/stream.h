/* Bytes in: a file, a pipe or standard input, plain or gzip, told apart by the first two bytes.
 * Never more is held than a window; both inflaters (ISA-L, zlib) check CRC-32 and length of every gzip
 * member and notice what follows the last one.  A path is opened exactly as named, never guessed. */
#ifndef NVC_IO_STREAM_H
#define NVC_IO_STREAM_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nvc_stream; /* opaque */

/* Which inflater: the tests ask for each by name. */
enum nvc_inflater { NVC_INFLATE_BEST, NVC_INFLATE_ZLIB, NVC_INFLATE_ISAL };

/* Open `path` ("-": standard input).  A directory, an empty path, a dangling annex link are refused with
 * a message that says what it is.  NVC_ESYS when the system refuses, NVC_EDATA when it is the wrong kind.
 * The caller closes with nvc_stream_close. */
int nvc_stream_open(struct nvc_stream **s, const char *path, enum nvc_inflater how, struct nvc_error *err) NVC_CHECKED;

/* Read exactly n bytes, or fewer only at the end of the data (*got < n). */
int nvc_stream_read(struct nvc_stream *s, void *buf, size_t n, size_t *got, struct nvc_error *err) NVC_CHECKED;

/* Look at up to n (<= 1024) bytes ahead without consuming them. */
int nvc_stream_peek(struct nvc_stream *s, void *buf, size_t n, size_t *got, struct nvc_error *err) NVC_CHECKED;

/* Everything that is left, growing by doubling, refused beyond `limit` bytes (NVC_EDATA).  *data is
 * '\0'-terminated past *n and the caller's to free. */
int nvc_stream_slurp(struct nvc_stream *s, size_t limit, char **data, size_t *n, struct nvc_error *err) NVC_CHECKED;

/* Read to the end, checking every member; *extra counts the bytes, *zero is false when one was not 0. */
int nvc_stream_drain(struct nvc_stream *s, uint64_t *extra, bool *zero, struct nvc_error *err) NVC_CHECKED;

const char *nvc_stream_name(const struct nvc_stream *s); /* the path, or "standard input" */
bool nvc_stream_is_gzip(const struct nvc_stream *s);
bool nvc_stream_is_regular(const struct nvc_stream *s);
uint64_t nvc_stream_file_size(const struct nvc_stream *s); /* stored bytes of a regular file, else 0 */
/* CRC-32 and length of the decoded bytes handed out so far: complete after a drain.  The CRC is that of
 * the gzip trailer when there is one member, computed otherwise. */
uint32_t nvc_stream_crc32(const struct nvc_stream *s);
uint64_t nvc_stream_bytes(const struct nvc_stream *s);
void nvc_stream_close(struct nvc_stream *s);

#endif
