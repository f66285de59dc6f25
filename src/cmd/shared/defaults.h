/* Defaults that more than one command must agree on. */
#ifndef NVC_CMD_DEFAULTS_H
#define NVC_CMD_DEFAULTS_H

/* Confounds of the chain of nvc-run, to which the truth of nvc-simulate refers. */
#define NVC_RUN_CONFOUNDS "24p,acompcor5,scrub:0.5"

#endif
