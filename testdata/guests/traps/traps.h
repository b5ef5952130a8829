#ifndef TRAPS_H
#define TRAPS_H

#ifdef __cplusplus
extern "C"
#endif
int traps_cplusplus(int n);

#endif
