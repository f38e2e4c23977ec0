// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;

/** The programs in the folders of the PATH. */
final class Programs {
  private Programs() {}

  /** Where a program is; if it is nowhere, the error says how to get it. */
  static Path find(String name, String remedy) {
    String folders = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
    for (String folder : folders.split(File.pathSeparator, -1)) {
      Path program = Path.of(folder).resolve(name);
      if (Files.isExecutable(program) && Files.isRegularFile(program)) {
        return program.toAbsolutePath();
      }
    }
    throw new ToolMissingException(name, "it is in no folder of the PATH", remedy, null);
  }
}
