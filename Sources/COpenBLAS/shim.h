#include <cblas.h>
#include <f77blas.h>

/* OpenBLAS exports it, and declares it nowhere. */
int blas_thread_shutdown_(void) __attribute__((weak));

/* Takes OpenBLAS to one thread for the whole process, and ends those that it started. */
static inline void reglow_end_blas_threads(void) {
    openblas_set_num_threads(1);
    if (blas_thread_shutdown_) blas_thread_shutdown_();
}
