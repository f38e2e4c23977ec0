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
    Path folder = folder(root);
    for (int number = 1; number <= MAX_DEMOS; number++) {
      FileChannel lock = tryLock(folder.resolve(name(number) + ".lock"));
      if (lock != null) {
        return new DemoFile(folder.resolve(name(number) + ".json"), lock);
      }
    }
    throw new DemoException(MAX_DEMOS + " demos are running in " + folder + "; stop one");
  }

  /**
   * The file of the demo that runs, of several that of the first place.
   *
   * @throws DemoException if none runs
   */
  static Path running(Path root) {
    Path folder = folder(root);
    for (int number = 1; number <= MAX_DEMOS; number++) {
      Path file = folder.resolve(name(number) + ".json");
      if (Files.exists(file) && isLocked(folder.resolve(name(number) + ".lock"))) {
        return file;
      }
    }
    throw new DemoException("no demo is running in " + folder + "; start one with script/demo");
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

  private static Path folder(Path root) {
    return root.resolve("target/demo");
  }

  private static String name(int number) {
    return number == 1 ? "fabric" : "fabric-" + number;
  }

  private static boolean isLocked(Path file) {
    FileChannel lock = tryLock(file);
    closeQuietly(lock);
    return lock == null;
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
