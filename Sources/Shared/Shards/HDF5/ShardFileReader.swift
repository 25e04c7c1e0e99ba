// SPDX-License-Identifier: Apache-2.0

import CHDF5

/// Finds where in a shard's file each dataset lies. The file was hashed before it comes here, and still nothing that
/// libhdf5 says is believed until it was held against the manifest and the file's size.
enum ShardFileReader {
  /// Byte offset of each dataset, in the order of `ShardDataset.allCases`.
  static func locate(
    in file: MappedFile, rowCount: Int, columnCount: Int, stepCount: Int, channelCount: Int
  ) throws(ShardError) -> [Int] {
    try HDF5Library.call { () throws(ShardError) in
      // By descriptor: the name may stand for another file by now.
      let handle = try HDF5Library.check(
        H5Fopen("/proc/self/fd/\(file.descriptor)", chdf5_acc_rdonly(), chdf5_p_default()), "an HDF5 file",
        path: file.path)
      defer { H5Fclose(handle) }
      var offsets: [Int] = []
      for dataset in ShardDataset.allCases {
        let shape = dataset.shape(
          rowCount: rowCount, columnCount: columnCount, stepCount: stepCount, channelCount: channelCount)
        offsets.append(try locate(dataset, shape: shape, in: handle, of: file))
      }
      return offsets
    }
  }

  private static func locate(
    _ dataset: ShardDataset, shape: [Int], in handle: hid_t, of file: MappedFile
  ) throws(ShardError) -> Int {
    func check<Number: BinaryInteger>(_ number: Number, _ doing: String) throws(ShardError) -> Number {
      try HDF5Library.check(number, doing, path: file.path, dataset: dataset.rawValue)
    }
    func fail(_ code: ShardError.Code, _ expected: String, _ found: String) -> ShardError {
      ShardError(
        code, path: file.path, subject: dataset.rawValue, expected: expected, found: found,
        advice: ShardError.prepareAgain)
    }
    let data = try check(H5Dopen2(handle, dataset.rawValue, chdf5_p_default()), "the dataset")
    defer { H5Dclose(data) }
    let found = try self.shape(of: data, check: check)
    guard found == shape else { throw fail(.shapeMismatch, "\(shape)", "\(found)") }
    let type = try check(H5Dget_type(data), "a type")
    defer { H5Tclose(type) }
    let isExpectedType = try check(H5Tequal(type, dataset.fileType), "a type that can be compared") > 0
    guard isExpectedType else {
      throw fail(
        .layoutUnusable, dataset.elementByteCount == 4 ? "little-endian float32" : "little-endian int64", "another type"
      )
    }
    let creation = try check(H5Dget_create_plist(data), "its properties")
    defer { H5Pclose(creation) }
    let externalCount = try check(H5Pget_external_count(creation), "a count of external files")
    let offset = H5Dget_offset(data)
    guard H5Pget_layout(creation) == H5D_CONTIGUOUS, externalCount == 0, offset != chdf5_haddr_undef() else {
      throw fail(.layoutUnusable, "one contiguous run of bytes in this file", "another layout")
    }
    let byteCount = try self.byteCount(shape, of: dataset, fail: fail)
    guard let start = Int(exactly: offset), start <= file.byteCount, byteCount <= file.byteCount - start else {
      throw fail(.sizeMismatch, "\(byteCount) bytes inside the file", "a run that ends behind it")
    }
    guard start % MemoryLayout<Float>.alignment == 0 else {
      throw fail(.layoutUnusable, "an offset that is a multiple of 4", "\(start)")
    }
    return start
  }

  private static func shape(
    of data: hid_t, check: (Int64, String) throws(ShardError) -> Int64
  ) throws(ShardError) -> [Int] {
    let space = try check(H5Dget_space(data), "a shape")
    defer { H5Sclose(space) }
    let rank = Int(try check(Int64(H5Sget_simple_extent_ndims(space)), "a number of dimensions"))
    var lengths = [hsize_t](repeating: 0, count: max(rank, 1))
    _ = try check(Int64(H5Sget_simple_extent_dims(space, &lengths, nil)), "its lengths")
    return lengths.prefix(rank).map { Int(clamping: $0) }
  }

  private static func byteCount(
    _ shape: [Int], of dataset: ShardDataset, fail: (ShardError.Code, String, String) -> ShardError
  ) throws(ShardError) -> Int {
    var count = dataset.elementByteCount
    for length in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      guard !overflow else { throw fail(.sizeMismatch, "a size that can be addressed", "\(shape)") }
      count = product
    }
    return count
  }
}
