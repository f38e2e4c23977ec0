// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers.chaos;

import com.trackunit.fabric.core.FabricThreads;
import com.trackunit.fabric.testkit.brokers.Ledger;
import com.trackunit.fabric.testkit.brokers.TestkitException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;

/**
 * What processes that may be killed at any moment have seen, in the order in which they saw it.
 * Several of them append to one file: a line is one write at the file's end, so it is there whole
 * or not at all, and stays when its writer is killed right after.
 */
public final class SightingFile {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

  private SightingFile() {}

  /** Appends sightings; for the process that sees. Thread-safe. */
  public static final class Writer implements AutoCloseable {
    private final FileChannel channel;

    /**
     * Opens the file.
     *
     * @param file is made if it does not exist
     * @throws TestkitException if it cannot be opened
     */
    public Writer(Path file) {
      try {
        channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new TestkitException("open " + file + ": " + e, e);
      }
    }

    /**
     * Appends a sighting; it is in the file on return. Parts hold no tab and no line end.
     *
     * @param id the message's
     * @param key the key it came with
     * @param sequence the sequence it came with
     * @throws TestkitException if it cannot be written
     */
    public void seen(String id, String key, long sequence) {
      byte[] line = (id + "\t" + key + "\t" + sequence + "\n").getBytes(StandardCharsets.UTF_8);
      try {
        int written = channel.write(ByteBuffer.wrap(line));
        if (written != line.length) {
          throw new TestkitException("append a sighting: the disk is full", null);
        }
      } catch (IOException e) {
        throw new TestkitException("append a sighting: " + e, e);
      }
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw new TestkitException("close the sightings: " + e, e);
      }
    }
  }

  /** Reads sightings as they come and tells a ledger; for the process that judges. */
  public static final class Reader implements AutoCloseable {
    private final BufferedReader lines;
    private final Ledger ledger;
    private final Thread thread;
    private final StringBuilder partial = new StringBuilder();
    private volatile boolean closed;

    /**
     * Starts to read, on a thread of its own.
     *
     * @param file is made if it does not exist
     * @param ledger is told
     * @throws TestkitException if the file cannot be opened
     */
    public Reader(Path file, Ledger ledger) {
      try {
        if (Files.notExists(file)) {
          Files.createFile(file);
        }
        this.lines = Files.newBufferedReader(file);
      } catch (IOException e) {
        throw new TestkitException("open " + file + ": " + e, e);
      }
      this.ledger = ledger;
      this.thread = FabricThreads.named("testkit-brokers", "sightings").newThread(this::follow);
      thread.start();
    }

    private void follow() {
      try (lines) {
        while (!closed) {
          int next = lines.read();
          if (next == '\n') {
            tell(List.of(partial.toString().split("\t", -1)));
            partial.setLength(0);
          } else if (next >= 0) {
            partial.append((char) next);
          } else {
            Thread.sleep(LOOK_AGAIN.toMillis());
          }
        }
      } catch (IOException e) {
        throw new TestkitException("read the sightings: " + e, e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void tell(List<String> parts) {
      ledger.seen(parts.get(0), parts.get(1), Long.parseLong(parts.get(2)));
    }

    /** Stops reading; what was not read by then is not told. */
    @Override
    public void close() {
      closed = true;
      thread.interrupt();
    }
  }
}
