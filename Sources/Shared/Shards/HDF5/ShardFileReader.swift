// SPDX-License-Identifier: Apache-2.0

import CHDF5

/// Finds where in a shard's file each dataset lies. The file was hashed before it comes here, and still nothing that
/// libhdf5 says is believed until it was held against the manifest and the file's size.
enum ShardFileReader {
  /// Byte offset of each dataset, in the layout's order.
  static func locate(_ layout: ShardLayout, in file: MappedFile) throws(ShardError) -> [Int] {
    try HDF5Library.call { () throws(ShardError) in
      // By descriptor: the name may stand for another file by now.
      let handle = try HDF5Library.check(
        H5Fopen("/proc/self/fd/\(file.descriptor)", chdf5_acc_rdonly(), chdf5_p_default()), "an HDF5 file",
        path: file.path)
      defer { H5Fclose(handle) }
      var offsets: [Int] = []
      for dataset in layout.datasets { offsets.append(try locate(dataset, of: layout, in: handle, of: file)) }
      return offsets
    }
  }

  private static func locate(
    _ dataset: ShardDataset, of layout: ShardLayout, in handle: hid_t, of file: MappedFile
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
    let shape = layout.shape(of: dataset)
    guard found == shape else { throw fail(.shapeMismatch, "\(shape)", "\(found)") }
    let type = try check(H5Dget_type(data), "a type")
    defer { H5Tclose(type) }
    let isExpectedType = try check(H5Tequal(type, dataset.fileType), "a type that can be compared") > 0
    guard isExpectedType else {
      throw fail(.layoutUnusable, dataset.typeName, "another type")
    }
    let creation = try check(H5Dget_create_plist(data), "its properties")
    defer { H5Pclose(creation) }
    let externalCount = try check(H5Pget_external_count(creation), "a count of external files")
    let offset = H5Dget_offset(data)
    guard H5Pget_layout(creation) == H5D_CONTIGUOUS, externalCount == 0, offset != chdf5_haddr_undef() else {
      throw fail(.layoutUnusable, "one contiguous run of bytes in this file", "another layout")
    }
    return try layout.range(of: dataset, at: Int(exactly: offset) ?? -1, in: file).lowerBound
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
}
