/* SHA-256 (FIPS 180-4), for what must be shown not to have changed. */
#ifndef NVC_BASE_SHA256_H
#define NVC_BASE_SHA256_H

#include <stddef.h>

enum { NVC_SHA256_TEXT = 65 };
/* Lower-case hexadecimal digest of data[0..n), '\0'-terminated. */
void nvc_sha256(const void *data, size_t n, char out[static NVC_SHA256_TEXT]);

#endif
