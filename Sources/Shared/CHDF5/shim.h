// SPDX-License-Identifier: Apache-2.0
// HDF5's constants are macros over globals, which Swift does not import; these functions give them.
#pragma once
#include <hdf5.h>
#include <string.h>

static inline hid_t chdf5_native_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t chdf5_ieee_f32le(void) { return H5T_IEEE_F32LE; }
static inline hid_t chdf5_native_int32(void) { return H5T_NATIVE_INT32; }
static inline hid_t chdf5_std_i32le(void) { return H5T_STD_I32LE; }
static inline hid_t chdf5_native_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t chdf5_std_i64le(void) { return H5T_STD_I64LE; }
static inline hid_t chdf5_native_uint8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t chdf5_std_u8le(void) { return H5T_STD_U8LE; }
static inline hid_t chdf5_p_default(void) { return H5P_DEFAULT; }
static inline hid_t chdf5_p_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t chdf5_p_link_create(void) { return H5P_LINK_CREATE; }
static inline unsigned chdf5_acc_rdonly(void) { return H5F_ACC_RDONLY; }
static inline unsigned chdf5_acc_trunc(void) { return H5F_ACC_TRUNC; }
static inline haddr_t chdf5_haddr_undef(void) { return HADDR_UNDEF; }
/// Per thread in a thread-safe build: call it on each thread that uses HDF5.
static inline herr_t chdf5_quiet(void) { return H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

static herr_t chdf5_copy_first(unsigned n, const H5E_error2_t *error, void *buffer) {
  if (n == 0 && error->desc != NULL) { strncpy((char *)buffer, error->desc, 255); }
  return 0;
}
static inline void chdf5_last_error(char buffer[256]) {
  memset(buffer, 0, 256);
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, chdf5_copy_first, buffer);
}
static inline hid_t chdf5_native_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t chdf5_ieee_f64le(void) { return H5T_IEEE_F64LE; }
static inline hid_t chdf5_c_s1(void) { return H5T_C_S1; }
static inline hid_t chdf5_p_file_access(void) { return H5P_FILE_ACCESS; }
