// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The rules of docs/Style.md that a machine can check. Each returns what breaks it, as "path:line: what".
enum HouseRules {
  /// Pure modules and what they may import beside other pure modules.
  static let pureModules: [String: Set<String>] = [
    "Sweeps": [], "Randomness": [], "Hyperparameters": [], "Search": [], "Scheduling": [], "Evaluation": [],
    "Charts": [], "Transfers": [], "LinearModels": [], "Boosters": ["CIntrinsics", "CWideHistograms"],
    "RecurrentNets": ["COpenBLAS", "CWideProducts"],
    "WireProtocol": ["SwiftProtobuf", "FoundationEssentials"],
  ]
  /// The C library of each module that may reach one.
  static let wrappers: [String: String] = [
    "CZeroMQ": "Sockets", "CHDF5": "Shards", "COpenBLAS": "RecurrentNets", "CZlib": "Gzip", "CIntrinsics": "Boosters",
    "CSeparators": "Cohorts", "CWideProducts": "RecurrentNets", "CWideHistograms": "Boosters",
    "GRDB": "Tracking", "Yams": "SweepPlans", "SwiftProtobuf": "WireProtocol",
    "Hummingbird": "Dashboard",
  ]
  /// Where rows of patients may be named.
  static let patientModules: Set<String> = ["Cohorts", "Features", "Interchange", "Synthesis"]

  static func lengths(_ files: [SourceTree.File]) -> [String] {
    files.filter { !$0.isGenerated && $0.lines.count > 401 }.map {
      "\($0.path):1: \($0.lines.count) lines, split by 400"
    }
  }

  static func licences(_ files: [SourceTree.File]) -> [String] {
    files.filter { file in !file.lines.prefix(2).contains("// SPDX-License-Identifier: Apache-2.0") && !file.isGenerated
    }
    .map { "\($0.path):1: the licence line is missing" }
  }

  static func imports(_ files: [SourceTree.File]) -> [String] {
    files.flatMap { file -> [String] in
      guard let module = file.module, !file.isGenerated else { return [] }
      return SourceTree.imports(of: file).compactMap { imported in
        if let owner = wrappers[imported], owner != module {
          return "\(file.path):1: only \(owner) imports \(imported)"
        }
        guard let allowed = pureModules[module] else { return nil }
        let isAllowed =
          pureModules[imported] != nil || allowed.contains(imported) || ["Glibc", "Musl"].contains(imported)
        return isAllowed ? nil : "\(file.path):1: pure module \(module) imports \(imported)"
      }
    }
  }

  /// libc in a pure module is for the functions of math.h alone.
  static func systemCalls(_ files: [SourceTree.File]) -> [String] {
    let banned = [
      "fopen(", "getenv(", "clock_gettime(", "gettimeofday(", "time(nil)", "pthread_", "usleep(", "random()",
      "arc4random",
      "SystemRandomNumberGenerator", "Date()", "ContinuousClock", "SuspendingClock", ".shuffled()", ".randomElement()",
    ]
    return files.filter { $0.module.map { pureModules[$0] != nil } ?? false }.flatMap { file in
      matches(file, banned) { "a pure module has no IO, clock or free randomness: \($0)" }
    }
  }

  static func patientColumns(_ files: [SourceTree.File]) -> [String] {
    let names = ["subject_id", "hadm_id", "icustay_id", "subjectid", "hadmid", "icustayid", "deathtime"]
    return files.filter { $0.module.map { !patientModules.contains($0) } ?? false }.flatMap { file in
      file.lines.enumerated().compactMap { index, line in
        names.first { line.lowercased().contains($0) }.map {
          "\(file.path):\(index + 1): \($0) is named outside \(patientModules.sorted().joined(separator: ", "))"
        }
      }
    }
  }

