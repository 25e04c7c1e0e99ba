// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Reporting

struct CompletionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "completions", abstract: "Print the script that completes muster's words in a shell.",
    discussion: """
      Examples:
        muster completions bash > ~/.local/share/bash-completion/completions/muster
        muster completions zsh > ~/.zfunc/_muster
        muster completions fish > ~/.config/fish/completions/muster.fish
      """)

  @Argument(help: ArgumentHelp("bash, zsh or fish.", valueName: "shell"))
  var shell: String

  func run() throws {
    guard let shell = CompletionShell(rawValue: shell), ["bash", "zsh", "fish"].contains(shell.rawValue) else {
      throw ValidationError("expected bash, zsh or fish, found \(shell)")
    }
    Console(color: .never).print(Muster.completionScript(for: shell))
  }
}
