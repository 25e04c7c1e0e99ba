// SPDX-License-Identifier: Apache-2.0

import CHDF5

/// An HDF5 file of PyTables' kind, open. Its methods are called inside `HDF5Library.call`; whoever opens it closes it.
struct HDF5Tree {
  let file: hid_t
  let path: String

  func check<Number: BinaryInteger>(_ number: Number, _ doing: String, _ name: String) throws(ShardError) -> Number {
    try HDF5Library.check(number, doing, path: path, dataset: name)
  }

  func has(_ name: String) -> Bool { H5Lexists(file, name, chdf5_p_default()) > 0 }

  /// nil where there is none, or it is of another type.
  func text(_ attribute: String, of name: String) -> String? {
    withAttribute(attribute, of: name, Self.text)
  }

  /// nil where there is none, or it is of another type.
  func integer(_ attribute: String, of name: String) -> Int? {
    withAttribute(attribute, of: name, Self.integer)
  }

  /// - Parameter read: of the attribute and its type, both open meanwhile.
  private func withAttribute<Value>(_ attribute: String, of name: String, _ read: (hid_t, hid_t) -> Value?) -> Value? {
    guard H5Aexists_by_name(file, name, attribute, chdf5_p_default()) > 0 else { return nil }
    let handle = H5Aopen_by_name(file, name, attribute, chdf5_p_default(), chdf5_p_default())
    guard handle >= 0 else { return nil }
    defer { H5Aclose(handle) }
    let type = H5Aget_type(handle)
    defer { H5Tclose(type) }
    return read(handle, type)
  }

  private static func text(_ handle: hid_t, _ type: hid_t) -> String? {
    guard H5Tget_class(type) == H5T_STRING, H5Tis_variable_str(type) == 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: H5Tget_size(type) + 1)
    let space = H5Aget_space(handle)
    defer { H5Sclose(space) }
    // PyTables writes an empty text as no value at all.
    guard H5Sget_simple_extent_npoints(space) == 1 else { return "" }
    guard H5Aread(handle, type, &bytes) >= 0 else { return nil }
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  private static func integer(_ handle: hid_t, _ type: hid_t) -> Int? {
    // PyTables keeps a truth value as eight bits, which are no number to libhdf5.
    if H5Tget_class(type) == H5T_BITFIELD, H5Tget_size(type) == 1 {
      var value: UInt8 = 0
      return H5Aread(handle, type, &value) >= 0 ? Int(value) : nil
    }
    var value: Int64 = 0
    return H5Aread(handle, chdf5_native_int64(), &value) >= 0 ? Int(value) : nil
  }

  func shape(_ name: String) throws(ShardError) -> [Int] {
    let handle = try check(H5Dopen2(file, name, chdf5_p_default()), "a dataset", name)
    defer { H5Dclose(handle) }
    let space = try check(H5Dget_space(handle), "a shape", name)
    defer { H5Sclose(space) }
    var lengths = [hsize_t](repeating: 0, count: 8)
    let rank = try check(H5Sget_simple_extent_dims(space, &lengths, nil), "a shape of at most 8 dimensions", name)
    return lengths.prefix(Int(rank)).map { Int($0) }
  }

  /// Whether its elements are integers or floats.
  func isNumeric(_ name: String) throws(ShardError) -> Bool {
    let handle = try check(H5Dopen2(file, name, chdf5_p_default()), "a dataset", name)
    defer { H5Dclose(handle) }
    let type = try check(H5Dget_type(handle), "a type", name)
    defer { H5Tclose(type) }
    return [H5T_INTEGER, H5T_FLOAT].contains(H5Tget_class(type))
  }

  func integers(_ name: String) throws(ShardError) -> [Int64] {
    let count = try shape(name).reduce(1, *)
    guard try isNumeric(name) else { throw notOurs(name, "integers") }
    var values = [Int64](repeating: 0, count: count)
    let handle = try check(H5Dopen2(file, name, chdf5_p_default()), "a dataset", name)
    defer { H5Dclose(handle) }
    let all = hid_t(H5S_ALL)
    _ = try check(H5Dread(handle, chdf5_native_int64(), all, all, chdf5_p_default(), &values), "to read it", name)
    return values
  }

  /// Texts of a fixed width.
  func texts(_ name: String) throws(ShardError) -> [String] {
    let count = try shape(name).reduce(1, *)
    let handle = try check(H5Dopen2(file, name, chdf5_p_default()), "a dataset", name)
    defer { H5Dclose(handle) }
    let type = try check(H5Dget_type(handle), "a type", name)
    defer { H5Tclose(type) }
    guard H5Tget_class(type) == H5T_STRING, H5Tis_variable_str(type) == 0 else { throw notOurs(name, "texts") }
    let width = H5Tget_size(type)
    var bytes = [UInt8](repeating: 0, count: width * count)
    let all = hid_t(H5S_ALL)
    _ = try check(H5Dread(handle, type, all, all, chdf5_p_default(), &bytes), "to read it", name)
    return (0..<count).map { place in
      String(decoding: bytes[(place * width)..<((place + 1) * width)].prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  func notOurs(_ name: String, _ expected: String) -> ShardError {
    ShardError(
      .layoutUnusable, path: path, subject: name, expected: expected, found: "another type",
      advice: "write the frame with pandas' to_hdf in its fixed format")
  }
}
