// SPDX-License-Identifier: Apache-2.0

import CHDF5

/// What PyTables and pandas need to find on each object.
extension HDF5Tree {
  func describe(_ name: String, _ kind: String, version: String) throws(ShardError) {
    try set("CLASS", kind, of: name)
    try set("TITLE", "", of: name)
    try set("VERSION", version, of: name)
  }

  /// A text of fixed width in UTF-8; an empty one is no value, as PyTables has it.
  func set(_ attribute: String, _ value: String, of name: String, isObject: Bool = false) throws(ShardError) {
    let bytes = Array(value.utf8)
    let type = try check(H5Tcopy(chdf5_c_s1()), "a type", name)
    defer { H5Tclose(type) }
    H5Tset_size(type, max(1, bytes.count))
    H5Tset_cset(type, isObject ? H5T_CSET_ASCII : H5T_CSET_UTF8)
    try set(attribute, type, bytes.isEmpty ? H5S_NULL : H5S_SCALAR, of: name) { handle in
      bytes.isEmpty ? 0 : H5Awrite(handle, type, bytes)
    }
  }

  func set(_ attribute: String, _ value: Int64, of name: String) throws(ShardError) {
    var value = value
    try set(attribute, chdf5_std_i64le(), H5S_SCALAR, of: name) { H5Awrite($0, chdf5_native_int64(), &value) }
  }

  /// True for a dataset whose first axis is the frame's rows.
  private func markTransposed(_ name: String) throws(ShardError) {
    var value: UInt8 = 1
    try set("transposed", chdf5_std_u8le(), H5S_SCALAR, of: name) { H5Awrite($0, chdf5_native_uint8(), &value) }
  }

  private func set(
    _ attribute: String, _ type: hid_t, _ shape: H5S_class_t, of name: String, _ write: (hid_t) -> herr_t
  ) throws(ShardError) {
    let space = try check(H5Screate(shape), "a shape", name)
    defer { H5Sclose(space) }
    let handle = try check(
      H5Acreate_by_name(
        file, name, attribute, type, space, chdf5_p_default(), chdf5_p_default(), chdf5_p_default()),
      "the attribute \(attribute)", name)
    defer { H5Aclose(handle) }
    _ = try check(write(handle), "to write the attribute \(attribute)", name)
  }

  /// An array of PyTables, without values yet.
  func create(_ name: String, _ type: hid_t, _ shape: [Int]) throws(ShardError) {
    let space = try check(H5Screate_simple(Int32(shape.count), shape.map { hsize_t($0) }, nil), "a shape", name)
    defer { H5Sclose(space) }
    let handle = try check(
      H5Dcreate2(file, name, type, space, chdf5_p_default(), chdf5_p_default(), chdf5_p_default()), "a dataset", name)
    H5Dclose(handle)
    try describe(name, "ARRAY", version: "2.4")
    try set("FLAVOR", "numpy", of: name)
    try markTransposed(name)
  }

  private func fill(_ name: String, _ type: hid_t, _ values: UnsafeRawPointer) throws(ShardError) {
    let handle = try check(H5Dopen2(file, name, chdf5_p_default()), "a dataset", name)
    defer { H5Dclose(handle) }
    let all = hid_t(H5S_ALL)
    _ = try check(H5Dwrite(handle, type, all, all, chdf5_p_default(), values), "to write it", name)
  }

  /// - Parameter shape: of one axis where it is nil.
  func writeIntegers(_ name: String, _ values: [Int64], shape: [Int]? = nil) throws(ShardError) {
    try create(name, chdf5_std_i64le(), shape ?? [values.count])
    try fill(name, chdf5_native_int64(), values)
  }

  private func writeTexts(_ name: String, _ values: [String], level: String?) throws(ShardError) {
    let width = max(1, values.map(\.utf8.count).max() ?? 1)
    let type = try check(H5Tcopy(chdf5_c_s1()), "a type", name)
    defer { H5Tclose(type) }
    H5Tset_size(type, width)
    H5Tset_strpad(type, H5T_STR_NULLPAD)
    try create(name, type, [values.count])
    let bytes = values.flatMap { Array($0.utf8) + [UInt8](repeating: 0, count: width - $0.utf8.count) }
    try fill(name, type, bytes)
    try set("kind", "string", of: name)
    try set("nan_rep", "", of: name)
    // An index without a name: None, as a Python object.
    if let level { try set("name", level, of: name) } else { try set("name", "N.", of: name, isObject: true) }
  }

