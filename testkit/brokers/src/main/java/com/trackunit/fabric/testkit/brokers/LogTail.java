// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** What matters in the log of a program that failed, for the message about it. */
final class LogTail {
  private static final int LINES = 15;

  /** The cause comes first; what a broker prints while it falls is long and says little. */
  private static final Pattern TROUBLE =
      Pattern.compile("error|exception|fatal", Pattern.CASE_INSENSITIVE);

  private LogTail() {}

  /** The first lines that tell of trouble and the last lines; says so if there is no log. */
  static String of(Path file) {
    List<String> lines;
    try {
      // Not readAllLines: a log may hold bytes that are no UTF-8.
      lines = new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      return "\n(no log at " + file + ")";
    }
    int rest = Math.max(0, lines.size() - LINES);
    List<String> trouble =
        lines.subList(0, rest).stream()
            .filter(line -> TROUBLE.matcher(line).find())
            .limit(LINES)
            .toList();
    String end = "\nend of " + file + ":\n" + String.join("\n", lines.subList(rest, lines.size()));
    return trouble.isEmpty()
        ? end
        : "\nfirst errors in " + file + ":\n" + String.join("\n", trouble) + end;
  }
}
