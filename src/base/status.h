/* How every fallible function of the library reports.
 *
 * It returns 0 or one of enum nvc_status, which is also the exit status of the commands.  The caller
 * owns a struct nvc_error, never NULL; it is written only on failure and holds one line, outermost
 * context first: "sub-01_bold.nii.gz: volume 81 of 156: file ends early".
 * The library never prints, exits, reads the environment or sets a locale. */
#ifndef NVC_BASE_STATUS_H
#define NVC_BASE_STATUS_H

#define NVC_PRINTF(FMT, ARGS) __attribute__((format(printf, FMT, ARGS)))
#define NVC_CHECKED __attribute__((warn_unused_result))

enum nvc_status {
    NVC_OK = 0,
    NVC_EDATA = 1,  /* something was read and refuses the computation */
    NVC_EUSAGE = 2, /* the request is wrong before any file is read */
    NVC_ESYS = 3,   /* I/O, memory: retrying may help */
    NVC_EBUG = 70   /* an internal check failed */
};

struct nvc_error {
    enum nvc_status status;
    char text[1024]; /* fixed, so that running out of memory can be told */
};

/* Record a failure and return its status: return nvc_fail(err, NVC_EDATA, "..."). */
int nvc_fail(struct nvc_error *err, enum nvc_status status, const char *fmt, ...) NVC_PRINTF(3, 4);

/* Put "context: " before the recorded line and return the recorded status. */
int nvc_fail_in(struct nvc_error *err, const char *fmt, ...) NVC_PRINTF(2, 3);

#endif