  /// Columns: one level plain, several as levels and places.
  func writeNames(_ group: String, _ axis: String, _ levels: [String], _ names: [[String]]) throws(ShardError) {
    guard levels.count > 1 else {
      try set("\(axis)_variety", "regular", of: group)
      return try writeTexts("\(group)/\(axis)", names.map { $0[0] }, level: nil)
    }
    try set("\(axis)_variety", "multi", of: group)
    try set("\(axis)_nlevels", Int64(levels.count), of: group)
    for (place, level) in levels.enumerated() {
      let distinct = Set(names.map { $0[place] }).sorted()
      let codes = Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($1, Int64($0)) })
      try writeTexts("\(group)/\(axis)_level\(place)", distinct, level: level)
      try writeIntegers("\(group)/\(axis)_label\(place)", names.map { codes[$0[place]] ?? 0 })
    }
  }

  func writeRows(_ group: String, _ levels: [(name: String, values: [Int64])]) throws(ShardError) {
    try set("axis1_variety", "multi", of: group)
    try set("axis1_nlevels", Int64(levels.count), of: group)
    for (place, level) in levels.enumerated() {
      let distinct = Set(level.values).sorted()
      let codes = Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($1, Int64($0)) })
      let name = "\(group)/axis1_level\(place)"
      try writeIntegers(name, distinct)
      try set("kind", "integer", of: name)
      try set("name", level.name, of: name)
      try writeIntegers("\(group)/axis1_label\(place)", level.values.map { codes[$0] ?? 0 })
    }
  }

  /// One Python object, as PyTables keeps it.
  func writeObject(_ name: String, _ object: [UInt8]) throws(ShardError) {
    let type = try check(H5Tvlen_create(chdf5_std_u8le()), "a type", name)
    defer { H5Tclose(type) }
    let memory = try check(H5Tvlen_create(chdf5_native_uint8()), "a type", name)
    defer { H5Tclose(memory) }
    let creation = try check(H5Pcreate(chdf5_p_dataset_create()), "a property list", name)
    defer { H5Pclose(creation) }
    _ = try check(H5Pset_chunk(creation, 1, [1]), "chunks", name)
    // Unlimited, for PyTables appends to such arrays.
    let space = try check(H5Screate_simple(1, [1], [hsize_t.max]), "a shape", name)
    defer { H5Sclose(space) }
    let handle = try check(
      H5Dcreate2(file, name, type, space, chdf5_p_default(), creation, chdf5_p_default()), "a dataset", name)
    defer { H5Dclose(handle) }
    var bytes = object
    let status = bytes.withUnsafeMutableBytes { buffer -> herr_t in
      var value = hvl_t(len: buffer.count, p: buffer.baseAddress)
      let all = hid_t(H5S_ALL)
      return H5Dwrite(handle, memory, all, all, chdf5_p_default(), &value)
    }
    _ = try check(status, "to write it", name)
    try describe(name, "VLARRAY", version: "1.4")
    try set("PSEUDOATOM", "object", of: name)
    try markTransposed(name)
  }
}

/// A NumPy array of texts and None as a Python object (protocol 3): what pandas keeps columns of objects as.
///
/// - Source: the opcodes of CPython's serialisation, and numpy's `ndarray.__reduce__`.
func numpyObject(_ values: [String?], rowCount: Int, columnCount: Int) -> [UInt8] {
  var bytes: [UInt8] = [0x80, 3]
  func integer(_ value: Int) -> [UInt8] {
    let value = UInt32(truncatingIfNeeded: value)
    return [UInt8(ascii: "J")] + (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) }
  }
  func text(_ value: String) -> [UInt8] {
    [UInt8(ascii: "X")] + integer(value.utf8.count).dropFirst() + Array(value.utf8)
  }
  let (tuple, build, reduce) = (UInt8(ascii: "t"), UInt8(ascii: "b"), UInt8(ascii: "R"))
  let (mark, none) = (UInt8(ascii: "("), UInt8(ascii: "N"))
  // ndarray.__reduce__: _reconstruct(ndarray, (0,), b"b"), then its state.
  bytes += Array("cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n".utf8)
  bytes += integer(0) + [0x85] + [UInt8(ascii: "C"), 1, UInt8(ascii: "b"), 0x87, reduce]
  bytes += [mark] + integer(1) + integer(rowCount) + integer(columnCount) + [0x86]
  bytes += Array("cnumpy\ndtype\n".utf8) + text("O8") + [0x89, 0x88, 0x87, reduce]
  bytes +=
    [mark] + integer(3) + text("|") + [none, none, none] + integer(-1) + integer(-1) + integer(63) + [tuple, build]
  bytes += [0x89, UInt8(ascii: "]"), mark]
  for value in values { bytes += value.map(text) ?? [none] }
  return bytes + [UInt8(ascii: "e"), tuple, build, UInt8(ascii: ".")]
}
