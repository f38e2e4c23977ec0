// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;

/** A guarded process that is run to its end for what it prints. */
final class Command {
  private Command() {}

  /** Runs a command whose output goes to a file in the folder meanwhile, and answers the output. */
  static String run(GuardedProcess.Builder command, Path folder, Duration bound) {
    Path outputFile = null;
    try {
      outputFile = Files.createTempFile(folder, "output-", ".txt");
      try (GuardedProcess process = command.outputFile(outputFile).start()) {
        OptionalInt status = process.waitForExit(bound);
        String output = new String(Files.readAllBytes(outputFile), StandardCharsets.UTF_8);
        if (status.isEmpty() || status.getAsInt() != 0) {
          String ended =
              status.isEmpty()
                  ? "not done within " + bound
                  : "exit status " + status.getAsInt() + ", expected 0";
          throw new TestkitException(
              process.name() + ": " + ended + "; it printed:\n" + output, null);
        }
        return output;
      }
    } catch (IOException e) {
      throw new TestkitException("run a command in " + folder + ": " + e, e);
    } finally {
      if (outputFile != null) {
        Folders.deleteTree(outputFile);
      }
    }
  }
}
