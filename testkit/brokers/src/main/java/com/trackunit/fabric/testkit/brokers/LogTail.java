// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The end of a log file, for messages about the program that wrote it. */
final class LogTail {
  private static final int LINES = 30;

  private LogTail() {}

  /** The last lines under a heading with the file's name; says so if there are none. */
  static String of(Path file) {
    String content;
    try {
      // Not readString: a log may hold bytes that are no UTF-8.
      content = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "\n(no log at " + file + ")";
    }
    List<String> lines = content.lines().toList();
    List<String> last = lines.subList(Math.max(0, lines.size() - LINES), lines.size());
    return "\nend of " + file + ":\n" + String.join("\n", last);
  }
}
