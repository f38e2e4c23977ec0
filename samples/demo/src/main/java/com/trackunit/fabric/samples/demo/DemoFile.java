// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The place where a demo leaves its {@link FabricFile}: {@code target/demo/fabric.json}, and beside
 * a demo that has that one, {@code fabric-2.json} and so on. The file is there exactly while its
 * demo runs, as far as that can be: a demo killed with {@code kill -9} leaves it behind for the
 * next one to replace. Closing is thread-safe.
 */
final class DemoFile implements AutoCloseable {
  private static final int MAX_DEMOS = 64;

  private final Path path;
  private final FileChannel channel;

  private DemoFile(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * Takes the first place that no running demo has.
   *
   * @throws DemoException if there are {@value #MAX_DEMOS} demos already
   */
  static DemoFile claim(Path root) {
    Path folder = root.resolve("target/demo");
    for (int number = 1; number <= MAX_DEMOS; number++) {
      String name = number == 1 ? "fabric" : "fabric-" + number;
      FileChannel lock = tryLock(folder.resolve(name + ".lock"));
      if (lock != null) {
        return new DemoFile(folder.resolve(name + ".json"), lock);
      }
    }
    throw new DemoException(MAX_DEMOS + " demos are running in " + folder + "; stop one");
  }

  /** The file of the demo that was started first among those running. */
  static Path newest(Path root) {
    return root.resolve("target/demo/fabric.json");
  }

  Path path() {
    return path;
  }

  void write(FabricFile fabric) {
    fabric.write(path);
  }

  /** Removes the file, then lets the place go. Closing twice does nothing. */
  @Override
  public synchronized void close() {
    if (channel.isOpen()) {
      try (channel) {
        Files.deleteIfExists(path);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot remove " + path, e);
      }
    }
  }

  private static @Nullable FileChannel tryLock(Path file) {
    FileChannel channel = null;
    try {
      Files.createDirectories(file.getParent());
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return channel;
      }
      channel.close();
      return null;
    } catch (OverlappingFileLockException e) {
      closeQuietly(channel);
      return null; // another demo of this JVM
    } catch (IOException e) {
      throw new UncheckedIOException("cannot lock " + file, e);
    }
  }

  private static void closeQuietly(@Nullable FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close a lock file", e);
    }
  }
}
