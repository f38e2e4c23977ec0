// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers.chaos;

import com.trackunit.fabric.testkit.brokers.TestkitException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What processes that may be killed at any moment have counted: each life of a process has a file
 * of its own, which is replaced as a whole; the counts of all lives add up.
 */
public final class CountFile {
  private static final String SUFFIX = ".counts";

  private final Path file;

  /**
   * The file of this process.
   *
   * @param folder where all of them are
   */
  public CountFile(Path folder) {
    this.file = folder.resolve(ProcessHandle.current().pid() + SUFFIX);
  }

  /**
   * Replaces what this process has counted.
   *
   * @param counts by name; without tabs and line ends
   * @throws TestkitException if it cannot be written
   */
  public void write(Map<String, Long> counts) {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.writeString(
          fresh,
          counts.entrySet().stream()
              .map(count -> count.getKey() + "\t" + count.getValue() + "\n")
              .collect(Collectors.joining()));
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new TestkitException("write the counts to " + file + ": " + e, e);
    }
  }

  /**
   * Adds up what all processes have counted.
   *
   * @param folder where their files are
   * @param name of the count
   * @return zero if none has counted it
   * @throws TestkitException if they cannot be read
   */
  public static long sum(Path folder, String name) {
    long sum = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
      for (Path file : files) {
        sum +=
            Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(name + "\t"))
                .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1)))
                .sum();
      }
    } catch (IOException e) {
      throw new TestkitException("read the counts in " + folder + ": " + e, e);
    }
    return sum;
  }
}
