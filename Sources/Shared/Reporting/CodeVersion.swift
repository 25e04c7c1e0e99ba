// SPDX-License-Identifier: Apache-2.0

/// The version that both executables carry, that manifests and tracker rows name, and that a hello tells.
package let codeVersion = "0.1.0"