  /// What a feature may know comes through `FeatureSources`, `IndexTime` and nothing else: no outcome, no identifier, no record.
  static func featureKnowledge(_ files: [SourceTree.File]) -> [String] {
    let doors = ["FeatureSources.swift", "KnownAdmission.swift"]
    let banned = [
      "HospitalRecords", "CohortUnit", ".label", "rowID", "subjectID", "hadmID", "stayID", "deathTime", "deathDay",
      "isMarkedDead", "endsInDeath", "Cohort(",
    ]
    return files.filter { file in
      file.path.contains("Features/Families/") && !doors.contains { file.path.hasSuffix("/" + $0) }
    }.flatMap { matches($0, banned) { "\($0) is for FeatureSources to know" } }
  }

  static func traps(_ files: [SourceTree.File]) -> [String] {
    files.filter { $0.module != nil && !$0.isGenerated }.flatMap { file in
      matches(file, ["try!", "fatalError()", "preconditionFailure()", "as! "]) { "\($0) gives its reader no sentence" }
    }
  }

  /// What turns data into code, or into objects of the data's choosing: ZeroMQ servers that unpickled what they received
  /// were taken over one after the other.
  static func codeFromData(_ files: [SourceTree.File]) -> [String] {
    let banned = [
      "pickle", "marshal.load", "NSKeyedUnarchiver", "NSExpression", "JSContext", "eval(", "popen(", "/bin/sh",
      "dlopen(",
      "yaml.load(", "joblib",
    ]
    return files.filter { !$0.isGenerated }.flatMap { file in
      matches(file, banned) { "data never becomes code: \($0)" }
    }
  }

  static func names(_ files: [SourceTree.File]) -> [String] {
    let banned = ["Utils", "Helpers", "Common", "Misc", "Util", "Helper"]
    return files.compactMap { file in
      let name = file.path.split(separator: "/").last.map { String($0.dropLast(".swift".count)) } ?? ""
      return banned.contains(name) ? "\(file.path):1: the name says nothing" : nil
    }
  }

  /// Functions longer than a screen. Relies on the formatter: a body ends at the first `}` at the depth of its head.
  static func functionLengths(_ files: [SourceTree.File], max: Int = 70) -> [String] {
    files.filter { !$0.isGenerated }.flatMap { file -> [String] in
      file.lines.enumerated().compactMap { start, line in
        let head = line.drop { $0 == " " }
        let words = head.split(separator: " ").prefix(6)
        let isHead = words.contains("func") || head.hasPrefix("init(") || head.hasPrefix("package init(")
        // One on a single line has no `}` of its own below.
        guard isHead, !line.hasSuffix("}") else { return nil }
        let indent = String(repeating: " ", count: line.count - head.count)
        guard let end = file.lines[start...].firstIndex(of: indent + "}"), end - start >= max else { return nil }
        return "\(file.path):\(start + 1): a function of \(end - start + 1) lines"
      }
    }
  }

  static func deadLinks(_ files: [SourceTree.File]) -> [String] {
    files.flatMap { file -> [String] in
      file.lines.enumerated().flatMap { index, line -> [String] in
        links(in: line).compactMap { target in
          let path = target.split(separator: "#", omittingEmptySubsequences: false).first.map(String.init) ?? ""
          guard !path.isEmpty, !path.contains("://"), !path.hasPrefix("mailto:") else { return nil }
          let folder = SourceTree.root.appendingPathComponent(file.path).deletingLastPathComponent()
          let isThere = FileManager.default.fileExists(atPath: folder.appendingPathComponent(path).path)
          return isThere ? nil : "\(file.path):\(index + 1): dead link \(target)"
        }
      }
    }
  }

  /// The targets of `[text](target)`.
  private static func links(in line: String) -> [String] {
    line.components(separatedBy: "](").dropFirst().compactMap { rest in
      rest.firstIndex(of: ")").map { String(rest[..<$0]) }
    }
  }

  private static func matches(
    _ file: SourceTree.File, _ banned: [String], _ message: (String) -> String
  ) -> [String] {
    file.lines.enumerated().compactMap { index, line in
      banned.first { line.contains($0) }.map { "\(file.path):\(index + 1): " + message($0) }
    }
  }
}
