// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]

// Numeric kernels are built for the project's floor, x86-64-v3 (every server CPU since about 2015); the worker
// checks the machine at start. arm64 needs no flag: NEON and FMA are its baseline.
#if arch(x86_64)
  let vectorised: [SwiftSetting] = [
    .unsafeFlags(["-Xcc", "-march=x86-64-v3", "-Ounchecked"], .when(configuration: .release))
  ]
#else
  let vectorised: [SwiftSetting] = [.unsafeFlags(["-Ounchecked"], .when(configuration: .release))]
#endif

func module(
  _ name: String, _ dependencies: [Target.Dependency] = [], settings: [SwiftSetting] = [], exclude: [String] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/Shared/\(name)", exclude: exclude,
    swiftSettings: strict + settings)
}

func library(_ name: String, pkgConfig: String? = nil, apt: String) -> Target {
  .systemLibrary(name: name, path: "Sources/Shared/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, path: "Tests/\(name)", exclude: exclude, swiftSettings: strict)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
// Hummingbird's own, named for their types.
let http: [Target.Dependency] = [
  hummingbird, .product(name: "HummingbirdCore", package: "hummingbird"),
  .product(name: "HTTPTypes", package: "swift-http-types"),
  .product(name: "NIOCore", package: "swift-nio"),
]

let package = Package(
  name: "muster",
  products: [
    .executable(name: "muster", targets: ["Coordinator"]),
    .executable(name: "muster-worker", targets: ["Worker"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
  ],
  targets: [
    // C libraries, each behind exactly one Swift module.
    library("CZeroMQ", apt: "libzmq3-dev"),
    library("CHDF5", pkgConfig: "hdf5-serial", apt: "libhdf5-dev"),
    library("COpenBLAS", pkgConfig: "openblas", apt: "libopenblas-dev"),
    library("CZlib", apt: "zlib1g-dev"),
    .systemLibrary(name: "CIntrinsics", path: "Sources/Shared/CIntrinsics"),
    .systemLibrary(name: "CWideProducts", path: "Sources/Shared/CWideProducts"),
    .systemLibrary(name: "CWideHistograms", path: "Sources/Shared/CWideHistograms"),
    .systemLibrary(name: "CSeparators", path: "Sources/Shared/CSeparators"),

    // Pure modules: values and decisions, no IO. Tests/TidyTests checks their imports.
    module("Hyperparameters"),
    module("Randomness"),
    module("Sweeps", ["Hyperparameters"]),
    module("Search", ["Sweeps", "Hyperparameters", "Randomness"]),
    module("Scheduling", ["Sweeps", "Hyperparameters"]),
    module("Evaluation", ["Sweeps", "Hyperparameters", "Randomness"]),
    module("Boosters", ["Hyperparameters", "Randomness", "CIntrinsics", "CWideHistograms"], settings: vectorised),
    module("LinearModels", ["Hyperparameters"], settings: vectorised),
    module("RecurrentNets", ["Hyperparameters", "Randomness", "CWideProducts", "COpenBLAS"], settings: vectorised),
    module("WireProtocol", ["Sweeps", "Hyperparameters", protobuf], exclude: ["Messages/muster.proto"]),
    module("Charts"),
    module("Transfers", ["Sweeps"]),

    // Shells: one kind of IO each.
    module("Sockets", ["CZeroMQ"]),
    module("Access", ["Sockets", "Sweeps"]),
    module("Gzip", ["CZlib"]),
    module("Contents", ["Sweeps", crypto]),
    module("Shards", ["Sweeps", "CHDF5", crypto]),
    module("Tracking", ["Sweeps", "Hyperparameters", grdb, grdbSQLite, crypto]),
    module("SweepPlans", ["Sweeps", "Search", "Hyperparameters", yams, crypto]),
    module("Reporting"),
    .target(
      name: "Dashboard", dependencies: ["Charts", "Tracking", "Search", "Randomness", "Reporting", logging] + http,
      path: "Sources/Shared/Dashboard",
      resources: [.embedInCode("Assets/dashboard.css"), .embedInCode("Assets/dashboard.js")], swiftSettings: strict),
    .target(
      name: "Launching", path: "Sources/Shared/Launching",
      resources: [.embedInCode("Slurm/worker.sbatch"), .embedInCode("Kubernetes/worker.yaml")], swiftSettings: strict),
    module("Downloads", [crypto]),
    module("Cohorts", ["Gzip", "CSeparators"]),
    module("Parquet", ["Gzip"]),
    module("Interchange", ["Cohorts", "Gzip", "Parquet"]),
    module("Features", ["Cohorts", "Shards", "Sweeps"]),
    module("Synthesis", ["Cohorts", "Gzip", "Randomness"]),
    module(
      "Models", ["Sweeps", "Hyperparameters", "Boosters", "RecurrentNets", "LinearModels", "Shards", crypto]),
    module(
      "Training",
      [
        "Sweeps", "Hyperparameters", "Randomness", "Boosters", "RecurrentNets", "LinearModels", "Models", "Shards",
        "Evaluation", crypto,
      ]),

    // The two mains: argument parsing, wiring, and the shells around the pure cores.
    .executableTarget(
      name: "Coordinator",
      dependencies: [
        "Sweeps", "Hyperparameters", "SweepPlans", "Search", "Scheduling", "WireProtocol", "Sockets", "Access",
        "Tracking", "Launching", "Reporting", "Randomness", "Dashboard", "Transfers", "Contents", "Parquet",
        argumentParser,
      ],
      path: "Sources/Coordinator", swiftSettings: strict),
    .executableTarget(
      name: "Worker",
      dependencies: [
        "Sweeps", "Hyperparameters", "Scheduling", "WireProtocol", "Sockets", "Access", "Training", "Models", "Shards",
        "Cohorts", "Features", "Interchange", "Synthesis", "Downloads", "Reporting", "Transfers", "Contents",
        argumentParser,
        logging,
      ],
      path: "Sources/Worker", swiftSettings: strict),

    .target(
      name: "SimulationKit", dependencies: ["Sweeps", "Hyperparameters", "Scheduling", "Randomness"],
      path: "Tests/SimulationKit", swiftSettings: strict),
    .executableTarget(
      name: "BoosterBench", dependencies: ["Boosters", "Hyperparameters"], path: "Tests/BoosterBench",
      swiftSettings: strict),
    .target(
      name: "InstallationKit", dependencies: ["Tracking"], path: "Tests/InstallationKit", swiftSettings: strict),
    tests("SweepsTests", ["Sweeps", "Hyperparameters"]),
    tests("RandomnessTests", ["Randomness"]),
    tests("ReportingTests", ["Reporting"]),
    tests("LaunchingTests", ["Launching"]),
    tests("HyperparametersTests", ["Hyperparameters"]),
    tests(
      "SearchTests", ["Search", "Sweeps", "Hyperparameters", "Randomness"], exclude: ["Peers", "Tables"]),
    tests(
      "SchedulingTests", ["Scheduling", "Sweeps", "Hyperparameters", "SimulationKit", "Randomness"],
      exclude: ["Transcripts"]),
    tests("WireProtocolTests", ["WireProtocol", "Sweeps", "Hyperparameters", "Randomness"]),
    tests("TransfersTests", ["Transfers", "Sweeps", "Randomness"]),
    tests("ContentsTests", ["Contents", "Sweeps"]),
    tests("EvaluationTests", ["Evaluation", "Sweeps", "Hyperparameters", "Randomness"]),
    tests("BoostersTests", ["Boosters", "Hyperparameters", "Randomness"], exclude: ["Peers"]),
    tests("LinearModelsTests", ["LinearModels", "Hyperparameters", "Randomness"]),
    tests("RecurrentNetsTests", ["RecurrentNets", "Hyperparameters", "Randomness"]),
    tests("SocketsTests", ["Sockets", "Access", "Sweeps"]),
    tests("GzipTests", ["Gzip"]),
    tests("DownloadsTests", ["Downloads", crypto]),
    tests("ShardsTests", ["Shards", "Sweeps", "PeerKit"]),
    .target(name: "PeerKit", path: "Tests/PeerKit", swiftSettings: strict),
    .target(name: "TrackerKit", dependencies: ["Tracking", grdb], path: "Tests/TrackerKit", swiftSettings: strict),
    tests("TrackingTests", ["Tracking", "Sweeps", "Hyperparameters", "TrackerKit", grdb], exclude: ["Schemas"]),
    tests("ChartsTests", ["Charts"]),
    tests("DashboardTests", ["Dashboard", "Charts", "Tracking", "TrackerKit", "PeerKit"], exclude: ["Browser"]),
    tests("SweepPlansTests", ["SweepPlans", "Sweeps", "Search", "Hyperparameters"]),
    tests("CohortsTests", ["Cohorts", "Gzip"]),
    tests("ParquetTests", ["Parquet", "PeerKit"], exclude: ["Peers"]),
    tests("InterchangeTests", ["Interchange", "Features", "Shards", "Sweeps", "PeerKit"], exclude: ["Peers"]),
    tests("FeaturesTests", ["Features", "Cohorts", "Shards", "Sweeps"]),
    tests("SynthesisTests", ["Synthesis", "Cohorts", "Randomness"]),
    tests(
      "TrainingTests",
      ["Training", "Sweeps", "Hyperparameters", "Randomness", "Shards", "Evaluation", "Boosters", "LinearModels"]),
    tests(
      "ModelsTests",
      [
        "Models", "Training", "Sweeps", "Hyperparameters", "Randomness", "Shards", "Boosters", "RecurrentNets",
        "LinearModels", "PeerKit",
      ],
      exclude: ["Peers"]),
    tests("TidyTests", []),
    tests(
      "CoordinatorTests",
      [
        "Coordinator", "TrackerKit", "PeerKit", "Access", "Dashboard", "Hyperparameters", "Parquet", "Reporting",
        "Scheduling",
        "Search",
        "Sockets",
        "Sweeps",
        "Tracking",
        "WireProtocol",
      ], exclude: ["Peers"]),
    .target(
      name: "FuzzTargets", dependencies: ["Sweeps", "Hyperparameters", "Scheduling", "WireProtocol"],
      path: "Tests/FuzzTargets", swiftSettings: strict),
    tests("FuzzTargetsTests", ["FuzzTargets", "Randomness"]),
    tests("EndToEndTests", ["InstallationKit", "Tracking"]),
    tests(
      "HostileTests", ["InstallationKit", "Tracking", "Sockets", "Access", "WireProtocol", "Sweeps", "Reporting"]),
    tests(
      "ReliabilityTests",
      ["InstallationKit", "Tracking", "Sweeps", "WireProtocol", "Sockets", "Access", "Shards", "Reporting"],
      exclude: ["Shims", "Slurm/Private"]),
  ],
  swiftLanguageModes: [.v6]
)

// `make fuzz`: libFuzzer brings its own main, so these exist only where it is asked for.
if Context.environment["MUSTER_FUZZ"] != nil {
  for name in ["Frames", "Sessions"] {
    package.products.append(.executable(name: "Fuzz\(name)", targets: ["Fuzz\(name)"]))
    package.targets.append(
      .executableTarget(
        name: "Fuzz\(name)", dependencies: ["FuzzTargets"], path: "Tests/Fuzzing/\(name)",
        swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])]))
  }
}
